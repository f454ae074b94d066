"""Declared texts compared with other texts, which Cython 3.3 does in place."""


def unit(name: str, value):
    if name == 'bytes':
        return value
    return value * 8


def width(name: str, value):
    name = name.strip()
    if name == 'wide':
        return value * 2
    return value
