"""Declared texts and numbers that Cython 3.3 compares and computes with in place."""


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


def bracket(text: str, value):
    if text == '(':
        return value
    if text == ')':
        return value * 2
    return value * 3


def difference(first: int, second: int):
    return first - second


def padding(row, count: int):
    return row + ('',) * (count - len(row))
