"""A function whose statements could stand in other places."""


def wake(waiters):
    """Wakes the first one."""
    if not waiters:
        return
    try:
        first = next(iter(waiters))
    except StopIteration:
        return

    if not first.done():
        first.set_result(True)
