def breaks(exc, old, frame):
    while 1:
        context = exc.context
        if context is None or context is old:
            return
        if context is frame:
            break
        exc = context
    exc.context = old


def returns(self):
    while True:
        line = self._readline()
        if line:
            self._filelineno += 1
            return line
        if not self._file:
            return None
        self.nextfile()


def sets_inside(self):
    while 1:
        line = self.fp.readline(1 << 16)
        self.bytes_read += len(line)
        if not line:
            self.done = -1
            break
        self.write(line)


def sets_behind(self):
    while 1:
        line = self.fp.readline(1 << 16)
        self.bytes_read += len(line)
        if not line:
            break
        self.write(line)
    self.done = -1


def chained(self, x):
    self.b2j = b2j = {}
    for i, elt in enumerate(x):
        b2j[elt] = i
    self.bjunk = junk = set()
    for i in x:
        junk.add(i)


def unpacked(self, h):
    value, order, next = s = h[0]
    return value, order, next, s


def copied(self, args, kwds):
    key = args
    if kwds:
        key += self.mark
        for item in kwds.items():
            key += item
    return self.f(key)


def copied_twice(i, language, territory):
    val = language
    if i & 2:
        val += territory
    if i & 4:
        val += '.'
    return val
