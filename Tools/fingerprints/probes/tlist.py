from mod import glob
def f000(x, y):
    l = []
    l.append(x)
def f001(x, y):
    l = []
    l.append(x); l.append(y)
def f002(x, y):
    l = []
    l.extend(x)
def f003(x, y):
    l = []
    l.extend([x, y])
def f004(x, y):
    l = []
    l.extend((x, y))
def f005(x, y):
    l = []
    l.sort()
def f006(x, y):
    l = []
    l.sort(key=x)
def f007(x, y):
    l = []
    l.sort(reverse=True)
def f008(x, y):
    l = []
    l.reverse()
def f009(x, y):
    l = []
    l.insert(0, x)
def f010(x, y):
    l = []
    l.insert(y, x)
def f011(x, y):
    l = []
    l.insert(-1, x)
def f012(x, y):
    l = []
    return l.pop()
def f013(x, y):
    l = []
    l.pop()
def f014(x, y):
    l = []
    return l.pop(0)
def f015(x, y):
    l = []
    return l.pop(-1)
def f016(x, y):
    l = []
    return l.pop(x)
def f017(x, y):
    l = []
    del l[0]
def f018(x, y):
    l = []
    del l[x]
def f019(x, y):
    l = []
    del l[x:y]
def f020(x, y):
    l = []
    del l[:]
def f021(x, y):
    l = []
    return l[0]
def f022(x, y):
    l = []
    return l[-1]
def f023(x, y):
    l = []
    return l[x]
def f024(x, y):
    l = []
    l[1] = x
def f025(x, y):
    l = []
    l[x] = y
def f026(x, y):
    l = []
    l[-1] = y
def f027(x, y):
    l = []
    return l[1:2]
def f028(x, y):
    l = []
    return l[1:]
def f029(x, y):
    l = []
    return l[:-1]
def f030(x, y):
    l = []
    return l[:]
def f031(x, y):
    l = []
    return l[::-1]
def f032(x, y):
    l = []
    return l[x:y]
def f033(x, y):
    l = []
    l[1:2] = x
def f034(x, y):
    l = []
    l[:] = x
def f035(x, y):
    l = []
    l[x:y] = l
def f036(x, y):
    l = []
    l += [x]; return l
def f037(x, y):
    l = []
    l += x; return l
def f038(x, y):
    l = []
    l *= 2; return l
def f039(x, y):
    l = []
    return l + x
def f040(x, y):
    l = []
    return l + [x]
def f041(x, y):
    l = []
    return l * 2
def f042(x, y):
    l = []
    return len(l)
def f043(x, y):
    l = []
    for i in l: x(i)
def f044(x, y):
    l = []
    for i, j in l: x(i, j)
def f045(x, y):
    l = []
    for i, j in enumerate(l): x(i, j)
def f046(x, y):
    l = []
    for i in reversed(l): x(i)
def f047(x, y):
    l = []
    if l: return l
def f048(x, y):
    l = []
    if not l: return x
def f049(x, y):
    l = []
    return not l
def f050(x, y):
    l = []
    return tuple(l)
def f051(x, y):
    l = []
    return list(l)
def f052(x, y):
    l = []
    return set(l)
def f053(x, y):
    l = []
    return sorted(l)
def f054(x, y):
    l = []
    return l.copy()
def f055(x, y):
    l = []
    l.clear()
def f056(x, y):
    l = []
    return l.index(x)
def f057(x, y):
    l = []
    return l.count(x)
def f058(x, y):
    l = []
    l.remove(x)
def f059(x, y):
    l = []
    return x in l
def f060(x, y):
    l = []
    return x not in l
def f061(x, y):
    l = []
    return l == x
def f062(x, y):
    l = []
    return l or x
def f063(x, y):
    l = []
    return l and x
def f064(x, y):
    l = []
    x(l); return l
def f065(x, y):
    l = []
    return ''.join(l)
def f066(x, y):
    l = []
    return [i for i in l]
def f067(x, y):
    l = []
    return x(*l)
def f068(x, y):
    l = []
    return isinstance(l, list)
def f069(x, y):
    l = []
    return str(l)
def f070(x, y):
    l = []
    return min(l), max(l)
def f071(x, y):
    l = []
    return sum(l)
def f072(x, y):
    l = []
    x, y = l; return x, y
def f073(x, y):
    l = []
    x, *y = l; return x, y
def f074(x, y):
    l = []
    return l.append
def f075(x, y):
    l = []
    l.append(l)
def f076(x, y):
    l = []
    l.append(x if y else None)
def f077(x, y):
    l = []
    return bool(l)
def f078(x, y):
    l = []
    return l[0][1]
def f079(x, y):
    l = []
    l[0].append(x)
def f080(x, y):
    l = []
    return l.append(x)
