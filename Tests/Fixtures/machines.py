"""The same functions for each processor and format."""
import json
from collections import OrderedDict

LIMIT = 100
NEGATIVE = -7
LARGE = 123456789012345678901234567890
RATIO = 0.5
UNITS = ('piece', 'box', 'pallet')


class Item:
    """One kind of goods."""

    unit = 'piece'

    def __init__(self, name, price, count=0):
        self.name = name
        self.price = price
        self.count = count

    def total(self):
        return self.price * self.count

    def take(self, count):
        if count > self.count:
            raise ValueError(f'only {self.count} of {self.name} left')
        self.count -= count
        return self.count


class Stock(OrderedDict):
    def add(self, item, *, replace=False):
        if item.name in self and not replace:
            raise KeyError(item.name)
        self[item.name] = item

    def dump(self):
        return json.dumps({'limit': LIMIT, 'first': self.first(1)})

    def first(self, count):
        return list(self)[:count]


def kind(value):
    if isinstance(value, str):
        return value.upper()
    return str(value)


def between(low, value, high=None):
    return low <= value and (high is None or value < high)
