"""Control flow and variables."""


def count(n):
    result = []
    for i in range(10):
        if i == n:
            break
        result.append(i)
    else:
        result.append(None)
    return result


def count_down(items):
    result = []
    for i in range(len(items) - 1, -1, -1):
        result.append(items[i])
    return result


def positions(items, wanted):
    for i, item in enumerate(items):
        if item == wanted:
            return i
    return -1


def swap(a, b, n):
    while n > 0:
        a, b = b, a
        n -= 1
    return a, b


def constant(self, user):
    name = 'PROXYAUTH'
    first = self.command(name, user)
    return self.answer(name, first)


def chain(a, b, c):
    if 0 < a() < b() - 1:
        return a
    return c


def member(x):
    if x in ('yes', 'true', 'on'):
        return 1
    if x not in ('no', 'false', 'off'):
        raise ValueError(x)
    return 0


def default(self, limit=None):
    if limit is not None and limit < 0:
        raise ValueError('limit')
    return self.get(True, limit)


def either(self):
    return self.first or not self.second


def decide(x):
    return isinstance(x.payload, list)


def targets(self, text):
    self.mode, _, self.value = text.partition('=')
    for self.item in text:
        self.value(self.item)


def firsts(pairs):
    return [k for k, v in pairs]


def kind(item):
    kind = 'empty' if item.is_empty else 'in stock'
    return f'{item.name} ({kind})'
