def entered(a, b):
    with a(b):
        return b


def named(a, b):
    with a(b) as c:
        return c


def tested(x):
    if (yield x):
        print(x)


def indexed(x, y):
    y[(yield x)] = yield


def chosen(a, b):
    a.t -= b.x if a.p > b.p else b.y


def asked(self, other, result):
    if result is None:
        return other
    return not result
