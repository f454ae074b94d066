# Compilers leave out what inner functions do not read: nothing tells which argument is which then.
def called(x, y):
    total = x.n

    def one(unused, b, c):
        x.f(b)
        return y.g(b, c)

    for z in x:
        total += one(z, y, x)
    return one(1, 2, total)


def defaulted(x, y):
    def inner(a, b=1):
        return a.f(b)

    return inner(x), inner(x, y), inner(y, b=x)
