"""What CPython before 3.7 and Cython 0.29 keep in other places than later ones."""


def number(text):
    try:
        return int(text)
    except (TypeError, ValueError):
        raise KeyError(text)


def guarded(table, key):
    try:
        return table[key]
    except KeyError as e:
        raise ValueError(f'no {key}') from e


def nested(items):
    found = []
    for item in items:
        try:
            found.append(item.name)
        except AttributeError:
            found.append(None)
    return found


def closed(stream):
    try:
        return stream.read()
    finally:
        stream.close()


def numbers(limit):
    yield 0
    yield limit


def kept(items, wanted):
    return ', '.join(item for item in items if item in wanted)


def named(thing, name):
    return getattr(thing, name, None)


def frozen(items):
    return frozenset(items)


def private(name):
    return name not in {'__doc__', '__module__', '__slots__'}


def padded(minutes):
    return f'{minutes:02d}:00'


def near(a: float, b: float):
    if abs(a - b) <= 0.5:
        return 'near'
    return 'far'
