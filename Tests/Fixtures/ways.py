"""Values that several ways through a function share."""


def reported(f, log):
    try:
        return f()
    except ValueError as e:
        err = e
    log(err)
    raise TypeError(str(err))


async def gathered(items, f):
    results = []
    for item in items:
        if f(item):
            value = await f(item)
        else:
            value = await item
        results.append((item, value))
    return results


def cancelled(future, timeout):
    try:
        return future.result(timeout)
    finally:
        future.cancel()


def documented(node, kinds, others):
    if isinstance(node, (kinds.Module, kinds.Class, others.Function)):
        node.seen = True
    return node


def abbreviated(text, words):
    if text in words:
        return text
    found = [word for word in words if word.startswith(text)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise KeyError(text)
    found.sort()
    raise IndexError(text, found)


def flagged(where, colour, shape):
    mask = 0
    if where.find('@') >= 0:
        mask |= colour
    return mask, shape


def breaks(number, place, hits):
    if hits > 1:
        s = 's'
    else:
        s = ''
    return '%-4dbreakpoint at %s, hit %d time%s' % (number, place, hits, s)


def owner(find, key):
    try:
        result = find(key)
    except KeyError:
        result = None
    if result is not None:
        return result[2]


def window(buffer, size, look):
    if size > look:
        buffer.seek(max(0, size - look))
        return buffer.read()
    return min(size, look) + 1


def ordered(first, last):
    if first > last:
        first, last = last, first
    return range(first, last)


def forgotten(value, place):
    if value is None:
        place.set(None)
        place.text = None
    else:
        place.show(value)


def named(kind, token) -> str:
    if kind:
        return token.value
    return describe(token)


def describe(token) -> str:
    return token.text


def told(place, weak: bool = True) -> None:
    place.open()
    if weak:
        place.note(0)
    place.close(weak=weak)


class Table:
    def __init__(self, rows):
        self.__rows = rows

    def __copy__(self):
        kind = type(self)
        copy = kind.__new__(kind)
        copy.__rows = self.__rows[:]
        return copy
