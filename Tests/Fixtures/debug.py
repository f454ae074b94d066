"""Code that stands only where assertions are made."""


def asserted(value):
    assert value.ready
    return value


def announced(value):
    if __debug__ and value.loud:
        value.announce()
    return value
