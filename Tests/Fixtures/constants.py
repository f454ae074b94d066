"""Every kind of constant that Cython makes while a module is initialised."""


def strings():
    return ["plain", "", "h\xe9llo", "\u20ac uro", "\U0001f600", "nul\0inside", "line\nbreak", "'\"\\"]


def bytes_():
    return [b"bytes", b"", b"\x00\xff\x80", b"a longer piece of bytes that is not a name"]


def integers():
    return [0, 1, -1, 255, 256, 65536, 2147483647, -2147483648, 4294967296, 9223372036854775807,
            -9223372036854775808, 18446744073709551616, 123456789012345678901234567890,
            -98765432109876543210987654321098765432109876543210]


def floats():
    return [0.5, -2.25, 1e100, 1e-300, 3.141592653589793]


def complexes():
    return [2j, 1.5j]


def tuples():
    return [(), (1, "two", 3.0, None, True), ((1, 2), ("a", (b"b",))), (10 ** 20, -1)]


def slices(o):
    return [o[1:], o[:-1], o[::2], o[2:9:3]]


def members(o):
    return o in {"red", "green"}, o in (1, 2, 3)


def signature(a, b, c, d=4, *args, e, f="six", **others):
    local = a
    another = local
    return another


def outer():
    def inner(x):
        return x
    return inner
