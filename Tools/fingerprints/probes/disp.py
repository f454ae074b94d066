from mod import glob
def f000(a, b):
    return []
def f001(a, b):
    return [a, b]
def f002(a, b):
    return ()
def f003(a, b):
    return (a, b)
def f004(a, b):
    return (a,)
def f005(a, b):
    return {}
def f006(a, b):
    return {a: b}
def f007(a, b):
    return {a: b, 'x': 1}
def f008(a, b):
    return {a, b}
def f009(a, b):
    return {a}
def f010(a, b):
    return [*a]
def f011(a, b):
    return [*a, b]
def f012(a, b):
    return [a, *b]
def f013(a, b):
    return [a, *b, 1]
def f014(a, b):
    return (*a,)
def f015(a, b):
    return (*a, *b)
def f016(a, b):
    return (a, *b)
def f017(a, b):
    return (*a, b)
def f018(a, b):
    return {**a}
def f019(a, b):
    return {**a, 'x': b}
def f020(a, b):
    return {'x': b, **a}
def f021(a, b):
    return {**a, **b}
def f022(a, b):
    return {'x': 1, **a, 'y': 2}
def f023(a, b):
    return {*a}
def f024(a, b):
    return {*a, *b}
def f025(a, b):
    return {a, *b}
def f026(a, b):
    return {'a': 1, 'b': 2, 'c': 3, 'd': 4, 'e': 5, 'f': 6}
def f027(a, b):
    return [1, 2, 3]
def f028(a, b):
    return (1, 2, 3)
def f029(a, b):
    return {1, 2, 3}
def f030(a, b):
    return [a] * 5
def f031(a, b):
    return [None] * a
def f032(a, b):
    return [a, b] * b
def f033(a, b):
    return (1, 2) * 3
def f034(a, b):
    return (a,) * b
def f035(a, b):
    return b * [a]
def f036(a, b):
    return [0] * len(a)
def f037(a, b):
    return [[a], [b]]
def f038(a, b):
    return ((a, b), (b, a))
def f039(a, b):
    return [(a, b), {a: b}]
def f040(a, b):
    return {'x': [a], 'y': (b,)}
def f041(a, b):
    return {'x': {'y': a}}
def f042(a, b):
    return [x for x in a]
def f043(a, b):
    return [x for x in a if x]
def f044(a, b):
    return [x + 1 for x in a if x > b]
def f045(a, b):
    return [(x, y) for x in a for y in b]
def f046(a, b):
    return [(x, y) for x in a if x for y in b if y > x]
def f047(a, b):
    return [[y for y in x] for x in a]
def f048(a, b):
    return {x for x in a}
def f049(a, b):
    return {x.y for x in a if x}
def f050(a, b):
    return {k: v for k, v in a}
def f051(a, b):
    return {k: v for k, v in a.items()}
def f052(a, b):
    return {k: v for k, v in a.items() if v is not None}
def f053(a, b):
    return {x: 1 for x in a}
def f054(a, b):
    return {v: k for k, v in a.items()}
def f055(a, b):
    return [k for k in a.keys()]
def f056(a, b):
    return [v for v in a.values()]
def f057(a, b):
    return [x for x in range(10)]
def f058(a, b):
    return [i for i in range(a)]
def f059(a, b):
    return [i * 2 for i in range(len(a))]
def f060(a, b):
    return [a[i] for i in range(len(a))]
def f061(a, b):
    return [x for i, x in enumerate(a)]
def f062(a, b):
    return [x for i, x in enumerate(a, 1) if i]
def f063(a, b):
    return [x for x, y in zip(a, b)]
def f064(a, b):
    return [x for x in reversed(a)]
def f065(a, b):
    return [x for x in sorted(a)]
def f066(a, b):
    return [x for x in (1, 2, 3)]
def f067(a, b):
    return [x for x in [a, b]]
def f068(a, b):
    return [x for x in 'abc']
def f069(a, b):
    return [x for (x, y), z in a]
def f070(a, b):
    return [x for x, *y in a]
def f071(a, b):
    return [str(x) for x in a]
def f072(a, b):
    return [int(x) for x in a]
def f073(a, b):
    return [len(x) for x in a]
def f074(a, b):
    return [x.m(b) for x in a]
def f075(a, b):
    return [f for f in a if f not in b]
def f076(a, b):
    return [x if x else b for x in a]
def f077(a, b):
    return [x for x in a if x and x.y or b]
def f078(a, b):
    return [x for x in a if not x]
