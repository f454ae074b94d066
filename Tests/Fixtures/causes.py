"""Exceptions that are raised from others, and results of try statements, in a module that has few of them."""


class Counter:
    total = 0

    def __init__(self, start):
        self.start = start
        Counter.total += 1


def read(path):
    try:
        return path.read()
    except OSError as error:
        raise RuntimeError(error) from error


def check(path, name):
    try:
        return path.read(name)
    except OSError as error:
        raise RuntimeError(name, error) from error


def fail(cause):
    raise ValueError(cause) from cause


def even(first, second):
    return [(i, a, b) for i, (a, b) in enumerate(zip(first, second)) if i % 2 == 0]


def merge(first, second):
    result = dict(first)
    for key, value in second.items():
        if isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = merge(result[key], value)
        elif isinstance(value, list):
            result.setdefault(key, []).extend(value)
        else:
            result[key] = value
    return result
