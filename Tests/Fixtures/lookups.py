"""Calls, lookups with defaults and handlers, which the headers of CPython spell anew with each version."""
import json
from collections import OrderedDict


def chosen(items, limit):
    kept = items.filter(lambda item: item < limit)
    return kept.map(lambda item: item * limit, limit)


def called(make, first, second):
    make()
    make(first.name)
    return make(first, second, make(second), key=first)


def defaulted(value, table):
    name = getattr(value, 'name', None)
    if hasattr(value, 'other'):
        name = value.other
    found = table.get('key', name)
    return OrderedDict(found, name=name)


def popped(table: dict, key, default):
    table.pop('ignored', None)
    return table.pop(key, default)


def caught(text):
    try:
        return json.loads(text)
    except (TypeError, ValueError, OverflowError):
        return None


def raised(text):
    try:
        number = int(text)
    except ValueError as error:
        raise TypeError(f'no number: {text}') from error
    else:
        return number + 1


def guarded(lock, work, text):
    with lock:
        work(text)
        if not work.done:
            return text
    return work.result


def pairs(left, right):
    for first, second in zip(left, right):
        if first is not second:
            return False
    return True


def split(text):
    head, tail = text.split(':')
    return head.strip(), tail.strip()


class Base:
    def __init__(self, *, limit):
        self.limit = limit

    def describe(self, text):
        return f'{self.__class__.__name__}({self.limit}, {text!r})'


class Derived(Base):
    def __init__(self, *, limit, unit):
        super().__init__(limit=limit)
        self.unit = unit

    def describe(self, text):
        return super().describe(text.format(self.unit))
