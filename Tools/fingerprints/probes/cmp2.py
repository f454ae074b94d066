from mod import glob
def f134(a, b, c):
    return a is not None
def f135(a, b, c):
    return (a, b) == c
def f136(a, b, c):
    return a == [b, c]
def f137(a, b, c):
    return a == {}
def f138(a, b, c):
    return len(a) == 0
def f139(a, b, c):
    return len(a) > 1
def f140(a, b, c):
    return len(a) > len(b)
def f141(a, b, c):
    return len(a) - 1
def f142(a, b, c):
    return len(a) + 1 < b
def f143(a, b, c):
    return a[0] == 'x'
def f144(a, b, c):
    return a[-1] == b
def f145(a, b, c):
    return a.x == b.x
def f146(a, b, c):
    return type(a) is type(b)
def f147(a, b, c):
    return type(a) is list
def f148(a, b, c):
    return type(a) == b
def f149(a, b, c):
    return a.__class__ is b
def f150(a, b, c):
    return isinstance(a, str)
def f151(a, b, c):
    return isinstance(a, (int, float))
def f152(a, b, c):
    return isinstance(a, (int, b))
def f153(a, b, c):
    return isinstance(a, b)
def f154(a, b, c):
    return isinstance(a, dict)
def f155(a, b, c):
    return isinstance(a, (list, tuple, set))
def f156(a, b, c):
    return isinstance(a, list) and isinstance(b, tuple)
def f157(a, b, c):
    return not isinstance(a, bytes)
def f158(a, b, c):
    return isinstance(a, type)
def f159(a, b, c):
    return isinstance(a, bool)
def f160(a, b, c):
    return isinstance(a, float) or isinstance(a, complex)
def f161(a, b, c):
    return isinstance(a, b.c)
def f162(a, b, c):
    return issubclass(a, b)
def f163(a, b, c):
    return issubclass(a, (b, c))
def f164(a, b, c):
    return issubclass(a, str)
def f165(a, b, c):
    return isinstance(a, slice)
def f166(a, b, c):
    return isinstance(a, (bytes, bytearray, memoryview))
def f167(a, b):
    if a in b: return 7
def f168(a, b):
    if a not in b: return 7
def f169(a, b, c):
    if a in (1, 2, 3): return 7
def f170(a, b, c):
    if a in ['x', 'y']: return 7
def f171(a, b, c):
    if a not in {1, 2}: return 7
def f172(a, b, c):
    if a in 'abc': return 7
def f173(a, b, c):
    if a in ('x', 'y', None): return 7
def f174(a, b, c):
    if a in (b, c): return 7
def f175(a, b, c):
    if a in [b, c]: return 7
def f176(a, b, c):
    if a in {'x': 1}: return 7
def f177(a, b, c):
    if a in b'abc': return 7
def f178(a, b, c):
    if a not in (): return 7
def f179(a, b, c):
    if a in (1,): return 7
def f180(a, b, c):
    if len(a) == 0: return 7
def f181(a, b, c):
    if len(a) > 1: return 7
def f182(a, b, c):
    if len(a) > len(b): return 7
def f183(a, b, c):
    if len(a) - 1: return 7
def f184(a, b, c):
    if len(a) + 1 < b: return 7
def f185(a, b, c):
    if isinstance(a, str): return 7
def f186(a, b, c):
    if isinstance(a, (int, float)): return 7
def f187(a, b, c):
    if isinstance(a, (int, b)): return 7
def f188(a, b, c):
    if isinstance(a, b): return 7
def f189(a, b, c):
    if isinstance(a, dict): return 7
def f190(a, b, c):
    if isinstance(a, (list, tuple, set)): return 7
def f191(a, b, c):
    if isinstance(a, list) and isinstance(b, tuple): return 7
def f192(a, b, c):
    if isinstance(a, type): return 7
def f193(a, b, c):
    if isinstance(a, bool): return 7
def f194(a, b, c):
    if isinstance(a, float) or isinstance(a, complex): return 7
def f195(a, b, c):
    if isinstance(a, b.c): return 7
def f196(a, b, c):
    if issubclass(a, b): return 7
def f197(a, b, c):
    if issubclass(a, (b, c)): return 7
def f198(a, b, c):
    if issubclass(a, str): return 7
def f199(a, b, c):
    if isinstance(a, slice): return 7
def f200(a, b, c):
    if isinstance(a, (bytes, bytearray, memoryview)): return 7
