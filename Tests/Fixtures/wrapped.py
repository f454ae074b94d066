"""Decorators that hand all arguments on."""
import functools


def traced(func):
    @functools.wraps(func)
    def wrapper(*args, **kwargs):
        return func(*args, **kwargs)
    return wrapper


def bound(func, *given):
    def call(*args):
        return func(*given, *args)
    return call


def added(func, first, others):
    return func(*((first,) + others))


def joined(func, first, others):
    return func(*(tuple(first) + others))


def each(funcs, *args):
    for func in funcs:
        yield func(1, *args)


class Switch:
    def call(self, *args, **options):
        return self.target(self, *args, **options)

    def fill(self, item):
        return [item] * 100000


def both(func, first, second):
    for item in (first, second):
        func(item)


def scaled(number, x, y):
    return [number * item for item in (x, y)]
