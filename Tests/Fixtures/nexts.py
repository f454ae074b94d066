"""Iterators that are asked in several places, of which one may be at its end."""


class Tokens:
    """Tokens with one more to come."""

    def __init__(self, current, source):
        self.current = current
        self.source = source

    def look(self):
        old = next(self)
        result = self.current
        self.current = old
        return result

    def skip(self, count):
        for _ in range(count):
            next(self)

    def taken(self, kind):
        if self.current.kind == kind:
            return next(self)
        return None
