"""Declared texts compared with letters and with texts, which Cython 3.3 does in place."""


def comment(text: str, value):
    if text == '#':
        return value
    return value * 2


def price(text: str, value):
    if text == '€':
        return value
    return value * 8


def clef(text: str, value):
    if text == '\U0001d11e':
        return value
    return value * 4


def unit(name: str, value):
    if name == 'bytes':
        return value
    return value * 8
