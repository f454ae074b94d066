"""Coroutines, generators of every kind, and what closures share."""


async def plain(x):
    return x.n


async def both(a):
    return a.f(await a.g(), await a.h(1))


async def steps(a):
    await a.start()
    a.go()
    r = await a.stop()
    return r


async def items(a):
    async for x in a:
        a.show(x)
    return a


async def collected(a):
    return [x async for x in a]


async def pairs(a):
    return {k: v async for k, v in a}


async def waited(xs):
    return [await x for x in xs]


class Task:
    async def run(self, k, *, t=None):
        v = await self.step(k)
        return v, t


def delegates(a):
    r = yield from a
    return r, 1


def squares(n):
    return sum(i * i for i in n if i), sorted(i for i in n), list((i, n) for i in n)


def product(a, b):
    return ((x, y) for x in a for y in b(x))


def passed(a):
    def middle():
        def leaf():
            return a
        return leaf
    return middle


def factorial(n):
    def fact(k):
        if k < 2:
            return 1
        return k * fact(k - 1)
    return fact(n)


def rebound(a):
    v = a(1)

    def read():
        return v
    v = a(2)
    return read
