"""Types whose attributes C code knows, and functions that it may call."""


class Shape:
    """Something that has a name."""

    def __init__(self, name):
        self.name = name

    def describe(self, prefix, suffix="."):
        return prefix + "shape" + suffix

    def total(self, items):
        result = 0
        for item in items:
            result += item.size
        return result

    def sides(self):
        return [3, 4, 5]

    def first(self, items, *, default=None):
        try:
            return items[0]
        except IndexError:
            return default


def area(width, height):
    return width * height


def names(shapes):
    return [shape.describe("a ") for shape in shapes]


def places(text, position, name):
    text = "%s at line %s column %s" % (text, position[0], position[1])
    if name:
        text += " of " + name
    return text
