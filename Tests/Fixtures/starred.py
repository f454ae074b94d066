"""Loops over what a star parameter holds, and keyword-only parameters with defaults."""


class Registry:
    """Names and what they stand for."""

    def __init__(self, storage):
        self.storage = storage

    def remove(self, *names):
        for name in names:
            self.storage.pop(name, None)

    def listed(self, key, *names):
        found = []
        for name in names:
            if key(name):
                found.append(name)
        return found


def written(item, indent=1, width=80, depth=None, *, compact=False, ordered=True, scores=False):
    return Registry(indent).write(item, indent=indent, width=width, depth=depth, compact=compact, ordered=ordered,
                                  scores=scores)
