"""Functions whose variables have no name of their own in what comes back."""


def several_expressions(graph, nodes=None):
    if nodes is None:
        pairs = graph.items()
    else:
        pairs = ((n, graph[n]) for n in nodes)
    for v, near in pairs:
        others = set(near) - {v}
        degrees = sorted(len(others & set(graph[w])) for w in others)
        yield v, len(others), degrees


def truths_in_generator(items):
    found = False
    for item in items:
        if item.name == "x":
            found = True
        yield item, found


def offset(keyword, code):
    shift = 0
    if keyword == "for":
        code = code + "pass"
    elif keyword == "else":
        code = "if" + code
        shift = -1
    elif keyword == "except":
        code = "try" + code
        shift = -1
    return code, shift
