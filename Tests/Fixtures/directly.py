def resolve(path, make):
    path = str(path)

    def check(error):
        if error.errno == 40:
            raise RuntimeError(error.filename)

    try:
        found = make(path)
    except OSError as error:
        check(error)
        found = None
    if found is None:
        try:
            make(path, 1)
        except OSError as error:
            check(error)
    return found


def walk(tree):
    def go(node):
        return [go(child) for child in node.children] or node

    return go(tree)
