# Displays and comprehensions over what has a name, or stands in several branches.
def pairs(x):
    items = ((s, getattr(x, s)) for s in x.__slots__)
    return [(a, v) for a, v in items if v is not None]


def present(names, x):
    found = set(name[5:] for name in names if name.startswith(x))
    return list(found | {x})


def alone(x, y, z):
    if not y:
        if x.f(z):
            return [y]
    else:
        if x.g(z, y):
            return [y]
    return []


def merged(f, name, given, **kwargs):
    fields = {key: (value, None) for key, value in given.items()}
    return f(name, **kwargs, **fields)


def wanted(table, names):
    kinds = {table['a'], table['b']}
    for name, kind in names:
        if kind in kinds:
            yield name

