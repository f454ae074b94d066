from mod import glob
def f000(a, b):
    return a + b
def f001(a, b):
    return a - b
def f002(a, b):
    return a * b
def f003(a, b):
    return a / b
def f004(a, b):
    return a // b
def f005(a, b):
    return a % b
def f006(a, b):
    return a ** b
def f007(a, b):
    return a @ b
def f008(a, b):
    return a << b
def f009(a, b):
    return a >> b
def f010(a, b):
    return a & b
def f011(a, b):
    return a | b
def f012(a, b):
    return a ^ b
def f013(a, b):
    a += b; return a
def f014(a, b):
    a.x += b
def f015(a, b):
    a[b] += 2
def f016(a, b):
    a -= b; return a
def f017(a, b):
    a.x -= b
def f018(a, b):
    a[b] -= 2
def f019(a, b):
    a *= b; return a
def f020(a, b):
    a.x *= b
def f021(a, b):
    a[b] *= 2
def f022(a, b):
    a /= b; return a
def f023(a, b):
    a.x /= b
def f024(a, b):
    a[b] /= 2
def f025(a, b):
    a //= b; return a
def f026(a, b):
    a.x //= b
def f027(a, b):
    a[b] //= 2
def f028(a, b):
    a %= b; return a
def f029(a, b):
    a.x %= b
def f030(a, b):
    a[b] %= 2
def f031(a, b):
    a **= b; return a
def f032(a, b):
    a.x **= b
def f033(a, b):
    a[b] **= 2
def f034(a, b):
    a @= b; return a
def f035(a, b):
    a.x @= b
def f036(a, b):
    a[b] @= 2
def f037(a, b):
    a <<= b; return a
def f038(a, b):
    a.x <<= b
def f039(a, b):
    a[b] <<= 2
def f040(a, b):
    a >>= b; return a
def f041(a, b):
    a.x >>= b
def f042(a, b):
    a[b] >>= 2
def f043(a, b):
    a &= b; return a
def f044(a, b):
    a.x &= b
def f045(a, b):
    a[b] &= 2
def f046(a, b):
    a |= b; return a
def f047(a, b):
    a.x |= b
def f048(a, b):
    a[b] |= 2
def f049(a, b):
    a ^= b; return a
def f050(a, b):
    a.x ^= b
def f051(a, b):
    a[b] ^= 2
def f052(a):
    return a + 1
def f053(a):
    return 1 + a
def f054(a):
    a += 1; return a
def f055(a):
    return a - 1
def f056(a):
    return 1 - a
def f057(a):
    a -= 1; return a
def f058(a):
    return a * 1
def f059(a):
    return 1 * a
def f060(a):
    a *= 1; return a
def f061(a):
    return a / 1
def f062(a):
    return 1 / a
def f063(a):
    a /= 1; return a
def f064(a):
    return a // 1
