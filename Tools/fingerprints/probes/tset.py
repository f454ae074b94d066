from mod import glob
def f000(k, v):
    s = set()
    s.add(k)
def f001(k, v):
    s = set()
    s.add((k, v))
def f002(k, v):
    s = set()
    s.discard(k)
def f003(k, v):
    s = set()
    s.remove(k)
def f004(k, v):
    s = set()
    return s.pop()
def f005(k, v):
    s = set()
    s.clear()
def f006(k, v):
    s = set()
    s.update(k)
def f007(k, v):
    s = set()
    s.update([k, v])
def f008(k, v):
    s = set()
    s.update(k, v)
def f009(k, v):
    s = set()
    return k in s
def f010(k, v):
    s = set()
    return k not in s
def f011(k, v):
    s = set()
    return len(s)
def f012(k, v):
    s = set()
    if s: return k
def f013(k, v):
    s = set()
    if not s: return k
def f014(k, v):
    s = set()
    for x in s: k(x)
def f015(k, v):
    s = set()
    return s | k
def f016(k, v):
    s = set()
    return s & k
def f017(k, v):
    s = set()
    return s - k
def f018(k, v):
    s = set()
    s |= k; return s
def f019(k, v):
    s = set()
    s -= k; return s
def f020(k, v):
    s = set()
    return s.union(k)
def f021(k, v):
    s = set()
    return s.copy()
def f022(k, v):
    s = set()
    return list(s)
def f023(k, v):
    s = set()
    return sorted(s)
def f024(k, v):
    s = set()
    return s == k
def f025(k, v):
    s = set()
    return set(s)
def f026(k, v):
    s = set()
    return frozenset(s)
def f027(k, v):
    s = set()
    return s.issubset(k)
def f028(k, v):
    s = set()
    return [x for x in s]
