# What is returned from a body with a clause, or behind it: the same steps but for where the result is counted.
def inside(x):
    try:
        x.f()
        return True
    finally:
        x.g()


def behind(x):
    try:
        x.f()
    finally:
        x.g()
    return True


def parameter_inside(x, v):
    try:
        x.f()
        return v
    finally:
        x.g()


def parameter_behind(x, v):
    try:
        x.f()
    finally:
        x.g()
    return v


def variable_inside(x):
    m = x.m
    try:
        m.f()
        return m
    finally:
        x.g()


def variable_behind(x):
    m = x.m
    try:
        m.f()
    finally:
        x.g()
    return m


def made_inside(x):
    try:
        return x.f()
    finally:
        x.g()


def made_behind(x):
    try:
        m = x.f()
    finally:
        x.g()
    return m


async def awaited(x, v):
    try:
        await v
        return True
    finally:
        x.g()
