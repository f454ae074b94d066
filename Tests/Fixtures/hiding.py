"""One statement that raises without a context: compilers put the helper in place."""


def number(text):
    try:
        return int(text)
    except ValueError:
        raise TypeError(text) from None
