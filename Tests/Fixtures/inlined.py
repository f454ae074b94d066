"""Helpers that a module uses once, and loops in loops."""


def titles(self, parts):
    for part in parts:
        self.add(self.prefix + ''.join([word.title() for word in part]))


def later(self, parts):
    for part in parts:
        yield self.prefix, {word.key: word for word in part}


def known(items):
    seen = set()
    for item in items:
        if item in seen:
            return item
        seen.add(item)
        seen.discard(item.parent)


def number(text):
    return float(text)


def constant(operator, argument, constants):
    value = known
    if operator == later and constants is not None:
        value = constants[argument]
    return value


__all__ = ['titles', 'later', 'known', 'number', 'constant']
