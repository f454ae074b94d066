#!/usr/bin/env python3
"""Do recovered functions that are not exact behave as the originals do?

    equivalence.py ORIGINAL RECOVERED [--runs N] [--all] [--show] [--only NAME] [--json FILE]

ORIGINAL and RECOVERED are files, or folders of which files are paired by name. Beside RECOVERED.py lies
the report RECOVERED.json of `decython --json`: functions that it calls structured (or verified) and
score.py does not call exact are looked at; --all looks at all that were structured.

Both functions are run by Python on objects that stand for anything: every operation on one (attribute,
call, item, operator, iteration, context) is written down, and its answer - another such object, None, a
number, a text that the function compares with, an exception that it catches - follows from the seed, the
operation and how often it was made before. What was written down, what came back or was raised, with its
context, and the global variables must be the same. Nothing else exists for these functions: no module
is imported, no file opened. Closures and generators are called and driven as well.

Verdicts: `same`; `order` (the same operations, in another order); `differs` (with the first operation
that does); `unknown` (nothing could be run). `reached` says how many lines of the original ran.
"""
import argparse
import ast
import builtins
import collections
import dis
import hashlib
import itertools
import json
import os
import pathlib
import resource
import signal
import sys
import types
import warnings

import score

warnings.simplefilter("ignore")
LIMIT = 300             # operations of a run
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
HIDDEN = {"print", "open", "input", "exec", "eval", "compile", "exit", "quit", "globals", "locals", "vars", "dir",
          "breakpoint", "help", "memoryview"}


class Exhausted(BaseException):
    """The operations of a run are used up."""


# ------------------------------------------------------------------------------------------ the world

class World:
    """What one run sees: answers, and what was written down."""

    def __init__(self, seed, texts, errors):
        self.seed, self.texts, self.errors = seed, texts, errors
        self.trace, self.seen, self.depth = [], collections.Counter(), 0
        self.risk = (0, 0, 0.02, 0.06, 0.15)[seed % 5]

    def number(self, *parts):
        digest = hashlib.blake2b(repr((self.seed, parts)).encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big")

    def share(self, *parts):
        return self.number(*parts) / (1 << 64)

    def event(self, *parts):
        """Writes an operation down; the key its answer follows from."""
        parts = tuple(parts)
        if len(self.trace) >= LIMIT:
            raise Exhausted
        self.trace.append(parts)
        self.seen[parts] += 1
        key = (parts, self.seen[parts])
        if self.share("raises", key) < self.risk:
            raise self.errors[self.number("error", key) % len(self.errors)]("e%x" % (self.number("text", key) >> 44))
        return key

    def thing(self, key, text):
        thing = object.__new__(Thing)
        object.__setattr__(thing, "_world", self)
        object.__setattr__(thing, "_key", "%x" % (self.number("thing", key) >> 28))
        object.__setattr__(thing, "_text", text if len(text) < 70 else text[:67] + "...")
        return thing

    def answer(self, key, text, opaque=0.6):
        share = self.share("kind", key)
        if share < opaque:
            return self.thing(key, text)
        choice = self.number("choice", key)
        if self.texts and share > 1 - (1 - opaque) * 0.35:
            return self.texts[choice % len(self.texts)]
        return self.plain(choice, key, text)

    def plain(self, choice, key, text):
        one, two = self.thing((key, 1), text + "#1"), self.thing((key, 2), text + "#2")
        options = (None, None, None, True, False, 0, 1, 2, -1, "", "ab", b"", b"xy", 1.5, (), (one, two), [one], [],
                   {}, {"k": one}, (one,), [one, two], {one})
        return options[choice % len(options)]

    def name(self, value, depth=0):
        """A value as it is written down."""
        kind = type(value)
        if kind is Thing:
            return "<" + object.__getattribute__(value, "_text") + " " + object.__getattribute__(value, "_key") + ">"
        if value is None or kind in (bool, int, float, complex, str, bytes) or value is Ellipsis:
            return repr(value)
        if depth > 4:
            return kind.__name__
        inner = lambda values: ", ".join(self.name(v, depth + 1) for v in values)
        if kind in (tuple, list):
            return kind.__name__ + "(" + inner(value) + ")"
        if kind in (set, frozenset):
            return kind.__name__ + "(" + ", ".join(sorted(self.name(v, depth + 1) for v in value)) + ")"
        if kind is dict:
            return "dict(" + ", ".join(self.name(k, depth + 1) + ": " + self.name(v, depth + 1)
                                       for k, v in value.items()) + ")"
        if kind is slice:
            return "slice(" + inner((value.start, value.stop, value.step)) + ")"
        if isinstance(value, BaseException):
            return self.error(value, depth)
        if isinstance(value, type):
            return "class " + value.__name__
        if isinstance(value, types.FunctionType):
            return "function " + value.__name__
        if isinstance(value, (types.BuiltinFunctionType, types.MethodType)):
            return "method " + value.__name__
        return kind.__name__

    def error(self, error, depth=0):
        if isinstance(error, Exhausted):
            return "Exhausted"
        text = type(error).__name__
        # The interpreter words its own errors; what raised them says enough.
        arguments = tuple(getattr(error, "args", ()))
        told = [self.name(a, depth + 1) for a in arguments]
        if isinstance(error, (TypeError, AttributeError, ValueError, UnboundLocalError, NameError)) and \
                error.__traceback__ is not None and len(arguments) == 1 and type(arguments[0]) is str:
            told = [arguments[0]] if arguments[0] in self.texts or arguments[0][:1] == "e" else ["..."]
        text += "(" + ", ".join(told) + ")"
        if depth < 3:
            if error.__cause__ is not None:
                text += " from " + self.error(error.__cause__, depth + 1)
            elif error.__context__ is not None and not error.__suppress_context__:
                text += " while " + self.error(error.__context__, depth + 1)
            elif error.__suppress_context__:
                text += " from None"
        return text

    def offer(self, values):
        """What an unknown function may do with what it is given: calls it, or takes its items."""
        for position, value in enumerate(values):
            if isinstance(value, types.GeneratorType) and value.gi_frame is not None and self.depth < 4:
                self.depth += 1
                try:
                    for item in itertools.islice(value, 3):
                        self.event("item", self.name(item))
                finally:
                    self.depth -= 1
            elif isinstance(value, types.FunctionType) and self.depth < 3 and self.share("offer", len(self.trace)) < 0.7:
                self.call(value, position)

    def call(self, function, position):
        self.depth += 1
        try:
            code = function.__code__
            names = code.co_varnames[:code.co_argcount]
            arguments = [self.answer(("given", position, n), f"given{n}") for n in range(len(names))]
            keywords = {name: self.answer(("given", name), name)
                        for name in code.co_varnames[code.co_argcount:code.co_argcount + code.co_kwonlyargcount]}
            self.event("inside", self.name(self.drive(function(*arguments, **keywords))))
        finally:
            self.depth -= 1

    def drive(self, value):
        """Runs generators and coroutines; what there is to compare."""
        if isinstance(value, types.GeneratorType):
            return self.drive_generator(value)
        if isinstance(value, types.CoroutineType):
            return self.finish(value)
        if isinstance(value, types.AsyncGeneratorType):
            for _ in range(5):
                try:
                    self.event("yielded", self.name(self.finish(value.asend(None))))
                except StopAsyncIteration:
                    break
            self.finish(value.aclose())
            return None
        return value

    def drive_generator(self, generator):
        sent = None
        for step in range(8):
            try:
                item = generator.send(sent)
                way = self.share("way", step)
                key = self.event("yielded", self.name(item))
                sent = None if way < 0.6 else self.answer(key, f"sent{step}")
                if way > 0.93:
                    self.event("thrown", self.name(generator.throw(self.errors[step % len(self.errors)]("thrown"))))
                elif way > 0.88:
                    generator.close()
                    return None
            except StopIteration as stop:
                return stop.value
        generator.close()
        return None

    def finish(self, coroutine):
        for _ in range(20):
            try:
                self.event("suspended", self.name(coroutine.send(None)))
            except StopIteration as stop:
                return stop.value
        coroutine.close()
        return None


# ------------------------------------------------------------------------------------------ the things

def operation(name, opaque=0.8):
    def method(self, *operands):
        world, text = world_of(self), text_of(self)
        key = world.event(name, world.name(self), *[world.name(o) for o in operands])
        return world.answer(key, f"{name}({text})", opaque)
    return method


def comparison(name):
    def method(self, other):
        world = world_of(self)
        key = world.event(name, world.name(self), world.name(other))
        share = world.share("compared", key)
        return share < 0.47 if share < 0.94 else world.answer(key, f"{name}({text_of(self)})")
    return method


def world_of(thing):
    return object.__getattribute__(thing, "_world")


def text_of(thing):
    return object.__getattribute__(thing, "_text")


def key_of(thing):
    return object.__getattribute__(thing, "_key")


CLASSES = (object, str, bytes, dict, list, tuple, int, float, set, type, bytearray, frozenset, Exception)
# What an attribute is that handlers name: the classes of exceptions by their names.
ERROR_ATTRIBUTES = {}


class Thing:
    """An object of which nothing is known."""

    @property
    def __class__(self):
        world = world_of(self)
        number = world.number("class", key_of(self))
        return CLASSES[number % len(CLASSES)] if number >> 62 else Thing

    def __getattribute__(self, name):
        if name == "__class__":
            return Thing.__dict__["__class__"].fget(self)
        world = world_of(self)
        key = world.event("get", world.name(self), name)
        if name in ERROR_ATTRIBUTES:
            return ERROR_ATTRIBUTES[name]
        if name in ("__name__", "__qualname__", "__module__") and world.share("name", key) < 0.7:
            return "n%x" % (world.number(key) >> 50)
        return world.answer(key, f"{text_of(self)}.{name}", 0.8)

    def __setattr__(self, name, value):
        world = world_of(self)
        world.event("set", world.name(self), name, world.name(value))

    def __delattr__(self, name):
        world = world_of(self)
        world.event("delete", world.name(self), name)

    def __call__(self, *values, **keywords):
        world = world_of(self)
        if text_of(self) == "super":
            values = ()
        words = sorted(f"{k}={world.name(v)}" for k, v in keywords.items())
        key = world.event("call", world.name(self), *[world.name(v) for v in values], *words)
        world.offer(itertools.chain(values, keywords.values()))
        return world.answer(key, f"{text_of(self)}()", 0.65)

    def __instancecheck__(self, other):
        world = world_of(self)
        return world.share("instance", key_of(self), world.name(other)) < 0.5

    __subclasscheck__ = __instancecheck__

    def __bool__(self):
        return world_of(self).share("true", key_of(self)) < 0.55

    def __hash__(self):
        return int(key_of(self), 16)

    def __str__(self):
        return "s" + key_of(self)[-5:]

    def __repr__(self):
        return "r" + key_of(self)[-5:]

    def __format__(self, spec):
        if spec:
            world_of(self).event("format", key_of(self), spec)
        return "s" + key_of(self)[-5:]

    def __len__(self):
        world = world_of(self)
        return world.number(world.event("len", world.name(self))) % 4

    def __index__(self):
        return world_of(self).number("index", key_of(self)) % 4

    __int__ = __index__

    def __float__(self):
        return float(self.__index__()) if False else float(world_of(self).number("index", key_of(self)) % 4)

    def __bytes__(self):
        return b"b" + key_of(self)[-4:].encode()

    def __iter__(self):
        world = world_of(self)
        # Unpacking asks for as many as there are targets, most of the time.
        frame = sys._getframe(1)
        code = frame.f_code.co_code
        wanted = code[frame.f_lasti + 1] if code[frame.f_lasti] in UNPACKING else None
        key = world.event("iter", world.name(self))
        iterator = world.thing(key, f"iter({text_of(self)})")
        if wanted is not None and world.share("unpacks", key) < 0.9:
            WANTED[key_of(iterator)] = wanted & 255
        return iterator

    def __next__(self):
        world, key = world_of(self), key_of(self)
        count = sum(n for parts, n in world.seen.items() if parts[0] == "next" and parts[1] == world.name(self))
        limit = WANTED.get(key, world.number("length", key) % 4)
        if count >= limit:
            world.event("stop", world.name(self))
            raise StopIteration
        got = world.event("next", world.name(self))
        return world.answer(got, f"item({text_of(self)})", 0.7)

    def __contains__(self, item):
        world = world_of(self)
        return world.share("in", world.event("in", world.name(self), world.name(item))) < 0.5

    def __enter__(self):
        world = world_of(self)
        return world.answer(world.event("enter", world.name(self)), f"enter({text_of(self)})", 0.9)

    def __exit__(self, kind, error, trace):
        world = world_of(self)
        return world.share("exit", world.event("exit", world.name(self), world.name(error))) < 0.2

    def __await__(self):
        world = world_of(self)
        return world.answer(world.event("await", world.name(self)), f"await({text_of(self)})", 0.8)
        yield

    async def __aenter__(self):
        world = world_of(self)
        return world.answer(world.event("aenter", world.name(self)), f"aenter({text_of(self)})", 0.9)

    async def __aexit__(self, kind, error, trace):
        world = world_of(self)
        return world.share("exit", world.event("aexit", world.name(self), world.name(error))) < 0.2

    def __aiter__(self):
        world = world_of(self)
        return world.thing(world.event("aiter", world.name(self)), f"aiter({text_of(self)})")

    async def __anext__(self):
        world = world_of(self)
        got = world.event("anext", world.name(self))
        if world.share("stops", got) < 0.35:
            raise StopAsyncIteration
        return world.answer(got, f"item({text_of(self)})", 0.8)


for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "lshift", "rshift", "and", "or", "xor", "matmul"):
    for _prefix in ("", "r", "i"):
        setattr(Thing, f"__{_prefix}{_name}__", operation(_prefix + _name))
for _name in ("neg", "pos", "invert", "getitem", "setitem", "delitem", "abs"):
    setattr(Thing, f"__{_name}__", operation(_name))
for _name in ("eq", "ne", "lt", "le", "gt", "ge"):
    setattr(Thing, f"__{_name}__", comparison(_name))
UNPACKING = {dis.opmap[n] for n in ("UNPACK_SEQUENCE", "UNPACK_EX")}
UNPACKING |= {i for n, i in getattr(dis, "_all_opmap", {}).items() if n.startswith("UNPACK_SEQUENCE")}
WANTED = {}


# ------------------------------------------------------------------------------------------ the functions

def definitions(tree):
    """Outermost functions by qualified name: `[(names of classes, node)]`, in order."""
    found = collections.defaultdict(list)

    def walk(node, classes):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, FUNCTIONS):
                found[".".join([*classes, child.name])].append((classes, child))
            elif isinstance(child, ast.ClassDef):
                walk(child, [*classes, child.name])
            elif not isinstance(child, ast.expr):
                walk(child, classes)
    walk(tree, [])
    return found


def bare(classes, node):
    """The function by itself, as a module: no decorators, defaults or annotations of its own."""
    node = ast.parse(ast.unparse(node)).body[0]
    node.decorator_list, node.returns = [], None
    node.args.defaults, node.args.kw_defaults = [], [None] * len(node.args.kwonlyargs)
    for argument in ast.walk(node):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    for test in ast.walk(node):
        # Cython compares with each item.
        if isinstance(test, ast.Compare):
            for place, (sign, items) in enumerate(zip(test.ops, test.comparators)):
                if isinstance(sign, (ast.In, ast.NotIn)) and isinstance(items, (ast.Set, ast.List)):
                    test.comparators[place] = ast.Tuple(items.elts, ast.Load())
    for outer in reversed(classes):
        node = ast.ClassDef(outer, [], [], [node], [])
    return ast.fix_missing_locations(ast.Module([node], []))


def parts(code):
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from parts(constant)


def harvest(trees):
    """Texts and numbers that functions compare with, and classes of exceptions they name."""
    texts, errors, attributes, raised = [], [], {}, set()
    for node in itertools.chain.from_iterable(ast.walk(t) for t in trees):
        if isinstance(node, ast.Constant) and isinstance(node.value, (str, int, bytes)) and \
                not isinstance(node.value, bool) and len(repr(node.value)) < 40:
            texts.append(node.value)
        if isinstance(node, ast.ExceptHandler) and node.type is not None:
            raised.update(node.type.elts if isinstance(node.type, ast.Tuple) else [node.type])
        if isinstance(node, ast.Raise) and node.exc is not None:
            raised.add(node.exc.func if isinstance(node.exc, ast.Call) else node.exc)
    names = {}
    for node in raised:
        label = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else None
        if label is None or not label[:1].isupper() and isinstance(node, ast.Name) and label not in ("error",):
            continue
        known = getattr(builtins, label, None)
        if not (isinstance(known, type) and issubclass(known, BaseException)):
            known = names.get(label) or type(label, (Exception,), {})
        names[label] = known
        if isinstance(node, ast.Attribute):
            attributes[label] = known
    errors = [c for c in dict.fromkeys(names.values()) if c not in (SystemExit, KeyboardInterrupt, UnicodeDecodeError,
                                                                    UnicodeEncodeError, UnicodeError)]
    unique = sorted(set(texts), key=lambda t: (type(t).__name__, repr(t)))
    errors.sort(key=lambda c: c.__name__)
    return unique, errors + [ValueError, KeyError, AttributeError, RuntimeError], names, attributes


def build(module, world, names, shared):
    """The function of a module of one, in a world; its global variables."""
    space = {"__name__": "m", "__builtins__": dict(vars(builtins))}
    inner = space["__builtins__"]
    for name in HIDDEN:
        inner[name] = world.thing(("builtin", name), name)
    inner["super"] = world.thing("super", "super")
    inner["id"] = lambda value: world.number("id", world.name(value)) >> 40

    def importer(name, variables=None, local=None, wanted=(), level=0):
        key = world.event("import", world.name(name), level, *[world.name(n) for n in wanted or ()])
        return world.thing(key, f"import {name}")
    inner["__import__"] = importer
    for name in sorted(shared):
        if name in names:
            space[name] = names[name]
        elif name not in inner or name in HIDDEN:
            space[name] = world.answer(("global", name), name, 0.85)
    classes = []
    code = compile(module, "f", "exec", dont_inherit=True)
    exec(code, space)
    value = None
    node = module.body[0]
    while isinstance(node, ast.ClassDef):
        value = space[node.name] if value is None else vars(value)[node.name]
        classes.append(node.name)
        node = node.body[0]
    label = mangled(node.name, classes)
    function = space[label] if value is None else vars(value)[label]
    if isinstance(function, (staticmethod, classmethod)):
        function = function.__func__
    return function, space


def mangled(name, classes):
    if classes and name.startswith("__") and not name.endswith("__"):
        return "_" + classes[-1].lstrip("_") + name
    return name


def arguments(function, world):
    code = function.__code__
    names = code.co_varnames
    count, only = code.co_argcount, code.co_kwonlyargcount
    given = []
    for position, name in enumerate(names[:count]):
        first = position == 0 and name in ("self", "cls")
        given.append(world.thing(("parameter", name), name) if first else world.answer(("parameter", name), name, 0.55))
    if code.co_flags & 4:
        given += [world.answer(("more", n), f"more{n}", 0.6) for n in range(world.number("more") % 3)]
    keywords = {name: world.answer(("parameter", name), name, 0.55) for name in names[count:count + only]}
    if code.co_flags & 8:
        for n in range(world.number("words") % 3):
            keywords[f"word{n}"] = world.answer(("word", n), f"word{n}", 0.6)
    return given, keywords


def run(module, seed, setting, lines=None):
    """What is written down in one run, and how it ends."""
    texts, errors, names, shared = setting
    WANTED.clear()
    world = World(seed, texts, errors)
    function, space = build(module, world, names, shared)
    before = {k: v for k, v in space.items() if k != "__builtins__"}
    given, keywords = arguments(function, world)

    def tracer(frame, event, argument):
        if frame.f_code.co_filename != "f":
            return None
        if event == "line":
            lines.add(frame.f_lineno)
        return tracer
    if lines is not None:
        sys.settrace(tracer)
    try:
        result = world.drive(function(*given, **keywords))
        ending = "returns " + world.name(result)
        world.offer([result])
    except Exhausted:
        ending = "exhausted"
    except RecursionError:
        ending = "recursion"
    except (Alarm, MemoryError):
        ending = "alarm"
    except BaseException as error:
        ending = "raises " + world.error(error)
    finally:
        sys.settrace(None)
    if len(world.trace) >= LIMIT:
        return world.trace, "exhausted"
    changed = sorted((k, world.name(v)) for k, v in space.items() if k != "__builtins__" and before.get(k, space) is not v)
    changed = [c for c in changed if not c[1].startswith(("function", "class"))]
    return world.trace, ending + (f" with {changed}" if changed else "")


class Alarm(BaseException):
    """A run takes too long."""


def on_alarm(*_):
    raise Alarm


def compare(original, recovered, runs):
    """The verdict on two modules of one function each."""
    texts, errors, names, attributes = harvest([original, recovered])
    ERROR_ATTRIBUTES.clear()
    ERROR_ATTRIBUTES.update(attributes)
    shared = set()
    for module in (original, recovered):
        for code in parts(compile(module, "f", "exec", dont_inherit=True)):
            shared.update(code.co_names)
    setting = (texts, errors, names, shared)
    lines, ordered, ran = set(), None, 0
    for seed in range(runs):
        signal.setitimer(signal.ITIMER_REAL, 2)
        try:
            one = run(original, seed, setting, lines)
            two = run(recovered, seed, setting)
        except Alarm:
            continue
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        if "alarm" in (one[1], two[1]) or "recursion" in (one[1], two[1]):
            continue
        ran += 1
        if one == two:
            continue
        text = difference(seed, one, two)
        if one[1] == two[1] and collections.Counter(one[0]) == collections.Counter(two[0]):
            ordered = ordered or text
            continue
        if one[1] == two[1] == "exhausted":
            ordered = ordered or text
            continue
        return "differs", text, lines
    if not ran:
        return "unknown", "nothing could be run", lines
    return ("order", ordered, lines) if ordered else ("same", "", lines)


def difference(seed, one, two):
    at = 0
    while at < min(len(one[0]), len(two[0])) and one[0][at] == two[0][at]:
        at += 1
    show = lambda side: "; ".join(" ".join(str(p) for p in e) for e in side[0][at:at + 2]) or "(end) " + side[1]
    before = " ".join(str(p) for p in one[0][at - 1]) if at else "(start)"
    return f"run {seed}, after {at}: {before}\n    original:  {show(one)} … {one[1]}\n    recovered: {show(two)} … {two[1]}"


def compare_apart(original, recovered, runs):
    """The verdict, found in a process of its own: a function may never end, or take all memory."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
        resource.setrlimit(resource.RLIMIT_CPU, (40, 40))
        try:
            verdict, text, lines = compare(original, recovered, runs)
        except BaseException as error:
            verdict, text, lines = "unknown", f"{type(error).__name__}: {error}", set()
        with os.fdopen(writing, "w") as pipe:
            json.dump([verdict, text, sorted(lines)], pipe)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    verdict, text, lines = json.loads(told) if told else ("unknown", "it does not end", [])
    return verdict, text, set(lines)


def body_lines(module):
    return {n.lineno for n in ast.walk(module) if isinstance(n, ast.stmt) and not isinstance(n, (ast.ClassDef, *FUNCTIONS))}


def renumbered(module):
    return ast.parse(ast.unparse(module))


def judge(original, recovered, runs, only=None, everything=False):
    """Rows `(name, verdict, text, reached, total)` of one module."""
    first, second = score.parse(score.read(original)), score.parse(score.read(recovered))
    report = json.loads(recovered.with_suffix(".json").read_text())["modules"][0]["functions"]
    grades = {f["name"]: f["rung"] for f in report}
    _, failures = score.compare(score.read(original), score.read(recovered))
    inexact = {name.split(".<locals>")[0] for name, why in failures if why == "body"}
    here, there = definitions(first), definitions(second)
    for name, pairs in here.items():
        if grades.get(name) not in ("structured", "verified") or only and name != only:
            continue
        if not everything and name not in inexact:
            continue
        partial = any(g not in ("structured", "verified") for n, g in grades.items() if n.startswith(name + ".<locals>"))
        if partial:
            continue
        for (classes, one), (_, two) in zip(pairs, there.get(name, [])):
            if "_not_understood" in ast.unparse(two):
                continue        # one of several of a name
            try:
                a, b = renumbered(bare(classes, one)), renumbered(bare(classes, two))
                verdict, text, lines = compare_apart(a, b, runs)
            except Exception as error:
                verdict, text, lines, a = "unknown", f"{type(error).__name__}: {error}", set(), ast.Module([], [])
            total = body_lines(a)
            yield name, verdict, text, len(lines & total), len(total)


def pairs_of(original, recovered):
    if original.is_file():
        return [(original, recovered)]
    return [(path, recovered / path.name) for path in sorted(original.glob("*.py"))
            if (recovered / path.name).exists() and (recovered / path.name).with_suffix(".json").exists()]


def main():
    sys.setrecursionlimit(3000)
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("original", type=pathlib.Path)
    parser.add_argument("recovered", type=pathlib.Path)
    parser.add_argument("--runs", type=int, default=150)
    parser.add_argument("--all", action="store_true", help="all structured functions, exact ones too")
    parser.add_argument("--show", action="store_true", help="say where they differ")
    parser.add_argument("--only", metavar="NAME")
    parser.add_argument("--json", metavar="FILE")
    options = parser.parse_args()
    signal.signal(signal.SIGALRM, on_alarm)
    sys.unraisablehook = lambda _: None     # of generators that are dropped
    counts, rows = collections.Counter(), []
    for original, recovered in pairs_of(options.original, options.recovered):
        for name, verdict, text, reached, total in judge(original, recovered, options.runs, options.only, options.all):
            counts[verdict] += 1
            rows.append([original.stem, name, verdict, reached, total, text])
            if verdict != "same" or options.show:
                print(f"{verdict} {original.stem} {name} {reached}/{total}", flush=True)
                if options.show and text:
                    print("  " + text)
    print(dict(counts))
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
