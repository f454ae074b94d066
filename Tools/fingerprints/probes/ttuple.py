from mod import glob
def f000(k, v):
    t = (k, v)
    return t[0]
def f001(k, v):
    t = (k, v)
    return t[-1]
def f002(k, v):
    t = (k, v)
    return t[k]
def f003(k, v):
    t = (k, v)
    return t[1:]
def f004(k, v):
    t = (k, v)
    return t[:1]
def f005(k, v):
    t = (k, v)
    return t + (k,)
def f006(k, v):
    t = (k, v)
    return t + k
def f007(k, v):
    t = (k, v)
    return t * 2
def f008(k, v):
    t = (k, v)
    t += (k,); return t
def f009(k, v):
    t = (k, v)
    return len(t)
def f010(k, v):
    t = (k, v)
    for x in t: k(x)
def f011(k, v):
    t = (k, v)
    if t: return k
def f012(k, v):
    t = (k, v)
    return k in t
def f013(k, v):
    t = (k, v)
    return list(t)
def f014(k, v):
    t = (k, v)
    return tuple(t)
def f015(k, v):
    t = (k, v)
    return t == k
def f016(k, v):
    t = (k, v)
    return t < k
def f017(k, v):
    t = (k, v)
    a, b = t; return b, a
def f018(k, v):
    t = (k, v)
    return k(*t)
def f019(k, v):
    t = (k, v)
    return '%s %s' % t
def f020(k, v):
    t = (k, v)
    return hash(t)
def f021(k, v):
    t = (k, v)
    return t.index(k)
def f022(k, v):
    t = (k, v)
    return t.count(k)
