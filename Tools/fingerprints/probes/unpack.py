from mod import glob
def f000(a, b):
    x, y = a; return x, y
def f001(a, b):
    (p, q), r = a; return p, q, r
def f002(a, b):
    h, *t = a; return h, t
def f003(a, b):
    *i, l = a; return i, l
def f004(a, b):
    h, *m, l = a; return h, m, l
def f005(a, b):
    *m, = a; return m
def f006(a, b):
    [u, v, w] = a; return u, v, w
def f007(a, b):
    a, b = b, a; return a, b
def f008(a, b):
    m = n = a; return m, n
def f009(a, b):
    x, y = a, b; return x, y
def f010(a, b):
    x, (y, z) = a; return x, y, z
def f011(a, b):
    x, = a; return x
def f012(a, b):
    [x] = a; return x
def f013(a, b):
    x = y, z = a; return x, y, z
def f014(a, b):
    a.x, a[0] = b
def f015(a, b):
    a.x, *a.y = b
def f016(a, b):
    x, y = a.f(b); return y
def f017(a, b):
    x, *_ = a; return x
def f018(a, b):
    x, y, *z = a; return x, y, z
def f019(a, b):
    (x, y), *z = a; return x, y, z
def f020(a, b):
    x, (y, *z) = a; return x, y, z
def f021(a, b):
    _, x, _ = a; return x
def f022(a, b):
    a, b, c = b, a, 1; return a, b, c
def f023(a, b):
    x, y = y, x = a, b; return x, y
def f024(a, b):
    x, y, z, w, v = a; return x, y, z, w, v
def f025(a, b):
    for x, y in a: b(x, y)
def f026(a, b):
    for x, (y, z) in a: b(x, y, z)
def f027(a, b):
    for (x, y), z in a: b(x, y, z)
def f028(a, b):
    for x, *y in a: b(x, y)
def f029(a, b):
    for i, (k, v) in enumerate(a): b(i, k, v)
def f030(a, b):
    for i, (k, v) in enumerate(a.items()): b(i, k, v)
def f031(a, b):
    for (x,) in a: b(x)
def f032(a, b):
    for [x, y] in a: b(x, y)
def f033(a, b):
    for a.q in b: a.f()
def f034(a, b):
    for a[0] in b: a.f()
def f035(a, b):
    for x, a.q in b: a.f(x)
def f036(a, b):
    x, y = [a, b]; return x, y
def f037(a, b):
    x, y = (a, b) if b else (b, a); return x, y
