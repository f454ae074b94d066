"""Methods of builtin types that are called by way of the type, and helpers of which compilers make clones."""


class Rows(list):
    def append(self, row):
        list.append(self, row)

    def pop(self, index=-1):
        row = list.pop(self, index)
        return self.found(row)

    def take(self):
        return list.pop(self)

    def third(self):
        return list.pop(self, 2)

    def reverse(self):
        list.reverse(self)

    def extend(self, rows):
        list.extend(self, rows)

    def insert(self, row):
        list.insert(self, 0, row)


class Names(set):
    def add(self, name):
        set.add(self, name)

    def discard(self, name):
        set.discard(self, name)

    def pop(self):
        return set.pop(self)

    def clear(self):
        set.clear(self)


class Table(dict):
    def get(self, key):
        return dict.get(self, key)

    def default(self, key):
        return dict.get(self, key, 1)

    def pop(self, key):
        return dict.pop(self, key)

    def keys(self):
        return dict.keys(self)

    def show(self):
        for key, value in dict.items(self):
            print(key, value)

    def copy(self):
        return dict.copy(self)

    def setdefault(self, key):
        return dict.setdefault(self, key, 1)


class Line(str):
    def split(self, separator):
        return str.split(self, separator)

    def join(self, parts):
        return str.join(self, parts)


def section(text, find):
    start = find(text)
    end = find(text, start)
    if text[start:end]:
        return text[start:end]
    if end:
        end = find(text, end)
    else:
        start = find(text, start)
    return text[:start], text[start:end], text[end:]


def shorten(lines, width):
    line = lines[-1]
    lines[-1] = line[width:]
    if not lines[-1]:
        del lines[-1]
    return line[:width]


def largest(values, limit):
    found = list(values)
    found.sort()
    top = found[0]
    for pair in found:
        if pair > top:
            found[0] = pair
            top = found[0]
    return found[0], top[0] + limit


def number(table):
    for index, row in enumerate(table.rows(), table.start):
        print(index, row)


def flatten(pairs):
    if not isinstance(pairs[0], (list, tuple)):
        pairs = [pairs]
    return pairs


def kind(value, first, second, third):
    if type(value) in (first, second, third):
        value.show()


def lookup(key, names, values, default):
    if isinstance(key, int):
        return names[key]
    return values[key]


def queued(waiting):
    first = waiting.items.pop(0)
    waiting.show(first)
    return first


def lines(text, prefix):
    def prefixed():
        for line in text.splitlines(True):
            yield prefix + line
    return list(prefixed())


def header(reader):
    try:
        return next(reader.rows)
    except StopIteration:
        return reader.title


def zeros(count):
    return [0] * count


def blanks(rows):
    return [None] * len(rows)


def pairs(first, second, count):
    return [first, second] * count


def rest(path, index, parts):
    return [path] * (len(parts) - index) + parts[index:]


def sieve(limit):
    found = [True] * (limit + 1)
    found[0] = False
    return found


def table(height, width):
    return [[0] * width for _ in range(height)]


def read(path):
    with open(path) as file:
        text = file.read()
    return text.strip()


def grow(step, limit):
    number = 1
    while True:
        for factor in 1, 2, 5:
            taken = step(number * factor)
            if taken >= limit:
                return taken, factor
        number *= 10


def dashed(parts):
    line = "-".join(parts)
    if line.startswith("-"):
        print(line)
    if line.endswith("+"):
        return line
    return parts
