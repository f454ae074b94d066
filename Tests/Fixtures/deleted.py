"""Names that the end of a handler deletes."""


def chosen(value, wrap):
    try:
        result = value.name
    except AttributeError as error:
        @wrap
        def inner(first, second=value):
            return first, second
        result = inner
    return result
