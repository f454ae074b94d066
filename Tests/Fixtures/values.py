"""Values whose type Cython knows, and operators that it handles in place."""


def order(a, b):
    if a < b:
        return "less"
    if a == b or a >= 10:
        return "equal"
    return a


def compute(a, b, c):
    d = a * b - c
    d += b
    if d != 0:
        return d * (a + c) % b
    return None


def bounds(text):
    return (text[0], text[-1]) == ("(", ")")


def common(haystack, needle):
    n = len(needle) - 1
    while n and not haystack.endswith(needle[:n]):
        n -= 1
    return n


def purge(table):
    stale = [key for key in table if key.startswith("old_")]
    for name in stale:
        del table[name]
    return stale


def either(first, second):
    found = first() or second()
    return found and list(found)


def indented(lines, width):
    result = []
    for line in lines:
        name = line.strip().lower()
        if name in result:
            continue
        if len(line) > width:
            line = line.replace(" ", "").ljust(width, ".")
        result.append(name.join([line, str(width)]))
    return result


def report(items, *rest):
    if not rest:
        return "none"
    if len(rest) > 2:
        return "many"
    for item in rest:
        if item in items:
            return item
    return "none of them"


def add(item, value=None):
    if value is None:
        value = []
    value.append(item)
    return value


def label(name, number):
    return "%s, line %d of 100%%" % (name, number)


def labels(name, number, other):
    return "%s: %d and %d" % (name, number, other)


def bases(kind):
    if isinstance(kind, type):
        return kind.__mro__
    return None


def renamed(table, names):
    result = {}
    for key, value in table.items():
        if key in names:
            result[names[key]] = value
    return result


def merge(first, *others):
    result = first.copy()
    for other in others:
        for key, value in other.items():
            if key in result and isinstance(result[key], dict):
                result[key] = merge(result[key], value)
            else:
                result[key] = value
    return result


def described(item):
    return f"{item.name} <{item.address}>"


def refused(item, reason, detail):
    raise ValueError(f"{item!r} is refused: {reason} ({detail:>10}), {item.count} times")


def shown(values):
    return ", ".join(map(repr, values))


def same(text: str, other):
    if text == other.name:
        return other
    return None


def distinct(values, name):
    if len(set(values)) > 1:
        raise ValueError(f"{name!r} is not one of {', '.join(sorted(values))}")
    return values


def reference(name, prefix, template):
    if prefix:
        found = {"$ref": prefix + name}
    else:
        found = {"$ref": template.format(model=name)}
    return [found, found]


def starred_in_front(items):
    first, *rest, last = items
    *head, tail = rest
    return first, last, head, tail


def looked_up(pairs):
    found = {}
    for key, value in pairs:
        known = found.get(key)
        if known is None:
            found[key] = value
    return found


def merged(make, more):
    return {**make(more), **more}


def asked(value):
    if hasattr(value, "stop"):
        raise ValueError("stop")
    return value.go


def outermost(first):
    def middle(second):
        def inner(third):
            return first, second, third

        inner.first = first
        return inner, first

    return middle
