"""What looks like something else: idioms whose parts compile to other calls."""


class Table(dict):
    def get(self, key, default=None):
        return dict.get(self, key, default)

    def pop(self, key, default=None):
        value = dict.pop(self, key, default)
        return [value]


def kept(names, prefix):
    result = []
    add = result.append
    add(prefix)
    for name in names:
        add(name)
    return result


def kinds(value, table):
    kind = type(value)
    known = table.get(kind)
    if known:
        return known(value)
    return kind.__name__


def same(items, wanted):
    count = 0
    for item in items:
        if item is wanted or item == wanted:
            count += 1
    return count


def highest(a, b, c):
    return max(a, b, c), min(a, b, c)


def written(value, spec):
    return format(value, spec)


def scaled(unit, units):
    def inner(number):
        name = unit
        if name is None:
            for name in units:
                if number >= units[name]:
                    break
        return number, name
    return inner


def first(lines):
    try:
        return next(lines)
    except StopIteration:
        return None


def without(items, first, second):
    known = set(items)
    known.discard(first)
    known.remove(second)
    return known


def both(items, key):
    left = set(items)
    right = set(items)
    left.discard(key)
    right.remove(key)
    return left, right


def alike(a, b):
    if a is b or (a is not None and a == b):
        return 'alike'
    return 'other'


def padded(value, fill, width):
    return format(value, fill + width)
