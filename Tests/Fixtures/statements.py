"""Statements of a module's own: targets, handlers and comprehensions are globals there."""
import sys

pairs = [(1, 2), (3, 4)]
for first, second in pairs:
    if first == 1:
        total = second
    else:
        total = 0
for argument in sys.argv:
    last = argument
for number, (left, right) in enumerate(pairs):
    print(number, left, right)
a, b = sys.argv, sys.path
low, high = pairs
squares = {text.encode(): place + 1 for place, text in enumerate(sys.path[1:])}
evens = [pair for pair in pairs if pair[0] % 2 == 0]
try:
    import missing_module
except ImportError as error:
    missing_module = str(error)
del argument


class Only:
    """The only class of its module."""

    limit = 3

    def method(self, value):
        return value * self.limit
