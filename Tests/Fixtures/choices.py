"""Forms that compile to nearly the same code."""


default_format = repr
custom_format = repr


def call_hook(hook, message):
    if not callable(hook):
        raise TypeError('hooks must be callable')
    hook(message)


def unprotected(message):
    try:
        format = custom_format
    except NameError:
        pass
    else:
        if format is not default_format:
            return format(message)
    return default_format(message)


def add_pair(target, key, value):
    target.items.append((key, str(value)))


def clipped(size, chunk):
    if size < 0:
        size = chunk.size - chunk.read
    if size > chunk.size - chunk.read:
        size = chunk.size - chunk.read
    return chunk.take(size)


def first_name(options):
    return options.name if options else None


def first_name_by_statement(options):
    if options:
        return options.name
    return None
