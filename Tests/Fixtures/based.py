"""One class with a base, so that compilers put the choice of its metaclass in place."""


class Refused(ValueError):
    """A value that is not taken."""

    reason = 'none'

    def explain(self):
        return [self.reason, self.args]


def refuse(value):
    raise Refused(value)
