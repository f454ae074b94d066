"""A module that catches in one place, so that compilers put what takes the exception in that place."""


def read(path, lines):
    with open(path) as stream:
        for line in stream:
            lines.append(line)
    return lines
