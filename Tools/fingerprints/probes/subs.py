from mod import glob
def f000(a, b, c):
    return a[0]
def f001(a, b, c):
    return a[1]
def f002(a, b, c):
    return a[-1]
def f003(a, b, c):
    return a[b]
def f004(a, b, c):
    return a['k']
def f005(a, b, c):
    return a[1, 2]
def f006(a, b, c):
    return a[b, 2]
def f007(a, b, c):
    return a[b, c]
def f008(a, b, c):
    return a[b][c]
def f009(a, b, c):
    return a[0][1]
def f010(a, b, c):
    return a[b.x]
def f011(a, b, c):
    return a[b + 1]
def f012(a, b, c):
    return a[-b]
def f013(a, b, c):
    return a[len(a) - 1]
def f014(a, b, c):
    return a[:]
def f015(a, b, c):
    return a[1:]
def f016(a, b, c):
    return a[:2]
def f017(a, b, c):
    return a[b:]
def f018(a, b, c):
    return a[:b]
def f019(a, b, c):
    return a[b:c]
def f020(a, b, c):
    return a[1:5]
def f021(a, b, c):
    return a[1:-1]
def f022(a, b, c):
    return a[:-1]
def f023(a, b, c):
    return a[-3:]
def f024(a, b, c):
    return a[b:c + 1]
def f025(a, b, c):
    return a[::2]
def f026(a, b, c):
    return a[::-1]
def f027(a, b, c):
    return a[b:c:2]
def f028(a, b, c):
    return a[b::c]
def f029(a, b, c):
    return a[1:2, b]
def f030(a, b, c):
    return a[1:2, b:c]
def f031(a, b, c):
    return a[...]
def f032(a, b, c):
    return a[None]
def f033(a, b, c):
    return a[True]
def f034(a, b, c):
    return a[b:][c]
def f035(a, b, c):
    return a[b:c].x
def f036(a, b, c):
    return a[:len(b)]
def f037(a, b, c):
    return a[len(b):]
def f038(a, b, c):
    return a[b:len(a)]
def f039(a, b, c):
    return (a, b)[c]
def f040(a, b, c):
    return [a, b][0]
def f041(a, b, c):
    return {1: a}[b]
def f042(a, b, c):
    return 'abc'[a]
def f043(a, b, c):
    return 'abc'[a:]
def f044(a, b, c):
    return (1, 2, 3)[a]
def f045(a, b, c):
    return a[100000000000]
def f046(a, b, c):
    a[0] = b
def f047(a, b, c):
    a[-1] = b
def f048(a, b, c):
    a[b] = c
def f049(a, b, c):
    a['k'] = c
def f050(a, b, c):
    a[1, 2] = c
def f051(a, b, c):
    a[b:c] = a
def f052(a, b, c):
    a[1:2] = b
def f053(a, b, c):
    a[:] = b
def f054(a, b, c):
    a[::2] = b
def f055(a, b, c):
    a[b:] = c
def f056(a, b, c):
    a[:b] = c
def f057(a, b, c):
    a[:-1] = c
def f058(a, b, c):
    del a[0]
def f059(a, b, c):
    del a[-1]
def f060(a, b, c):
    del a[b]
def f061(a, b, c):
    del a['k']
def f062(a, b, c):
    del a[1:2]
def f063(a, b, c):
    del a[b:c]
def f064(a, b, c):
    del a[:]
def f065(a, b, c):
    del a[b:]
def f066(a, b, c):
    del a[:b]
def f067(a, b, c):
    del a[::2]
def f068(a, b, c):
    del a[1, 2]
def f069(a, b, c):
    del a.x
def f070(a, b, c):
    del a.x, b.y, c[0]
def f071(a, b, c):
    a[b][c] = 1
def f072(a, b, c):
    a.x[b] = c
def f073(a, b, c):
    a[0], a[1] = b, c
def f074(a, b, c):
    a.x, a.y = b, c
def f075(a, b, c):
    a.x = a.y = b
def f076(a, b, c):
    a[b] = a[c] = 1
def f077(a, b, c):
    a = b = c; return a, b
def f078(a, b, c):
    a.x = b
def f079(a, b, c):
    a.x = None
def f080(a, b, c):
    a.x.y = b.z
def f081(a, b, c):
    a[b] += 1
def f082(a, b, c):
    a[0] += c
def f083(a, b, c):
    a.x += c
def f084(a, b, c):
    a.x[b] -= c
def f085(a, b, c):
    a[b:c] += a
def f086(a, b, c):
    a['x'] |= b
def f087(a, b, c):
    a[b, c] += 1
def f088(a, b, c):
    x = a[b]; del x
def f089(a, b, c):
    del a
def f090(a, b, c):
    del a, b
def f091(a, b, c):
    del (a, b)
