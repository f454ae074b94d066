"""Variables that are not bound on some way."""


def convert(report, text, kind):
    try:
        result = kind(text)
    except KeyError as error:
        report(error)
    return result


def chosen(flag, make):
    if flag:
        value = make()
    return value


def logged(read, write):
    try:
        data = read()
    except (OSError, ValueError):
        write('nothing')
    write(data)


def reduced(thing, table):
    reduce = table.get(thing)
    if reduce is not None:
        value = reduce(thing)
    else:
        reduce = getattr(thing, '__reduce_ex__', None)
        if reduce is not None:
            value = reduce(4)
        else:
            value = 1
    return value


def shifted(heap, pos, done):
    end = len(heap)
    while pos < end:
        heap[pos] = heap[pos + 1]
        pos = pos + 2
    done(heap)


def taken(make, use):
    with make() as source:
        data = source.read()
    use(data)
