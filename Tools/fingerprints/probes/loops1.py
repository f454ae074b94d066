from mod import glob
def f047(a, b, n):
    for k, v in sorted(a.items()): b(k)
def f048(a, b, n):
    for k, v in list(a.items()): b(k, v)
def f049(a, b, n):
    for k in list(a): b(k)
def f050(a, b, n):
    for kv in a.items(): b(kv)
def f051(a, b, n):
    for k, (x, y) in a.items(): b(k, x, y)
def f052(a, b, n):
    for k, v in a.b.items(): b(k, v)
def f053(a, b, n):
    for _, v in a.items(): b(v)
def f054(a, b, n):
    for k, v in a.items():
        if k: continue
        b(v)
        break
def f055(a, b, n):
    for k, v in a.items():
        if v: return k
    return n
def f056(a, b, n):
    for k in sorted(a): b(k)
def f057(a, b, n):
    for x in reversed(a): b(x)
def f058(a, b, n):
    for x in reversed(range(5)): b(x)
def f059(a, b, n):
    for x in reversed(list(a)): b(x)
def f060(a, b, n):
    for i in reversed(range(len(a))): b(a[i])
def f061(a, b, n):
    for i in reversed(range(n)): b(i)
def f062(a, b, n):
    for x in iter(a): b(x)
def f063(a, b, n):
    for x in iter(a, b): n(x)
def f064(a, b, n):
    for x in iter(lambda: a.read(1), b''): n(x)
def f065(a, b, n):
    for x in map(a, b): n(x)
def f066(a, b, n):
    for x in filter(None, a): b(x)
def f067(a, b, n):
    for x in set(a): b(x)
def f068(a, b, n):
    for x in a or b: n(x)
def f069(a, b, n):
    for x in (y for y in a): b(x)
def f070(a, b, n):
    for x in a:
        for y in x: b(y)
def f071(a, b, n):
    for x in a:
        if x: break
    else:
        b()
def f072(a, b, n):
    while a: a -= 1
def f073(a, b, n):
    while a:
        a = a.next
        if a == 3: continue
        if a == 4: break
    else:
        b()
def f074(a, b, n):
    while True:
        a += 1
        if a > 10: break
    return a
def f075(a, b, n):
    while 1:
        x = a.read()
        if not x: return x
def f076(a, b, n):
    while a and b: a = b.f()
def f077(a, b, n):
    while not a: a = b()
def f078(a, b, n):
    while a > 0:
        a -= 1
        b(a)
def f079(a, b, n):
    i = 0
    while i < n:
        b(i)
        i += 1
def f080(a, b, n):
    i = 0
    for x in a:
        i += 1
    return i
def f081(a, b, n):
    i = 0
    while i < 10:
        b(i)
        i = i + 1
    return i
def f082(a, b, n):
    n = len(a)
    i = 0
    while i < n:
        b(a[i])
        i += 1
def f083(a, b, n):
    s = 0
    for x in a: s += x
    return s
def f084(a, b, n):
    s = 0.0
    for x in a: s += x
    return s / 2
def f085(a, b, n):
    s = ''
    for x in a: s += x
    return s
def f086(a, b, n):
    s = []
    for x in a: s.append(x)
    return s
def f087(a, b, n):
    s = {}
    for x in a: s[x] = 1
    return s
def f088(a, b, n):
    s = set()
    for x in a: s.add(x)
    return s
def f089(a, b, n):
    i = len(a) - 1
    while i >= 0:
        b(a[i])
        i -= 1
def f090(a, b, n):
    i = len(a)
    while i > 0 and a[i - 1]: i -= 1
    return i
def f091(a, b, n):
    i, n = 0, len(a)
    while i < n: i = i + 1
    return i
def f092(a, b, n):
    i = j = 0
    while i < len(a):
        j = i
        while j < n: j += 1
        i = j + 1
    return j
