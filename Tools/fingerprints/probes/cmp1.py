from mod import glob
def f067(a):
    if a != '': return a
def f068(a):
    return a < ''
def f069(a):
    if a < '': return a
def f070(a):
    return a == b'x'
def f071(a):
    if a == b'x': return a
def f072(a):
    return a != b'x'
def f073(a):
    if a != b'x': return a
def f074(a):
    return a < b'x'
def f075(a):
    if a < b'x': return a
def f076(a):
    return a == 1.0
def f077(a):
    if a == 1.0: return a
def f078(a):
    return a != 1.0
def f079(a):
    if a != 1.0: return a
def f080(a):
    return a < 1.0
def f081(a):
    if a < 1.0: return a
def f082(a):
    return a == None
def f083(a):
    if a == None: return a
def f084(a):
    return a != None
def f085(a):
    if a != None: return a
def f086(a):
    return a < None
def f087(a):
    if a < None: return a
def f088(a):
    return a is None
def f089(a):
    if a is None: return a
def f090(a):
    return a == True
def f091(a):
    if a == True: return a
def f092(a):
    return a != True
def f093(a):
    if a != True: return a
def f094(a):
    return a < True
def f095(a):
    if a < True: return a
def f096(a):
    return a is True
def f097(a):
    if a is True: return a
def f098(a):
    return a == (1, 2)
def f099(a):
    if a == (1, 2): return a
def f100(a):
    return a != (1, 2)
def f101(a):
    if a != (1, 2): return a
def f102(a):
    return a < (1, 2)
def f103(a):
    if a < (1, 2): return a
def f104(a):
    return a == 10**20
def f105(a):
    if a == 10**20: return a
def f106(a):
    return a != 10**20
def f107(a):
    if a != 10**20: return a
def f108(a):
    return a < 10**20
def f109(a):
    if a < 10**20: return a
def f110(a):
    return a == 300
def f111(a):
    if a == 300: return a
def f112(a):
    return a != 300
def f113(a):
    if a != 300: return a
def f114(a):
    return a < 300
def f115(a):
    if a < 300: return a
def f116(a, b, c):
    return 1 == a
def f117(a, b, c):
    return 'x' == a
def f118(a, b, c):
    return a < b < c
def f119(a, b, c):
    return a == b != c
def f120(a, b, c):
    return 0 <= a < 10
def f121(a, b, c):
    return a < b <= c < 5
def f122(a, b, c):
    return a in (1, 2, 3)
def f123(a, b, c):
    return a in ['x', 'y']
def f124(a, b, c):
    return a not in {1, 2}
def f125(a, b, c):
    return a in 'abc'
def f126(a, b, c):
    return a in ('x', 'y', None)
def f127(a, b, c):
    return a in (b, c)
def f128(a, b, c):
    return a in [b, c]
def f129(a, b, c):
    return a in {'x': 1}
def f130(a, b, c):
    return a in b'abc'
def f131(a, b, c):
    return a not in ()
def f132(a, b, c):
    return a in (1,)
def f133(a, b, c):
    return a is b is c
