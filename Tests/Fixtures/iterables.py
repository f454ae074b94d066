def listed(b):
    return list(k for k in b.z.values())


def kept(b):
    return set(k for k in b.z.values() if k)


def added(a, b):
    a.x += list(k for k in b.z.values())


def summed(b):
    return sum(k for k in b.z.values())


def joined(b):
    return tuple((k, v) for k, v in b.z.items())


def handed(a, b):
    def inner(c):
        a.add(c, list(b.y for k in b.z.values()))
    return inner
