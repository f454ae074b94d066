def assigned_later(todo, loop):
    handle = None

    def first(f):
        if handle is not None:
            handle.cancel()

    def second(f):
        if not todo and handle is not None:
            handle.cancel()

    def third(f):
        if f and handle is not None:
            handle.cancel()

    def fourth(f):
        if f and todo and todo.x:
            todo.cancel()

    handle = loop.call(1)
    return first, second, third, fourth


def registered(todo):
    def inner(f):
        todo.remove(f)

    for f in todo:
        f.add(inner)
    return inner


def registered_twice(todo, loop):
    def inner(f):
        todo.remove(f)

    def other():
        todo.clear()

    for f in todo:
        f.add(inner)
    if loop:
        loop.add(other)


def plain(items):
    def inner(f):
        return f

    for f in items:
        f.add(inner)


def waits(items):
    def inner(f):
        return f

    while items:
        items.pop().add(inner)
    return inner


def found(items, it):
    found = False
    for ch in items:
        if ch is it:
            assert not found, items
            found = True
    assert found, (items, it)
    return items


def empty(tree):
    tree.features = frozenset()
    return tree


def only(o):
    (name,) = o.args
    return name
