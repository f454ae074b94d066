"""Functions for a compiler that shares code between them, and takes cold parts out."""


def describe(kind, size):
    return f'{kind}[{size}]'


def total(items):
    result = 0
    for item in items:
        result = result + item.count * item.price
    return result


def pick(table, key):
    try:
        return table[key].value
    except KeyError:
        return None


class Box:
    def __init__(self, width, height):
        self.width = width
        self.height = height

    def area(self):
        return self.width * self.height

    def fits(self, other):
        if self.width <= other.width and self.height <= other.height:
            return True
        return self.area() < other.area() and other.spare is None

    def grow(self, by):
        self.width += by
        self.height += by
        return self


def tails(rows):
    return [row[1:-1] for row in rows if row.ready]


def sides(box):
    yield box.left
    yield box.right
    yield box.top
    yield box.bottom
