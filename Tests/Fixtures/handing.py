async def started(a):
    a.extend(1)
    yield
    a.stop()


async def only(a):
    yield


def left(a, b):
    try:
        t = a or b.y
        raise ValueError(b.z)
    except TypeError:
        b(1)
