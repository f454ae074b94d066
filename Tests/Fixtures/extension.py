"""Classes and functions that the .pxd file beside this one turns into C types and C functions."""
import os


class Node:
    """A node of a tree."""

    def __init__(self, name, parent=None):
        self.name = name
        self.parent = parent
        self.children = []
        self.count = 0

    def __repr__(self):
        return '<Node %s>' % self.name

    def __len__(self):
        return len(self.children)

    def __contains__(self, item):
        return item in self.children

    def __call__(self, *args, **kwargs):
        return self.name, args, kwargs

    def add(self, child):
        self.children.append(child)
        child.parent = self
        return child

    def path(self):
        names = [self.name]
        node = self.parent
        while node is not None:
            names.append(node.name)
            node = node.parent
        return names

    def visit(self, visitor):
        result = self.describe()
        visitor(self, result)
        for child in self.children:
            child.visit(visitor)
        return result

    def describe(self, prefix='', suffix=None):
        if suffix is not None:
            return prefix + self.name + suffix
        return prefix + self.name.upper()

    def longer(self):
        return self.describe('<', '>') + self.describe('-') + self.describe()

    def is_root(self):
        return self.parent is None

    def root(self):
        if self.is_root():
            return self
        return self.parent.root()

    def tag(self):
        return os.sep + self.name


class Leaf(Node):
    """A node without children."""

    def __init__(self, name):
        Node.__init__(self, name)

    def describe(self, prefix='', suffix=None):
        if self.parent is None:
            return None
        return join(self.parent.describe(), self.name)


def join(first, second):
    return first + os.sep + second


def make(name):
    leaf = Leaf(name)
    if leaf.name:
        return join(leaf.name, 'x')
    return leaf
