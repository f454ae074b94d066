def weeks(self, year, month):
    dates = list(self.iter(year, month))
    return [dates[i:i + 7] for i in range(0, len(dates), 7)]


def head(x, n):
    return list(x)[:n]


def tail(x, n):
    items = list(x)
    return items[n:]


def middle(x, a, b):
    items = sorted(x)
    return items[a:b]


def fixed(x):
    items = list(x)
    return items[1:3], items[:-1]


def pairs(x, i):
    items = tuple(x)
    return items[i:i + 2]


def constant(x):
    items = [y for y in x if y]
    rest = items[1:]
    return rest
