def first(value):
    if isinstance(value, tuple):
        head, rest = value
        return head
    else:
        items = iter(value)
        return list(items)


def total(value):
    count = 0
    if type(value) is tuple:
        count, rest = value
    else:
        for item in value:
            count += item
    return count
