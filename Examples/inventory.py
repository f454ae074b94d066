"""A small stock list, as an example of what comes back."""
import json
from collections import OrderedDict

LIMIT = 100
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

    @property
    def is_empty(self):
        return self.count == 0

    @staticmethod
    def parse(text):
        name, price = text.split(':')
        return Item(name, float(price))


class Stock(OrderedDict):
    def add(self, item, *, replace=False):
        if item.name in self and not replace:
            raise KeyError(item.name)
        self[item.name] = item

    def value(self):
        result = 0
        for item in self.values():
            if item.is_empty:
                continue
            result += item.total()
        return result

    def names(self, prefix=''):
        return [item.name for item in self.values() if item.name.startswith(prefix)]

    def dump(self):
        return json.dumps({'value': self.value(), 'limit': LIMIT})


def largest(items):
    best = None
    for item in items:
        if best is None or item.total() > best.total():
            best = item
    return best


def describe(item):
    kind = 'empty' if item.is_empty else 'in stock'
    return f'{item.name}: {item.count} {item.unit} ({kind})'
