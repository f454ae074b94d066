# cython: binding=False
"""Functions that stand in the module's table of methods: Cython makes no objects for them."""


def nothing():
    """Takes no arguments."""
    return []


def pair(first, second=2):
    return first * 3, second


def rest(first, *others, key=None, **named):
    if first:
        return others
    return key, named
