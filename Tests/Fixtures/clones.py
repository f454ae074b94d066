"""What clang makes of a class alone: helpers know by themselves what all their calls agree in."""


def copied(value, kinds):
    kind = value.__class__
    if kind in kinds:
        return value
    try:
        if not value and kind in kinds:
            return value.copy()
    except (TypeError, ValueError, RuntimeError):
        return None
    return kinds(value)


class Account:
    """What is left of an amount."""

    owner = "nobody"

    def __init__(self, amount):
        self.amount = amount

    def take(self, amount):
        if amount > self.amount:
            raise ValueError("too much")
        self.amount -= amount
        return self.amount
