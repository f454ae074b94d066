"""What suites of the originals showed to be wrong, or to keep a module from being imported."""

kinds = {type(None): 1, type(Ellipsis): 2, type(len): 3}


class Table:
    first, second = 1, 2
    both = (first, second)
    del first, second


class Values(list):
    def pop(self, index=-1):
        value = list.pop(self, index)
        return self.convert(value)

    def pull(self, index):
        return list.pop(self, index)

    def drop(self):
        return list.pop(self)

    def convert(self, value):
        return value


def split(chunks, line, size):
    chunk = chunks[-1]
    line.append(chunk[:size])
    chunks[-1] = chunk[size:]


def close(chunks):
    kept = [chunk for chunk in chunks if chunk]
    kept[-1] = kept[-1] + "."
    return kept


def is_none(value):
    return isinstance(value, (int, type(None)))


def take(values, index):
    return values.pop(index), values.pop()


def take_first(values):
    return values.pop(0)


class Sealed:
    def seal(self, target, value):
        setattr(target, "__seal", value)
        setattr(target, "not a name", value)
        setattr(target, "class", value)
        self.__sealed = value

    def unseal(self, target):
        delattr(target, "__seal")
        return getattr(target, "not a name"), getattr(target, "__left"), target.__mine


def only_functions(values):
    return [value for value in values if isinstance(value, type(len))]
