"""Small functions that ask for what differs between versions of CPython."""
import os

LIMIT = 10


class Shelf:
    """Things in order."""

    def __init__(self, name, things=()):
        self.name = name
        self.things = list(things)

    def add(self, thing):
        self.things.append(thing)
        return self

    def __len__(self):
        return len(self.things)

    def label(self, prefix="", *, mark="-"):
        return prefix + mark + self.name

    def full(self):
        return len(self.things) >= LIMIT


def total(numbers):
    result = 0
    for number in numbers:
        result += number
    return result


def checked(value):
    if value is None:
        raise ValueError("no value", value)
    if value == "":
        raise KeyError(value)
    return str(value)


def joined(folder, *names, **options):
    return os.path.join(folder, *names), sorted(options.items())


def swapped(pair):
    first, second = pair
    return second, first


def counted(words):
    counts = {}
    for word in words:
        counts[word] = counts.get(word, 0) + 1
    return counts


def positive(number):
    assert number > 0, number
    return number
