"""Calls the functions of a module, in the sandbox, and tells what happens.

behaviour.py plan SOURCE SECONDS         which calls to make, from the recovered file
behaviour.py run PLAN SOURCE SECONDS     what the module that is found does with them

Every line of output is a JSON object. Each function has a process of its own, so that what it breaks
or how long it takes does not matter to the others.
"""
import ast
import contextlib
import io
import json
import os
import random
import select
import signal
import sys
import time
import warnings

import decython_inputs as inputs
import decython_values as values
from decython_values import Probe, describe

NAME = os.environ["DECYTHON_MODULE"]
CANDIDATES = 400
KEPT = 100
ALWAYS = 30
NOVEL = 60
out = os.fdopen(os.dup(1), "w")
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
wall_clock = time.monotonic


class Slow(BaseException):
    """A call takes too long."""


def emit(**row):
    out.write(json.dumps(row) + "\n")
    out.flush()


# MARK: Processes

def in_child(work, seconds):
    """Lets a process of its own do `work`, which gets a function that takes lines.

    Gives the lines and whether the process came to its end."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        status = 1
        try:
            with os.fdopen(writing, "w") as file:
                def line(**row):
                    file.write(json.dumps(row) + "\n")
                    file.flush()
                work(line)
                status = 0
        finally:
            os._exit(status)
    os.close(writing)
    text, deadline, finished = b"", wall_clock() + seconds, False
    while True:
        ready = select.select([reading], [], [], max(0, deadline - wall_clock()))[0]
        data = os.read(reading, 1 << 16) if ready else b""
        if not data:
            finished = bool(ready)
            break
        text += data
    os.close(reading)
    if not finished:
        os.kill(child, signal.SIGKILL)
    status = os.waitpid(child, 0)[1]
    rows = []
    for part in text.decode("utf-8", "replace").split("\n"):
        try:
            rows.append(json.loads(part))
        except ValueError:
            pass
    return rows, finished and status == 0


def in_children(count, work, seconds):
    """Does `work` on each of `count` things; one that ends the process is left out."""
    rows, start, deadline = [], 0, wall_clock() + seconds
    for _ in range(6):
        def rest(line, start=start):
            for index in range(start, count):
                line(at=index)
                work(index, line)
        more, finished = in_child(rest, max(0.1, deadline - wall_clock()))
        rows += [row for row in more if "at" not in row]
        reached = [row["at"] for row in more if "at" in row]
        start = (reached[-1] if reached else start) + 1
        if finished or start >= count or wall_clock() >= deadline:
            break
    return rows


# MARK: Making values

PLAIN = ["a", 1, "abc", 2, None, [1, 2], {"a": 1}, True, "a=b", 0, b"ab", ("a", 1), str, 1.5, ""]


def make(kind, seed):
    """An object of a type, by calling it with whatever it takes."""
    if not isinstance(kind, type):
        return Probe("made", seed)
    members = getattr(kind, "__members__", None)
    if members:
        return list(members.values())[seed % len(members)]
    choices = random.Random(seed)
    for count in (1, 0, 2, 1, 3, 2, 1, 4, 3, 2):
        chosen = [choices.choice(PLAIN) for _ in range(count)]
        try:
            return kind(*chosen)
        except Exception:
            pass
    return blank(kind, {})


def blank(kind, attributes):
    """An object of a type that was never initialised, with attributes."""
    if not isinstance(kind, type):
        return Probe("blank")
    try:
        made = object.__new__(kind)
    except TypeError:
        made = kind.__new__(kind)
    for name, value in attributes.items():
        own = getattr(kind, name, None)
        if callable(own) or hasattr(type(own), "__set__") and not hasattr(own, "__objclass__"):
            continue
        try:
            object.__setattr__(made, name, value)
        except (AttributeError, TypeError):
            pass
    return made


def space(module):
    names = dict(vars(module))
    names.update(P=Probe, make=make, blank=blank)
    return names


# MARK: Calling

def settle():
    """Makes what a call could see of the world the same each time."""
    values.reset()
    random.seed(0)
    ticks = [0]

    def clock():
        ticks[0] += 1
        return 1.7e9 + ticks[0]
    time.time = time.monotonic = time.perf_counter = clock
    time.sleep = lambda seconds: None


def find(module, name, role):
    """A function as its module or class keeps it."""
    owner, path = module, name.split(".")
    for part in path[:-1]:
        owner = vars(owner)[part]
    last = path[-1]
    if isinstance(owner, type) and last.startswith("__") and not last.endswith("__"):
        last = "_%s%s" % (owner.__name__.lstrip("_"), last)
    found = vars(owner)[last]
    if role in ("property", "fget", "fset", "fdel"):
        return getattr(found, "fget" if role == "property" else role)
    if isinstance(found, (staticmethod, classmethod)):
        return getattr(owner, last)
    for inner in ("fget", "func", "__wrapped__", "__func__"):
        if not callable(found):
            found = getattr(found, inner, found)
    return found


def outcome(value, depth=0):
    """A text for a result; generators and functions of the module are taken further."""
    kind = type(value).__name__
    if kind in ("generator", "coroutine"):
        return "%s: %s" % (describe(value), drain(value))
    if kind == "async_generator":
        return "async generator: %s" % drain(value.__anext__())
    if kind == "_GeneratorContextManager":
        with value as entered:
            return "with %s" % outcome(entered, depth + 1)
    if depth < 3 and kind in ("function", "cython_function_or_method") \
            and getattr(value, "__module__", None) == NAME:
        return "%s: %s" % (describe(value), ", ".join(inner(value, depth)))
    return describe(value)


def inner(function, depth):
    code = getattr(function, "__code__", None)
    count = getattr(code, "co_argcount", 1)
    for seed, plain in enumerate((1, "a b", None, Probe("inner", 1), Probe("inner", 2), [3, 1], {"a": 1})):
        given = [plain if n % 2 == 0 else PLAIN[(seed + n) % len(PLAIN)] for n in range(count)]
        try:
            yield outcome(function(*given), depth + 1)
        except (RecursionError, MemoryError):
            raise
        except Exception as error:
            yield describe(error)


def drain(generator):
    given = []
    try:
        value = generator.send(None)
        for turn in range(12):
            given.append(describe(value))
            value = generator.send(turn if turn % 3 else None)
        generator.close()
    except StopIteration as end:
        given.append("end %s" % describe(end.value))
    except StopAsyncIteration:
        given.append("end")
    except (RecursionError, MemoryError):
        raise
    except Exception as error:
        given.append(describe(error))
    return ", ".join(given)


def failure(error):
    """What is told of an exception."""
    text = describe(error)
    cause = error.__cause__
    if cause is not None:
        text += " from " + describe(cause)
    elif error.__context__ is not None and not error.__suppress_context__:
        text += " while " + describe(error.__context__)
    return text


def observe(function, names, call):
    """One call: what it gave or raised, what became of its arguments, and what it did besides."""
    settle()
    try:
        given = [eval(text, names) for text in call[0]]
        keywords = {name: eval(text, names) for name, text in call[1].items()}
    except (RecursionError, MemoryError, Slow):
        raise
    except Exception as error:
        return {"inputs": describe(error)}
    del values.trace[:]
    printed, warned = io.StringIO(), []
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()), \
            warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = lambda message, *rest: warned.append(describe(message))
        try:
            result = "returns " + outcome(function(*given, **keywords))
        except (RecursionError, MemoryError, Slow):
            raise
        except BaseException as error:
            result = "raises " + failure(error)
        arguments = ", ".join([describe(value) for value in given] + [
            "%s=%s" % (name, describe(keywords[name])) for name in sorted(keywords)])
    return {"result": result, "arguments": arguments, "steps": "; ".join(values.trace),
            "output": printed.getvalue() + "".join(warned)}


def text_of(call):
    return "(%s)" % ", ".join(call[0] + ["%s=%s" % item for item in call[1].items()])


# MARK: Planning

class Coverage:
    """Which ways through the code of the file were gone, from instruction to instruction."""

    def __init__(self, file):
        self.file, self.seen, self.new = file, set(), 0

    def trace(self, frame, event, argument):
        if frame.f_code.co_filename != self.file:
            return None
        frame.f_trace_opcodes, last = True, [0]

        def step(frame, event, argument):
            place = getattr(frame, "f_lasti", frame.f_lineno)
            way = (frame.f_code.co_firstlineno, last[0], place, event == "exception" and argument[0])
            last[0] = place
            if way not in self.seen:
                self.seen.add(way)
                self.new += 1
            return step
        return step


def tried(function, names, call, coverage):
    """Whether a call goes a new way, and what it did; None if it cannot be made."""
    coverage.new = 0
    signal.setitimer(signal.ITIMER_REAL, 0.5)
    sys.settrace(coverage.trace)
    try:
        row = observe(function, names, call)
    except (RecursionError, MemoryError, Slow):
        return None
    finally:
        sys.settrace(None)
        signal.setitimer(signal.ITIMER_REAL, 0)
    return None if "inputs" in row else (coverage.new > 0, repr(sorted(row.items())))


def choose(function, module, seconds):
    """The calls of one function that are worth making."""
    generator = inputs.Generator(function, function.name)
    calls = generator.calls(CANDIDATES)
    if module is None:
        return calls[:KEPT]
    names = space(module)
    try:
        target = find(module, function.name, function.role)
    except (KeyError, AttributeError, TypeError):
        return calls[:KEPT]
    coverage, kept, seen = Coverage(module.__file__), [], set()

    def attempt(index, line):
        signal.signal(signal.SIGALRM, slow)
        if len(kept) >= KEPT:
            return
        call = generator.changed(generator.random.choice(kept)) if kept and index % 2 else calls[index]
        found = tried(target, names, call, coverage)
        if found is None:
            return
        is_new, row = found
        if is_new or index < ALWAYS or len(kept) < NOVEL and row not in seen:
            seen.add(row)
            kept.append(call)
            line(call=call)
    return [row["call"] for row in in_children(len(calls), attempt, seconds)][:KEPT]


def slow(*_):
    raise Slow()


def plan(source, seconds):
    with open(source, encoding="utf-8") as file:
        tree = ast.parse(file.read())
    found = inputs.functions(tree)
    module = load()[0]
    for index, function in enumerate(found):
        number = sum(other.name == function.name for other in found[:index])
        row = {"function": function.name, "number": number, "role": function.role}
        shadowed = any(other.name == function.name and other.role == function.role
                       for other in found[index + 1:])
        if inputs.is_partial(function.node):
            row["reason"] = "it is not understood as a whole"
        elif shadowed:
            row["reason"] = "another function has its name"
        else:
            row["calls"] = choose(function, module, seconds)
        emit(**row)


def load():
    """The module, or why there is none."""
    import importlib
    settle()
    sys.modules.pop(NAME, None)
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            return importlib.import_module(NAME), None
    except BaseException as error:
        return None, "%s: %s" % (type(error).__name__, error)


# MARK: Running

IGNORED = {"__file__", "__loader__", "__spec__", "__builtins__", "__cached__", "__test__", "__pyx_capi__"}


def globals_of(module):
    """What a module's own code has made."""
    told = {}
    for name, value in vars(module).items():
        if name in IGNORED or name.startswith("__pyx"):
            continue
        told[name] = describe(value)
        if isinstance(value, type) and value.__module__ == NAME:
            told[name] += " " + ", ".join(describe(base) for base in value.__bases__)
            for key, item in vars(value).items():
                if key not in ("__dict__", "__weakref__", "__firstlineno__", "__static_attributes__"):
                    told["%s.%s" % (name, key)] = describe(item)
    return told


def run(path, source, seconds):
    with open(path, encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    module, problem = load()
    if module is None:
        emit(problem=problem)
        return
    emit(file=getattr(module, "__file__", ""), globals=globals_of(module))
    names = space(module)
    for row in rows:
        calls = row.get("calls", [])
        try:
            target = find(module, row["function"], row["role"])
        except (KeyError, AttributeError, TypeError) as error:
            emit(function=row["function"], number=row["number"], missing=True)
            continue

        def attempt(index, line):
            try:
                line(index=index, call=text_of(calls[index]), seen=observe(target, names, calls[index]))
            except (RecursionError, MemoryError):
                pass
        observed = in_children(len(calls), attempt, seconds)
        emit(function=row["function"], number=row["number"], calls=observed)


sys.setrecursionlimit(600)
# Scripts of the sandbox are no part of what modules see.
sys.path[:] = [place for place in sys.path if place != os.path.dirname(os.path.abspath(__file__))]
if sys.argv[1] == "plan":
    plan(sys.argv[2], float(sys.argv[3]))
else:
    run(sys.argv[2], sys.argv[3], float(sys.argv[4]))
