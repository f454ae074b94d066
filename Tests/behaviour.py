"""Runs the functions of two files side by side: behaviour.py ORIGINAL.py RECOVERED.py NAME…

Prints a line for each function that acts differently in them: its value or exception, or what it
noted in the list that it gets as its second argument."""
import importlib.util
import inspect
import sys

STEPS = ["ok", "bad", "gone", "odd", "early", "again", "skip", "stop", ""]
LISTS = [[], ["ok"], ["ok", "bad", "ok"], ["ok", "gone", "ok"], ["skip", "ok", "stop", "ok"],
         ["odd"], ["bad", "ok", "bad"]]
FIELDS = [{}, {"name": "a"}, {"name": ""}, {"size": 3}, {"other": 1}, {"kind": "k", "size": 1},
          {"kind": None}, {"name": 0, "other": 2, "kind": 0}]


class Thing:
    def __init__(self, fields):
        self.__dict__.update(fields)

    def __repr__(self):
        return f"Thing({self.__dict__})"


def load(path, name):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def inputs(function):
    first, *rest = inspect.signature(function).parameters
    if first == "steps":
        return [(steps,) for steps in LISTS]
    if rest[1:] == ["kinds"]:
        return [(step, kinds) for step in STEPS for kinds in (ValueError, (KeyError, OSError), ())]
    if first == "value":
        return [(Thing(fields),) for fields in FIELDS]
    if first == "values":
        return [([],), ([1],), ([None],), ("ab",)]
    return [(step,) for step in STEPS]


def drain(generator):
    """What a generator gives that gets an exception thrown in, and is closed at last."""
    given = []
    try:
        value = next(generator)
        while True:
            given.append(value)
            if len(given) == 2:
                value = generator.throw(ValueError("thrown"))
            elif len(given) == 5:
                generator.close()
                break
            else:
                value = generator.send(len(given))
    except StopIteration as end:
        given.append(("end", end.value))
    except Exception as error:
        given.append((type(error).__name__, error.args))
    return given


def call(function, arguments):
    log = []
    try:
        result = function(arguments[0], log, *arguments[1:])
        if inspect.iscoroutine(result):
            try:
                result.send(None)
            except StopIteration as end:
                result = end.value
        elif inspect.isgenerator(result):
            result = drain(result)
        return repr(result), repr(log)
    except Exception as error:
        kinds = [type(e).__name__ for e in (error, error.__cause__, error.__context__)]
        return repr((kinds, error.args)), repr(log)


def main(original, recovered, names):
    original, recovered = load(original, "original"), load(recovered, "recovered")
    for name in names:
        function = getattr(original, name)
        for arguments in inputs(function):
            expected, found = (call(f, arguments) for f in (function, getattr(recovered, name)))
            if expected != found:
                print(f"{name}{arguments}: {expected} became {found}")
                break


main(sys.argv[1], sys.argv[2], sys.argv[3:])
