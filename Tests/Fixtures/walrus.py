"""Assignments inside of tests, told by lines and by columns."""


def document(self, node):
    if docstring := self.get(node):
        self.write(docstring)
    else:
        self.traverse(node)


def shift(nodes, n):
    for child in nodes:
        if 'end' in child.names and (end := getattr(child, 'end', 0)) is not None:
            child.end = end + n
    return nodes


def separate(node):
    value = node.get()
    if value:
        return value.item
    other = node.other()
    if other is None:
        return None
    return other.item
