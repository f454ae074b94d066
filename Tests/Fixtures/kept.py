"""Loops in bodies of `try` statements change what handlers, and what stands behind them, read."""


def skip(text, position, chars):
    try:
        while text[position] in chars:
            position += 1
    except IndexError:
        pass
    return position


def count(items, key):
    done = 0
    try:
        for item in items:
            key(item)
            done = done + 1
    except ValueError as error:
        raise TypeError(done) from error
    return done


class Reader:
    """What is left of a text."""

    def __init__(self, text, iterator):
        self.text = text
        self.iterator = iterator

    def look(self):
        old = next(self.iterator)
        result = self.text
        self.text = old
        return result
