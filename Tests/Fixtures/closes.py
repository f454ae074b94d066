"""A module with one finally clause, so that compilers put what takes the exception in that place."""


def close(value, log):
    try:
        log(value)
    finally:
        log(None)
