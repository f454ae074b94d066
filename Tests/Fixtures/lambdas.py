"""Lambdas, for which Cython makes no code objects before 3.1."""


def ordered(xs):
    return sorted(xs, key=lambda t: t[0])


def chosen(flag):
    if flag:
        compare = lambda first, second: first >= second
    else:
        compare = lambda first, second: first > second
    return compare


class Tables:
    table = {'many': lambda *args: ordered(*args), 'two': lambda x, y: [x, y], 'one': lambda x: x[0]}


def shared(n, k):
    return lambda a, b=n: a + b + k
