from mod import glob
def f000(a, b):
    x = 1
    y = 2
    return x + y
def f001(a, b):
    x = 5
    if a: x = 7
    return x
def f002(a, b):
    x = 0
    if a: x = 1
    if x: return b
def f003(a, b):
    x = len(a)
    y = x // 2
    return y
def f004(a, b):
    x = len(a)
    return x % 3
def f005(a, b):
    x = len(a)
    return x % 3 == 0
def f006(a, b):
    x = len(a)
    return x / 2
def f007(a, b):
    x = len(a)
    return x * 2 + 1
def f008(a, b):
    x = len(a)
    return -x
def f009(a, b):
    x = len(a)
    return x << 2
def f010(a, b):
    x = len(a)
    return x >> 1
def f011(a, b):
    x = len(a)
    return x & 1
def f012(a, b):
    x = len(a)
    return x ** 2
def f013(a, b):
    x = len(a)
    if x > 5 and x < 10: return x
def f014(a, b):
    x = len(a)
    return 0 <= x < 5
def f015(a, b):
    x = len(a)
    return a[x]
def f016(a, b):
    x = len(a)
    return a[x - 1]
def f017(a, b):
    x = len(a)
    return a[:x]
def f018(a, b):
    x = len(a)
    return a[x:]
def f019(a, b):
    x = len(a)
    return [b] * x
def f020(a, b):
    x = len(a)
    return [b] * (x + 1)
def f021(a, b):
    x = len(a)
    x += 1
    return x
def f022(a, b):
    x = len(a)
    x += b
    return x
def f023(a, b):
    x = len(a)
    if x == 1: return 'x'
    elif x == 2: return 'y'
    return x
def f024(a, b):
    x = len(a)
    if not x: return b
def f025(a, b):
    x = len(a)
    if x: return b
def f026(a, b):
    x = len(a)
    y = len(b)
    if x != y: return x - y
def f027(a, b):
    x = len(a)
    return str(x)
def f028(a, b):
    x = len(a)
    return f'{x}'
def f029(a, b):
    x = len(a)
    return '%d' % x
def f030(a, b):
    x = len(a)
    return a(x, b)
def f031(a, b):
    x = len(a)
    return a.f(x)
def f032(a, b):
    x = len(a)
    a.x = x
def f033(a, b):
    x = len(a)
    a[b] = x
def f034(a, b):
    x = len(a)
    return x in b
def f035(a, b):
    x = len(a)
    return x is None
def f036(a, b):
    x = len(a)
    return float(x)
def f037(a, b):
    x = len(a)
    return x if b else 0
def f038(a, b):
    x = len(a) and b
    return x
def f039(a, b):
    x = len(a) or b
    return x
def f040(a, b):
    x = 1.5
    return x
def f041(a, b):
    x = 1.5
    y = 2.5
    return x + y
def f042(a, b):
    x = 1.5
    return x * a
def f043(a, b):
    x = 1.0
    if a: x = 2.0
    return x
def f044(a, b):
    x = 0.0
    for v in a: x += v
    x = x / 2
    y = x ** 2
    return y
def f045(a, b):
    x = float(a)
    return x
def f046(a, b):
    x = float(a)
    y = float(b)
    return x < y
def f047(a, b):
    x = float(a)
    return x / 2
def f048(a, b):
    x = float(a)
    return x // 2
def f049(a, b):
    x = float(a)
    return x % 2
def f050(a, b):
    x = float(a)
    return -x
def f051(a, b):
    x = float(a)
    return abs(x)
def f052(a, b):
    x = float(a)
    return int(x)
def f053(a, b):
    x = a > 1
    if x: return True
def f054(a, b):
    x = a is None
    return x
def f055(a, b):
    x = not a
    return x
def f056(a, b):
    x = not a
    if x: return b
def f057(a, b):
    x = isinstance(a, int)
    return x
def f058(a, b):
    x = isinstance(a, int)
    if x: return b
def f059(a, b):
    x = a == 1 and b
    return x
def f060(a, b):
    x = a is None and b is None
    return x
def f061(a, b):
    x = a is None or b
    return x
