"""Questions that compilers ask before a function's first statement, and exceptions they keep early."""


def choose(self, challenge=None):
    if challenge is None or self.count < 2:
        return self.user
    else:
        return self.password


def month(year, number, withyear=True):
    if withyear:
        text = '%s %s' % (number, year)
    else:
        text = '%s' % number
    return text


def both(first, second=None, third=None):
    if second is None and third is not None:
        return first
    return second


class Cache:
    def values(self, source, lock):
        count = 0
        while source:
            if count == len(self.found):
                with lock:
                    if self.complete:
                        break
                    try:
                        for turn in range(10):
                            self.found.append(next(source))
                    except StopIteration:
                        self.complete = True
                        break
            yield self.found[count]
            count += 1

    def take(self, number):
        source = iter(self)
        try:
            for turn in range(number + 1):
                value = next(source)
        except StopIteration:
            raise IndexError
        return value
