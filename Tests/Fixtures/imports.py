"""Imports inside functions, which Cython takes apart in loops since 3.1."""


def f(x):
    from inspect import Parameter, signature
    return signature(x), Parameter


def g(x):
    from os import path, sep, linesep
    return path, sep, linesep, x


def h(self, function):
    from inspect import Parameter, signature
    params = signature(function).parameters
    if params.keys() & {1, 2}:
        raise ValueError(function)
    for i, (name, p) in enumerate(params.items()):
        if p.kind == Parameter.POSITIONAL_ONLY:
            self.a[i] = name
        elif p.kind == Parameter.VAR_KEYWORD:
            self.b[i] = name
