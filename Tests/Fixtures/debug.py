"""Code that stands only where assertions are made."""


def asserted(value):
    assert value.ready
    return value


def announced(value):
    if __debug__ and value.loud:
        value.announce()
    return value


def each(headers):
    if __debug__:
        for name, value in headers:
            assert value, name
    return headers


def twice(value):
    assert value
    assert len(value) > 3, value
    return value
