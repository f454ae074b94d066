"""Loops that nothing but an error ends."""


def run(block, h):
    for line in block:
        h(line)
    while True:
        h('')


def gen(block):
    for line in block:
        yield line
    while True:
        yield ''


def serve(block, h):
    for line in block:
        if line:
            h(line)
        else:
            raise AssertionError(line)
    while True:
        h(1)


def pick(a, h):
    if a:
        raise ValueError(a)
    while True:
        h(1)


def gen2(a):
    if a:
        raise ValueError(a)
    while True:
        yield a
