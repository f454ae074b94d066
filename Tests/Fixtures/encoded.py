# Calls of CPython's own functions for texts and numbers, and what is computed with C numbers.
def encoded(x):
    return str(x).encode('ascii'), str(x).encode('utf-8'), str(x).encode('latin-1'), str(x).encode()


def replaced(x):
    return str(x).encode('ascii', 'replace')


def based(n):
    return hex(n), oct(n), bin(n)


def logged(x, level):
    if __debug__ and level > 3:
        x.log(level)


def width(x, narrow):
    return max(2 if narrow else 1, x)


def spaced(x):
    return ' ' * ('@' in x)


def truth(write, value):
    write('<boolean>')
    write(value and '1' or '0')


def share(value):
    alpha = float(value)
    if 0 <= alpha <= 1:
        return alpha * 255
    raise ValueError(value)


def first(x):
    value = x.least or 0
    return x.f(value, value)
