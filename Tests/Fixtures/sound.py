def take(self, log):
    with self.lock:
        item = self.pop()
        log(item)
        return item


async def hold(self, log):
    async with self.lock:
        item = await self.pop()
        log(item)
        return item


def full_name(self, name, path, parent=None):
    if parent is not None:
        full = parent.name + "." + name
    else:
        full = name
    if full in self.excluded:
        self.log("excluded", full)
        raise ImportError(name)
    return self.find(name, path)


def search(self, name, parents):
    for parent in parents:
        if parent is None:
            full = name
        else:
            full = parent.name + "." + name
        self.log(full, name)
    return name


def describe(record, log):
    if record.line is None:
        try:
            import linecache
            line = linecache.getline(record.name, record.number)
        except Exception:
            line = None
            linecache = None
    else:
        line = record.line
    if line:
        log(line)
    for frame in record.frames:
        try:
            if linecache is not None:
                line = linecache.getline(frame, 1)
            else:
                line = None
        except Exception:
            line = None
        if line:
            log(line)
    return line


def members(x):
    from os import path, sep, linesep
    return path, sep, linesep, x


def parameters(self, function):
    from inspect import Parameter, signature
    given = signature(function).parameters
    for name, parameter in given.items():
        if parameter.kind == Parameter.POSITIONAL_ONLY:
            self.names[name] = parameter


def convert(value, log):
    try:
        result = int(value)
    except ValueError:
        log("bad %s" % (value,))
        result = None
    return result
