"""Forms between which little in the code decides."""


def leaving(found, name):
    try:
        value = found[name]
    except KeyError:
        return
    found.first(value)
    found.second(name)


def skipping(found, names):
    for name in names:
        try:
            value = found[name]
        except KeyError:
            continue
        found.first(value)
        found.second(name)


def raising(pairs, name):
    for key, value in pairs:
        if key == name:
            value.replace(name)
            break
    else:
        raise KeyError(name)


def truth(self):
    return bool(self.items)


def kept(name, default):
    if name is None:
        name = default.name
    default.use(name)
    return name


def handlers(self, name):
    try:
        self.open(name)
    except OSError as error:
        self.fail(name, error)
        return None
    try:
        self.read(name)
    except ValueError as error:
        self.fail(name, error)
    return self


def either(self):
    return self.first() or self.second()


def together(self, user, password):
    self.user, self.password = user, password
    return self.login()


def handed_on(name, value):
    found = {'name': name}
    found.update(value)
    return value.use(name, **found)


def position(self, nodes):
    for index, node in enumerate(nodes):
        if node is self:
            return self.parent.children[index + 1]
    return None


def assigned(line, marks):
    line = line.strip()
    if line in marks:
        line = line + marks.name
    return marks.use(line)


def left_as_it_is(name, content):
    if content is not None:
        content = list(content)
    return name.use(content)


def chosen(self):
    if self.kind == 1:
        return 'one'
    elif self.kind == 2:
        return 'two'
    else:
        return 'many'


def shorter(name):
    return len(name) < 4


def discarded(found):
    first = found['first']
    second = found['second']
    return found.use(second, second)


def named(self):
    value = self.first + self.second
    return value


def last_resort(first, second):
    try:
        return first(second)
    except ValueError:
        return None
