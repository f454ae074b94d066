"""Values that calls are made with, and how results are told.

A `Probe` stands for any object: it notes what is done to it, and answers by its path and seed, so that
the same function always meets the same object.
"""
import re
import types
import zlib

LIMIT = 400
trace = []
steps = [0]


class ProbeLimit(Exception):
    """A function does more with a probe than anybody wants to know."""


def note(text):
    steps[0] += 1
    if steps[0] > LIMIT:
        raise ProbeLimit()
    trace.append(text)


def reset():
    del trace[:]
    steps[0] = 0


def draw(count, *parts):
    """A number below `count` that depends on the parts alone."""
    return zlib.crc32("\0".join(map(str, parts)).encode("utf-8", "replace")) % count


class Probe:
    """An object of no known type, or one that claims to be of `kind`."""

    def __init__(self, path, seed=0, kind=None, errors=()):
        object.__setattr__(self, "_probe", (path, seed, kind, errors))
        object.__setattr__(self, "_parts", {})

    @property
    def __class__(self):
        return object.__getattribute__(self, "_probe")[2] or Probe

    def __getattr__(self, name):
        path, seed, kind, errors = object.__getattribute__(self, "_probe")
        if name.startswith("__") and name.endswith("__"):
            if name in ("__name__", "__qualname__", "__module__"):
                return path
            raise AttributeError(name)
        note("%s.%s" % (path, name))
        parts = object.__getattribute__(self, "_parts")
        if name in parts:
            return parts[name]
        if seed % 3 == 2 and draw(4, seed, path, name) == 0:
            raise AttributeError(name)
        parts[name] = Probe("%s.%s" % (path, name), seed, None, errors)
        return parts[name]

    def __setattr__(self, name, value):
        note("%s.%s = %s" % (path_of(self), name, describe(value)))
        object.__getattribute__(self, "_parts")[name] = value

    def __delattr__(self, name):
        note("del %s.%s" % (path_of(self), name))
        object.__getattribute__(self, "_parts").pop(name, None)

    def __call__(self, *arguments, **keywords):
        path, seed, kind, errors = object.__getattribute__(self, "_probe")
        text = "%s(%s)" % (path, ", ".join(
            [describe(a) for a in arguments] + ["%s=%s" % (k, describe(v)) for k, v in keywords.items()]))
        note(text)
        self._maybe_raise("call", text)
        parts = object.__getattribute__(self, "_parts")
        parts["()"] = parts.get("()", 0) + 1
        return answer("%s()%d" % (path, parts["()"]), seed, errors)

    def _maybe_raise(self, *what):
        path, seed, kind, errors = object.__getattribute__(self, "_probe")
        if errors and draw(3, seed, path, *what) == 0:
            raise errors[draw(len(errors), seed, path, "error", *what)](path)

    def __bool__(self):
        note("bool %s" % path_of(self))
        return pick(self, 2, "bool") == 1

    def __len__(self):
        note("len %s" % path_of(self))
        return pick(self, 4, "len")

    def __iter__(self):
        path, seed, kind, errors = object.__getattribute__(self, "_probe")
        note("iter %s" % path)
        return iter([answer("%s[%d]" % (path, n), seed, errors) for n in range(pick(self, 4, "len"))])

    def __next__(self):
        path, seed, kind, errors = object.__getattribute__(self, "_probe")
        note("next %s" % path)
        parts = object.__getattribute__(self, "_parts")
        parts["next"] = parts.get("next", 0) + 1
        if parts["next"] > pick(self, 4, "next"):
            raise StopIteration
        return answer("next(%s)%d" % (path, parts["next"]), seed, errors)

    def __contains__(self, item):
        note("%s in %s" % (describe(item), path_of(self)))
        return pick(self, 2, "in", describe(item)) == 1

    def __getitem__(self, key):
        path, seed, kind, errors = object.__getattribute__(self, "_probe")
        text = "%s[%s]" % (path, describe(key))
        note(text)
        self._maybe_raise("item", text)
        if isinstance(key, int) and key > 3:
            raise IndexError(path)
        parts = object.__getattribute__(self, "_parts")
        if text not in parts:
            parts[text] = Probe(text, seed, None, errors)
        return parts[text]

    def __setitem__(self, key, value):
        note("%s[%s] = %s" % (path_of(self), describe(key), describe(value)))

    def __delitem__(self, key):
        note("del %s[%s]" % (path_of(self), describe(key)))

    def __enter__(self):
        note("enter %s" % path_of(self))
        return part(self, "enter()")

    def __exit__(self, kind, value, traceback):
        note("exit %s %s" % (path_of(self), getattr(kind, "__name__", None)))
        return pick(self, 4, "exit") == 3

    def __await__(self):
        note("await %s" % path_of(self))
        return part(self, "await")
        yield

    async def __aenter__(self):
        return self.__enter__()

    async def __aexit__(self, *what):
        return self.__exit__(*what)

    def __aiter__(self):
        note("aiter %s" % path_of(self))
        return self

    async def __anext__(self):
        try:
            return self.__next__()
        except StopIteration:
            raise StopAsyncIteration

    def __hash__(self):
        return zlib.crc32(path_of(self).encode("utf-8", "replace"))

    def __int__(self):
        return pick(self, 5, "int")

    __index__ = __int__

    def __float__(self):
        return float(pick(self, 5, "int"))

    def __str__(self):
        return path_of(self)

    __repr__ = __str__

    def __format__(self, form):
        note("format %s %s" % (path_of(self), form))
        return path_of(self)

    def __fspath__(self):
        return "/nowhere/" + path_of(self)

    def __dir__(self):
        return []


def path_of(probe):
    return object.__getattribute__(probe, "_probe")[0]


def part(probe, name):
    path, seed, kind, errors = object.__getattribute__(probe, "_probe")
    parts = object.__getattribute__(probe, "_parts")
    if name not in parts:
        parts[name] = Probe("%s.%s" % (path, name), seed, None, errors)
    return parts[name]


def pick(probe, count, *parts):
    return draw(count, object.__getattribute__(probe, "_probe")[1], path_of(probe), *parts)


def answer(path, seed, errors):
    """What a probe gives when it is called or gone through: mostly another one."""
    plain = (None, True, False, 0, 1, 7, "", "text", "a b", [], [3], {"k": 1}, (1, 2))
    number = draw(3 * len(plain) if seed % 2 else 4 * len(plain), seed, path, "answer")
    value = plain[number] if number < len(plain) else Probe(path, seed, None, errors)
    return list(value) if type(value) is list else dict(value) if type(value) is dict else value


def operators():
    """Gives probes the operators that numbers have."""
    def binary(name):
        def act(self, other):
            note("%s %s %s" % (path_of(self), name, describe(other)))
            return Probe("(%s %s %s)" % (path_of(self), name, describe(other)),
                         object.__getattribute__(self, "_probe")[1])
        return act

    def comparison(name):
        def act(self, other):
            if name in ("eq", "ne") and type(other) is Probe and other is self:
                return name == "eq"
            note("%s %s %s" % (path_of(self), name, describe(other)))
            return pick(self, 2, name.replace("ne", "eq"), describe(other)) == (name != "ne")
        return act

    def unary(name):
        def act(self):
            note("%s %s" % (name, path_of(self)))
            return Probe("(%s %s)" % (name, path_of(self)), object.__getattribute__(self, "_probe")[1])
        return act

    for name in "add sub mul truediv floordiv mod pow lshift rshift and or xor matmul".split():
        for form in ("__%s__", "__r%s__", "__i%s__"):
            if form != "__i%s__":
                setattr(Probe, form % name, binary(form.strip("_") % name))
    for name in "eq ne lt le gt ge".split():
        setattr(Probe, "__%s__" % name, comparison(name))
    for name in "neg pos invert abs".split():
        setattr(Probe, "__%s__" % name, unary(name))


operators()


# MARK: Telling values

ADDRESS = re.compile(r"0x[0-9a-fA-F]{4,}")
NAMED = (types.FunctionType, types.BuiltinFunctionType, type(len), type("".join))
# What CPython and Cython, or two versions of one of them, say in different words.
WORDS = [
    (re.compile(r"^[\w.<>]+\(\) (takes|missing|got an unexpected|got multiple|needs keyword)\b.*", re.S),
     "wrong arguments"),
    (re.compile(r"^(need more than \d+ values? to unpack|(not enough|too many) values to unpack.*)$"),
     "wrong count"),
    (re.compile(r"^(?:local|cannot access local|free|cannot access free) variable '([^']*)' .*", re.S),
     r"unbound \1"),
    (re.compile(r"cython_function_or_method|builtin_function_or_method"), "function"),
]


def message(text):
    for pattern, replacement in WORDS:
        text = pattern.sub(replacement, text)
    return ADDRESS.sub("0x", text)


def name_of(kind):
    return getattr(kind, "__qualname__", getattr(kind, "__name__", "?"))


def describe(value, depth=0, seen=()):
    """A text for a value that is the same whenever the value is."""
    try:
        return told(value, depth, seen)
    except RecursionError:
        raise
    except Exception as error:
        return "<%s that raises %s>" % (type(value).__name__, type(error).__name__)


def told(value, depth, seen):
    kind = type(value)
    if kind is Probe:
        return "<%s>" % path_of(value)
    if value is None or kind in (bool, int, float, complex, bytes, bytearray):
        return repr(value)
    if kind is str:
        return ADDRESS.sub("0x", repr(value))
    if depth > 5 or id(value) in seen:
        return "<%s>" % kind.__name__
    seen = seen + (id(value),)

    def each(items, limit=80):
        items = list(items)
        rest = [] if len(items) <= limit else ["%d more" % (len(items) - limit)]
        return ", ".join([describe(item, depth + 1, seen) for item in items[:limit]] + rest)
    if isinstance(value, BaseException):
        said = [message(item) if type(item) is str else item for item in value.args]
        return "%s(%s)" % (name_of(kind), each(said))
    if kind in (list, tuple):
        return "%s(%s)" % (kind.__name__, each(value))
    if kind in (set, frozenset):
        return "%s(%s)" % (kind.__name__, ", ".join(
            sorted(describe(item, depth + 1, seen) for item in value)))
    if isinstance(value, dict):
        items = ["%s: %s" % (describe(k, depth + 1, seen), describe(v, depth + 1, seen))
                 for k, v in list(dict.items(value))[:80]]
        return "%s{%s}%s" % (name_of(kind), ", ".join(items), fields(value, depth, seen))
    if isinstance(value, type):
        return "class %s" % name_of(value)
    if isinstance(value, types.ModuleType):
        return "module %s" % value.__name__
    if isinstance(value, NAMED) or kind.__name__ == "cython_function_or_method":
        return "function %s" % name_of(value)
    if isinstance(value, types.MethodType):
        return "method %s of %s" % (name_of(value.__func__), describe(value.__self__, depth + 1, seen))
    if kind in (staticmethod, classmethod):
        return "%s %s" % (kind.__name__, describe(value.__func__, depth + 1, seen))
    if kind is property:
        return "property %s" % each([value.fget, value.fset, value.fdel, value.__doc__])
    if kind.__name__ in ("generator", "coroutine", "async_generator"):
        return "%s %s" % (kind.__name__, name_of(value))
    return "%s%s" % (name_of(kind), fields(value, depth, seen) or ": " + shown(value, kind))


def fields(value, depth, seen):
    """The attributes of an object."""
    found = {}
    for kind in type(value).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        for slot in [slots] if isinstance(slots, str) else slots:
            name = "_%s%s" % (kind.__name__.lstrip("_"), slot) if (
                slot.startswith("__") and not slot.endswith("__")) else slot
            try:
                found[slot] = object.__getattribute__(value, name)
            except AttributeError:
                pass
    found.update(getattr(value, "__dict__", {}))
    found = {k: v for k, v in found.items() if k not in ("__dict__", "__weakref__")}
    if not found:
        return ""
    return "(%s)" % ", ".join("%s=%s" % (k, describe(found[k], depth + 1, seen))
                              for k in sorted(found, key=str))


def shown(value, kind):
    if kind.__repr__ is object.__repr__:
        return ""
    return message(repr(value))
