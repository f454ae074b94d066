from mod import glob
def f000(k, v):
    d = {}
    d[k] = v
def f001(k, v):
    d = {}
    d['x'] = k
def f002(k, v):
    d = {}
    return d[k]
def f003(k, v):
    d = {}
    return d['x']
def f004(k, v):
    d = {}
    del d[k]
def f005(k, v):
    d = {}
    return d.get(k)
def f006(k, v):
    d = {}
    return d.get(k, v)
def f007(k, v):
    d = {}
    return d.get('x', None)
def f008(k, v):
    d = {}
    d.setdefault(k, v)
def f009(k, v):
    d = {}
    return d.setdefault(k, v)
def f010(k, v):
    d = {}
    return d.setdefault(k)
def f011(k, v):
    d = {}
    d.setdefault(k, []).append(v)
def f012(k, v):
    d = {}
    d.update(k)
def f013(k, v):
    d = {}
    d.update(x=k)
def f014(k, v):
    d = {}
    d.update({k: v})
def f015(k, v):
    d = {}
    d.update(k, x=v)
def f016(k, v):
    d = {}
    for a, b in d.items(): k(a, b)
def f017(k, v):
    d = {}
    for a in d.keys(): k(a)
def f018(k, v):
    d = {}
    for a in d.values(): k(a)
def f019(k, v):
    d = {}
    for a in d: k(a)
def f020(k, v):
    d = {}
    for a, b in list(d.items()): k(a, b)
def f021(k, v):
    d = {}
    for a, b in sorted(d.items()): k(a, b)
def f022(k, v):
    d = {}
    for a in d.items(): k(a)
def f023(k, v):
    d = {}
    for i, (a, b) in enumerate(d.items()): k(i, a, b)
def f024(k, v):
    d = {}
    if k in d: return d[k]
def f025(k, v):
    d = {}
    if k not in d: return 1
def f026(k, v):
    d = {}
    return k in d
def f027(k, v):
    d = {}
    d.pop(k)
def f028(k, v):
    d = {}
    return d.pop(k)
def f029(k, v):
    d = {}
    d.pop(k, None)
def f030(k, v):
    d = {}
    return d.pop(k, None)
def f031(k, v):
    d = {}
    return d.pop(k, v)
def f032(k, v):
    d = {}
    return d.popitem()
def f033(k, v):
    d = {}
    d.clear()
def f034(k, v):
    d = {}
    return d.copy()
def f035(k, v):
    d = {}
    return d.items()
def f036(k, v):
    d = {}
    return d.keys()
def f037(k, v):
    d = {}
    return d.values()
def f038(k, v):
    d = {}
    return list(d)
def f039(k, v):
    d = {}
    return list(d.keys())
def f040(k, v):
    d = {}
    return list(d.values())
def f041(k, v):
    d = {}
    return list(d.items())
def f042(k, v):
    d = {}
    return tuple(d)
def f043(k, v):
    d = {}
    return sorted(d)
def f044(k, v):
    d = {}
    return len(d)
def f045(k, v):
    d = {}
    return not d
def f046(k, v):
    d = {}
    if d: return k
def f047(k, v):
    d = {}
    return dict(d)
def f048(k, v):
    d = {}
    return dict(d, x=k)
def f049(k, v):
    d = {}
    return {**d, **k}
def f050(k, v):
    d = {}
    return k(**d)
def f051(k, v):
    d = {}
    return k(x=v, **d)
def f052(k, v):
    d = {}
    d[k] += v; return d
def f053(k, v):
    d = {}
    d[k, v] = 1; return d
def f054(k, v):
    d = {}
    d |= k; return d
def f055(k, v):
    d = {}
    return d | k
def f056(k, v):
    d = {}
    return d == k
def f057(k, v):
    d = {}
    return [a for a in d]
def f058(k, v):
    d = {}
    return [a for a, b in d.items() if b]
def f059(k, v):
    d = {}
    return {a: b for a, b in d.items()}
def f060(k, v):
    d = {}
    return {b: a for a, b in d.items()}
def f061(k, v):
    d = {}
    return max(d)
def f062(k, v):
    d = {}
    return d.get(k) or v
def f063(k, v):
    d = {}
    return d.get(k, {}).get(v)
def f064(k, v):
    d = {}
    x = d.get(k); return x
def f065(k, v):
    d = {}
    return str(d)
def f066(k, v):
    d = {}
    return bool(d)
def f067(k, v):
    d = {}
    return iter(d)
def f068(k, v):
    d = {}
    return d.fromkeys(k)
