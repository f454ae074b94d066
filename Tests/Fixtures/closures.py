"""Functions in functions, and generators."""


def adder(n):
    def add(x):
        return x + n
    return add


def counter():
    count = 0

    def step(by=1):
        nonlocal count
        count += by
        return count
    return step


def gen(a, b):
    for x in a:
        if x > b:
            yield x
    yield b


def echo(n):
    while n:
        got = yield n
        if got is not None:
            n = got
        else:
            n -= 1
    return n


def words(s):
    return ''.join(word.title() for word in s.split('_'))


def tests(xs, y):
    if any(x == y for x in xs):
        return all(x for x in xs)
    return dict((x, y) for x in xs), set(x for x in xs), tuple(x + y for x in xs)


def plain(xs):
    return sum(x * 2 for x in xs if x), max(len(x) for x in xs)


def outer(a):
    def middle(b):
        def inner(c):
            return a, b, c
        return inner
    return middle


def key(xs, k):
    return sorted(xs, key=lambda x: x[k])


def deleg(xs):
    yield 1
    yield from xs


def first(xs):
    for x in xs:
        if not x:
            return False
    return True


def every(xs):
    return all(x for x in xs)


def nested(xs, ys):
    return all(x == y for x in xs for y in ys), any(x > 1 for x in xs)
