"""Functions whose tests have several parts in machine code."""


def near(one: float, other: float, *, delta: float = 1e-8) -> bool:
    return abs(one - other) <= delta


def between(value: float, low: float, high: float) -> bool:
    return low <= value < high


def sign(value: float) -> int:
    if value > 0.5:
        return 1
    if value < -0.5:
        return -1
    return 0
