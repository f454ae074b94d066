"""Variables that hold nothing but True and False."""


def options(pairs, found):
    inplace = False
    backup = False
    for name, value in pairs:
        if name == '-i':
            inplace = True
        if name == '-b':
            backup = value
    found(inplace=inplace, backup=backup)


def headings(groups, write):
    started = False
    for group in groups:
        if not started:
            started = True
            write('first')
            write(group.name)
        for line in group:
            write(line)


def joined(parts, write):
    first = True
    for part in parts:
        if first:
            first = False
        else:
            write(', ')
        write(part)


def checked(state, names, report):
    ok = True
    for name in names:
        if name not in state:
            ok = False
            report(name)
    return ok


def smallest(table):
    position = min(table.start + 2, table.limit)
    width = max(table.width - position, 11)
    return width
