"""One statement that raises with a cause: compilers put the helper in place."""


def number(text, log):
    try:
        return int(text)
    except ValueError as error:
        log(error)
        raise TypeError(text) from error
