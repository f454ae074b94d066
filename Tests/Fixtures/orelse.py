def choose(a, b, table):
    if a or b is None:
        return b
    else:
        return table.get(a, b)


def pick(a, b, c):
    if (a and b is not None) or c:
        return a
    return b


def count(items, limit):
    n = 0
    for item in items:
        if item or n == limit or limit is None:
            n += 1
    return n
