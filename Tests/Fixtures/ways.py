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
