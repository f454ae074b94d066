"""Truth values in closure scopes, and loops that end in several ways."""
from codecs import lookup


def shared_truths(limit):
    ready = False

    def get():
        return ready

    def put(value):
        nonlocal ready
        ready = value > limit

    return get, put


def stop_behind_error(source):
    while True:
        try:
            data = source.read()
        except EOFError:
            print("closed")
            return
        if data:
            source.write(data)
        else:
            source.flush()


def last_line(source):
    while True:
        line = source.readline()
        if line:
            break
        if not source.more:
            raise StopIteration
        source.next()
    source.count += 1
    return line


def found_or_given(name):
    if hasattr(name, "codec"):
        return name
    found = lookup(name)
    if found is None:
        raise LookupError("Unknown: %r" % name)
    return found
