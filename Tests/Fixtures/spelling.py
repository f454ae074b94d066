"""Spellings that compile to the same code and differ in their positions only."""


def choose(a, b):
    return b if a is None else a.real


def guard(a, b):
    if a is None:
        return b
    return a.real


def exact_type(a):
    if type(a) is list:
        return None
    return a[0]


def either(a):
    return a is True or a is ...


def each(a):
    if a is True:
        return True
    return a is ...


def within(a, names):
    if a is None:
        return False
    return a in names


def whole(a, names):
    return a is not None and a in names


def assigned(a):
    if len(a) >= 1:
        first = a.first
    else:
        first = None
    return [first]


def picked(a):
    first = a.first if len(a) > 0 else None
    return [first]


def found(items):
    for item in items:
        if item.flag:
            return True
    return False


def nested(a, b):
    if a:
        if b:
            a.append(b)
    else:
        b.append(a)
    return a


def several(error):
    try:
        return int(error)
    except (TypeError, ValueError):
        return None


def matches(self, nodes, results):
    count = 0
    most = len(nodes)
    while count < most:
        for leaf in self.content:
            if leaf.match(nodes[count], results):
                count += 1
                break
        else:
            break
    return (count, results)
