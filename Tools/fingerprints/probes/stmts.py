from mod import glob
def f000(a, b):
    a.append(b)
def f001(a, b):
    a.append(b); a.append(1)
def f002(a, b):
    a.x.append(b)
def f003(a, b):
    a.extend(b)
def f004(a, b):
    a.pop()
def f005(a, b):
    a.pop(0)
def f006(a, b):
    a.pop(b, None)
def f007(a, b):
    a.sort()
def f008(a, b):
    a.reverse()
def f009(a, b):
    a.update(b)
def f010(a, b):
    a.insert(0, b)
def f011(a, b):
    a.setdefault(b, 1)
def f012(a, b):
    a.add(b)
def f013(a, b):
    a.discard(b)
def f014(a, b):
    a.clear()
def f015(a, b):
    a.remove(b)
def f016(a, b):
    setattr(a, b, 1)
def f017(a, b):
    setattr(a, 'x', b)
def f018(a, b):
    delattr(a, 'x')
def f019(a, b):
    next(a)
def f020(a, b):
    getattr(a, 'x')
def f021(a, b):
    exec(a)
def f022(a, b):
    exec(a, {})
def f023(a, b):
    exec('x=1', {}, {})
def f024(a, b):
    eval(a)
def f025(a, b):
    print(a)
def f026(a, b):
    len(a)
def f027(a, b):
    a.get(b)
def f028(a, b):
    a
def f029(a, b):
    a.b
def f030(a, b):
    a[0]
def f031(a, b):
    a()
def f032(a, b):
    a + b
def f033(a, b):
    a < b
def f034(a, b):
    not a
def f035(a, b):
    a and a()
def f036(a, b):
    a or b()
def f037(a, b):
    [x for x in a]
def f038(a, b):
    a if b else b()
def f039(a, b):
    global G1; G1 = a
def f040(a, b):
    global G1; G1 += 1
def f041(a, b):
    global G1; del G1
def f042(a, b):
    global G1; G1 = G1 + a; return G1
def f043(a, b):
    x = a; x += 1; return x
def f044(a, b):
    x: int = a; return x
def f045(a, b):
    x: float = 1.5; return x
def f046(a, b):
    y: 'list' = []; return y
def f047(a, b):
    x = 1; del x
def f048(a, b):
    x = a; del x; return b
def f049(a, b):
    if a: x = 1
    return x
def f050(a, b):
    assert a
def f051(a, b):
    assert a, 'msg'
def f052(a, b):
    assert a > 1, f'm {a}'
def f053(a, b):
    assert isinstance(a, str)
def f054(a, b):
    assert a is not None, b
def f055(a, b):
    raise a
def f056(a, b):
    raise a from b
def f057(a, b):
    raise a from None
def f058(a, b):
    raise ValueError
def f059(a, b):
    raise ValueError('x')
def f060(a, b):
    raise ValueError('x', b)
def f061(a, b):
    raise ValueError('x %s' % a)
def f062(a, b):
    raise a(b)
def f063(a, b):
    raise a.b(b) from a
def f064(a, b):
    raise
def f065(a, b):
    return None
def f066(a, b):
    return
def f067(a, b):
    pass
def f068(a, b):
    return a, b
