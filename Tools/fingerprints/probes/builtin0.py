from mod import glob
def f000(a, b):
    return len(a)
def f001(a, b):
    return type(a)
def f002(a, b):
    return type(a).__name__
def f003(a, b):
    return type(a, b, {})
def f004(a, b):
    return getattr(a, b)
def f005(a, b):
    return getattr(a, b, None)
def f006(a, b):
    return getattr(a, 'lit')
def f007(a, b):
    return getattr(a, 'lit', 3)
def f008(a, b):
    return getattr(a, 'lit', None)
def f009(a, b):
    return getattr(a, 'lit', b)
def f010(a, b):
    return getattr(a, b, b.x)
def f011(a, b):
    return getattr(a, 'lit', None) or b
def f012(a, b):
    return getattr(a, 'lit', b())
def f013(a, b):
    return getattr(a.x, 'lit', False)
def f014(a, b):
    return hasattr(a, b)
def f015(a, b):
    return hasattr(a, 'lit')
def f016(a, b):
    return not hasattr(a, 'lit')
def f017(a, b):
    return setattr(a, b, 1)
def f018(a, b):
    return setattr(a, 'x', b)
def f019(a, b):
    return delattr(a, b)
def f020(a, b):
    return delattr(a, 'x')
def f021(a, b):
    return next(a)
def f022(a, b):
    return next(a, None)
def f023(a, b):
    return next(a, b)
def f024(a, b):
    return next(iter(a))
def f025(a, b):
    return next(iter(a), None)
def f026(a, b):
    return next(x for x in a)
def f027(a, b):
    return next((x for x in a if x), None)
def f028(a, b):
    return iter(a)
def f029(a, b):
    return iter(a, b)
def f030(a, b):
    return list(a)
def f031(a, b):
    return tuple(a)
def f032(a, b):
    return set(a)
def f033(a, b):
    return frozenset(a)
def f034(a, b):
    return dict(a)
def f035(a, b):
    return dict()
def f036(a, b):
    return list()
def f037(a, b):
    return tuple()
def f038(a, b):
    return set()
def f039(a, b):
    return frozenset()
def f040(a, b):
    return dict(x=1, y=a)
def f041(a, b):
    return dict(a, x=b)
def f042(a, b):
    return dict(**a)
def f043(a, b):
    return dict(a, **b)
def f044(a, b):
    return dict(zip(a, b))
def f045(a, b):
    return dict([(a, b)])
def f046(a, b):
    return set([a, b])
def f047(a, b):
    return set((a, b))
def f048(a, b):
    return set('abc')
def f049(a, b):
    return frozenset((a, b))
def f050(a, b):
    return frozenset([1, 2])
def f051(a, b):
    return list((a, b))
def f052(a, b):
    return list(range(a))
def f053(a, b):
    return list(range(3))
def f054(a, b):
    return list(map(a, b))
def f055(a, b):
    return list(a.items())
def f056(a, b):
    return list(a.keys())
def f057(a, b):
    return list(filter(None, a))
def f058(a, b):
    return tuple([a, b])
def f059(a, b):
    return tuple(a.b)
def f060(a, b):
    return tuple(x for x in a)
def f061(a, b):
    return list(x for x in a)
def f062(a, b):
    return set(x for x in a)
def f063(a, b):
    return frozenset(x for x in a)
def f064(a, b):
    return dict((x, 1) for x in a)
def f065(a, b):
    return sorted(a)
def f066(a, b):
    return sorted(a, key=len, reverse=True)
def f067(a, b):
    return sorted(a, key=b)
def f068(a, b):
    return sorted(a, reverse=True)
def f069(a, b):
    return sorted(x for x in a)
def f070(a, b):
    return sorted([x for x in a])
def f071(a, b):
    return sorted(set(a))
def f072(a, b):
    return sorted(a.items())
def f073(a, b):
    return sorted(a, key=lambda x: x[1])
def f074(a, b):
    return sum(a)
def f075(a, b):
    return sum(a, b)
def f076(a, b):
    return sum(x for x in a)
def f077(a, b):
    return sum([x for x in a])
