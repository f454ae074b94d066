"""Definitions, as Cython 3 makes them."""
from collections import OrderedDict as Ordered, deque
from os.path import join
import collections.abc as abc
import os.path
import sys

__all__ = ["Base", "Derived", "kinds", "packed", "seven", "defaults", "only", "star", "unused"]
LIMIT: int = 3


def twice(function):
    return function




class Base:
    """A class with annotations."""
    __slots__ = ("_size", "name")
    kind: str = "base"
    size: int

    def __init__(self, name):
        self.name = name
        self._size = 0

    @property
    def total(self) -> int:
        return self._size

    @total.setter
    def total(self, value):
        self._size = value

    @staticmethod
    def join(left, right="x"):
        return join(left, right)

    @classmethod
    def make(cls, *names):
        return cls(names)


class Derived(Base, abc.Sized):
    limit = LIMIT

    def __init__(self, name, *, size=LIMIT):
        super().__init__(name)
        self.total = size

    def __len__(self):
        return self.total

    class Error(ValueError):
        pass


def kinds(a, b=1, *args, c, d: int = 2, e=LIMIT, **keywords) -> tuple:
    """Every kind of parameter."""
    return (a, b, args, c, d, e, keywords)


def packed(a, b, c):
    return [a, b, c, a, b, c, LIMIT]


def seven(a, b, c):
    return (a, b, c, c, b, a, Ordered)


@twice
def defaults(a=None, b=2.5, c="x", d=(), e=deque):
    return (a, b, c, d, e)


def only(*, first, second=None):
    return (first, second)


def star(*args, **keywords):
    keywords["count"] = args
    return keywords


def unused(a, *args, b=1, **keywords):
    return a

