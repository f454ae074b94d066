# Functions in functions that are bound once: Cython calls their C functions.
def split(text):
    def first(line):
        parts = line.split()
        return parts[0]

    def space(line):
        return ' ' * ('@' in line)

    return [first(part) + space(part) for part in text.split(';')]


def capabilities(lines):
    def parse(line):
        words = line.decode('ascii').split()
        return words[0], words[1:]

    found = {}
    for line in lines:
        name, rest = parse(line)
        found[name] = rest
    return found


def flattened(marker):
    def items(values, depth):
        for value in values:
            yield from chunks(value, depth + 1)

    def chunks(value, depth=0):
        if isinstance(value, list):
            yield from items(value, depth)
        else:
            yield (depth, marker, value)

    return list(chunks([1, [2, [3]]]))
