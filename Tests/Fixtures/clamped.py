def clamped(x, y):
    items = list(x)
    return items[:min(len(y), 100)]


def clamped_text(x: str, y):
    return x[:min(len(y), 100)]


def clamped_start(x, y):
    items = list(x)
    return items[max(len(y), 90):]


def last(x, y):
    items = list(x)
    n = len(items)
    items.append(y)
    return items[:n]
