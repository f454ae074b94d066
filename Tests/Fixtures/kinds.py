def behind_tuples(x, a, shared):
    def inner():
        return shared

    return (a if type(x) is tuple else shared), inner


def in_lists(x, a, shared):
    def inner():
        return shared

    return (shared if type(x) is list else a), inner


def in_tuples(x, a, shared):
    def inner():
        return shared

    return (shared if type(x) is tuple else a), inner


def pairs(items):
    for first, second in items:
        print(first, second)


def single(x):
    (y,) = x
    return y
