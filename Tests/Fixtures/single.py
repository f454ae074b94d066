"""Steps whose helpers a module uses once: compilers put each in its place."""


def line(name, value):
    return '%-10s: %s' % (name, value)


def merged(first, second):
    return first(1, **second.copy())
