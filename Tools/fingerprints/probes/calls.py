from mod import glob
def f000(f, a, k):
    return f()
def f001(f, a, k):
    return f(a)
def f002(f, a, k):
    return f(a, k)
def f003(f, a, k):
    return f(a, k, 1)
def f004(f, a, k):
    return f(a, k=1)
def f005(f, a, k):
    return f(k=1, j=2)
def f006(f, a, k):
    return f(*a)
def f007(f, a, k):
    return f(a, *k)
def f008(f, a, k):
    return f(*a, k)
def f009(f, a, k):
    return f(**k)
def f010(f, a, k):
    return f(x=1, **k)
def f011(f, a, k):
    return f(a, **k)
def f012(f, a, k):
    return f(a, *k, x=1, **a)
def f013(f, a, k):
    return f(*a, *k, **a, **k)
def f014(f, a, k):
    return f(*a, **k)
def f015(f, a, k):
    return f(a, *k, 1)
def f016(f, a, k):
    return f(*(a, k))
def f017(f, a, k):
    return f(**{"x": a})
def f018(f, a, k):
    return f.m()
def f019(f, a, k):
    return f.m(a)
def f020(f, a, k):
    return f.m(a, k)
def f021(f, a, k):
    return f.m(a, k=1)
def f022(f, a, k):
    return f.m(x=a)
def f023(f, a, k):
    return f.m(*a)
def f024(f, a, k):
    return f.m(**k)
def f025(f, a, k):
    return f.m(a, *k)
def f026(f, a, k):
    return f.m(a, **k)
def f027(f, a, k):
    return f.m(a, 1, 2, 3, 4, 5, 6)
def f028(f, a, k):
    return f.m(a, 1, 2, 3, 4, 5, 6, x=k, y=a)
def f029(f, a, k):
    return f(a, 1, 2, 3, 4, 5, 6, 7, 8)
def f030(f, a, k):
    return f(a)(k)
def f031(f, a, k):
    return f(a)(k)(a).b(k)
def f032(f, a, k):
    return f(a.b, k[0], f(k))
def f033(f, a, k):
    return f(lambda: 0)
def f034(f, a, k):
    return f((a, k))
def f035(f, a, k):
    return f([a, k], {a: k})
def f036(f, a, k):
    return glob()
def f037(f, a, k):
    return glob(a)
def f038(f, a, k):
    return glob(a, k)
def f039(f, a, k):
    return glob(a, x=k)
def f040(f, a, k):
    return glob(*a)
def f041(f, a, k):
    return glob.m(a)
def f042(f, a, k):
    return str.join(a, k)
def f043(f, a, k):
    return dict.get(a, k)
def f044(f, a, k):
    return object.__new__(a)
def f045(f, a, k):
    return list.append(a, k)
def f046(f, a, k):
    return type(a)(k)
def f047(f, a, k):
    return a[0](k)
def f048(f, a, k):
    return a["x"](k, 1)
def f049(f, a, k):
    return (f or a)(k)
def f050(f, a, k):
    return (f if a else k)(1)
