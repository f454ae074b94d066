"""What compilers write differently for processors with fixed-width instructions and conditional ones."""
import numbers


class Base(numbers.Rational):
    unit = 'mm'

    def __init__(self, width, height=0):
        self.width = width
        self.height = height

    def __repr__(self):
        return f'{self.__class__.__name__}({self.width!r}, h={self.height})'

    def is_flat(self):
        return self.height == 0 and self.width != 0

    def area(self):
        if self.height == 0:
            return self.width
        return self.width * self.height


class Narrow(Base):
    limit = 3

    def fits(self, other):
        if not (self.width <= other.width):
            raise ValueError('too wide')
        return self.height <= other.height


def halves(value):
    return value >> 1, value << 1, value - 1


def checked(value):
    if not isinstance(value, int):
        raise TypeError(f'no number: {value!r}')
    try:
        return {0: 'none'}[value]
    except KeyError:
        raise ValueError(value) from None


def first(items, default=None):
    if items == []:
        raise RuntimeError('Nothing there.')
    return items[0] if items != default else default


def guarded(lock, value, timeout):
    with lock:
        if timeout is None:
            while value() >= lock.limit:
                lock.wait()
        elif timeout < 0:
            raise ValueError("'timeout' must not be negative")
        lock.count += 1
