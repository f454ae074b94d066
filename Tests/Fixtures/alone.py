"""One of each: compilers put Cython's helpers in place."""
from os.path import *
from itertools import chain, repeat

NAMES = ["a", "b"]


class Alone(Exception):
    """The only class."""
    code = 3
