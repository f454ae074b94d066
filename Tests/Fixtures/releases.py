"""Variables that are known by where they are released, each with the shape that once hid them."""

LENGTH = 32
LIMIT = 2 ** LENGTH - 1


class Widths:
    """A power of two whose exponent is a global, with definitions behind it."""

    _all = 2 ** LENGTH - 1
    _none = {}

    def width(self):
        return LENGTH


def digest(current):
    """A variable whose count is lowered twice, on ways that meet."""
    copy = current.copy()
    return copy.digest()


def parse_field(line, i, n):
    """A variable that holds what a parameter was before it was assigned to."""
    start = i
    while i < n:
        c = line[i]
        if c == ';':
            break
        i = i + 1
    return line[start:i].strip(), i


def split_lines(self, text, width):
    """A parameter that is assigned to, and another variable."""
    text = self.matcher.sub(' ', text).strip()
    import textwrap
    return textwrap.wrap(text, width)


def entry(frame_lineno, prefix=': '):
    """Two items, the second of which lies where a type would if the first one were a list."""
    import linecache
    frame, lineno = frame_lineno
    name = frame.name
    s = '%s(%r)' % (name, lineno)
    if frame.code:
        s += frame.code
    if lineno is not None:
        line = linecache.getline(name, lineno)
        if line:
            s += prefix + line.strip()
    return s


def is_syntax_error(self, kind):
    """An exception that is compared by identity."""
    if kind is SyntaxError:
        self.report(kind)
    if kind is not ValueError:
        self.forget(kind)
