"""Variables that get the values of others, and names that belong to comprehensions."""


def before(items, limit, strict):
    last = None
    if strict:
        for item in items:
            if item > limit:
                break
            last = item
    else:
        for item in items:
            if item >= limit:
                break
            last = item
    return last


def sift(heap, pos):
    startpos = pos
    newitem = heap[pos]
    childpos = 2 * pos + 1
    while childpos < startpos:
        heap[pos] = heap[childpos]
        pos = childpos
        childpos = 2 * pos + 1
    heap[pos] = newitem
    return heap, startpos, pos


def parts(text, depth):
    result = []
    start = 0
    for index, letter in enumerate(text):
        if letter == ',' and not depth:
            result.append(text[start:index])
            start = index + 1
        elif letter == ']':
            if depth:
                depth.pop()
            else:
                result.append(text[start:index])
                break
    return result, index


def plain(results):
    if isinstance(results, list):
        return [plain(entry) for entry in results]
    return results


def table(nodes, graph):
    if nodes in graph:
        return next(plain(nodes))
    return {vertex: degree for vertex, edges, degree in plain(graph)}


def filled(flags):
    links = [''] * len(flags)
    return links


def largest(groups):
    return max(group.size for group in groups if group)
