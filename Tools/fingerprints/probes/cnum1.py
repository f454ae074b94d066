from mod import glob
def f062(a, b):
    x = True
    for i in a:
        if i: x = False
    return x
def f063(a, b):
    x = False
    for i in a:
        if i: x = True
    if x: return b
def f064(a, b):
    x = hasattr(a, 'y')
    return x
def f065(a, b):
    x = a in b
    return x
def f066(a, b):
    x = a in b
    if x: return a
def f067(a, b):
    x = 'abc'
    if a: x = 'd'
    return x
def f068(a, b):
    x = None
    if a: x = b
    return x
def f069(a, b):
    x = 'abc'
    y = x + 'd'
    return y
def f070(a, b):
    x = ord(a)
    return x
def f071(a, b):
    x = ord(a)
    return x - 48
def f072(a, b):
    x = ord(a)
    if x < 128: return b
def f073(a, b):
    x = ord(a[0]) - ord('0')
    return x
def f074(a, b):
    x = hash(a)
    return x
def f075(a, b):
    x = hash(a)
    return x ^ b
def f076(a, b):
    return hash(a) ^ hash(b)
def f077(a, b):
    return hash((a, b)) + 1
def f078(a, b):
    x = id(a)
    return x
def f079(a, b):
    x = a.index(b)
    return x
def f080(a, b):
    x = abs(a)
    return x
def f081(a, b):
    for i in range(10):
        if a[i] == i: return i
def f082(a, b):
    for i in range(10):
        b(i, i + 1, i - 1, -i)
def f083(a, b):
    for i in range(10):
        b(i & 1)
def f084(a, b):
    for i in range(10):
        b(i << 1)
def f085(a, b):
    for i in range(10):
        b(i >> 1)
def f086(a, b):
    for i in range(10):
        b(i / 2)
def f087(a, b):
    for i in range(10):
        b(i ** 2)
def f088(a, b):
    for i in range(10):
        b(i == 3, i != 4, i < 5)
def f089(a, b):
    for i in range(10):
        if i % 2: b(i)
def f090(a, b):
    for i in range(10):
        if i % 2 == 0: b(i)
def f091(a, b):
    for i in range(10):
        b(a[i:])
def f092(a, b):
    for i in range(10):
        b(a[:i])
def f093(a, b):
    for i in range(10):
        b(a[i:i + 2])
def f094(a, b):
    for i in range(len(a)):
        a[i] = b
def f095(a, b):
    for i in range(len(a)):
        a[i] += 1
def f096(a, b):
    for i in range(len(a)):
        del a[i]
def f097(a, b):
    for i in range(len(a)):
        for j in range(i):
            b(i, j)
def f098(a, b):
    for i in range(len(a)):
        for j in range(i + 1, len(a)):
            b(i, j)
def f099(a, b):
    for i in range(10):
        b(f'{i}')
def f100(a, b):
    for i in range(10):
        b(f'x{i:02d}')
def f101(a, b):
    for i in range(10):
        b('x%d' % i)
def f102(a, b):
    for i in range(10):
        b(str(i))
def f103(a, b):
    for i in range(10):
        b(chr(i))
def f104(a, b):
    for i in range(10):
        b(i in a)
def f105(a, b):
    for i in range(10):
        b[i] = i
def f106(a, b):
    for i in range(10):
        b.append(i)
def f107(a, b):
    for i in range(10):
        a = i
    return a
def f108(a, b):
    n = 0
    for x in a:
        n += 1
        if n > 3: break
    return n
def f109(a, b):
    n = 0
    for x in a:
        n += len(x)
    return n
def f110(a, b):
    n = 0
    for x in a:
        n = max(n, len(x))
    return n
def f111(a, b):
    n = 0
    while n < len(a):
        if a[n] == b: return n
        n += 1
    return -1
def f112(a, b):
    n = 10
    while n: n -= 1
    return n
def f113(a, b):
    n = 1
    while n < a: n *= 2
    return n
def f114(a, b):
    n = 1
    for i in range(10): n = n * i
    return n
def f115(a, b):
    n = 0
    for i in range(10): n |= 1 << i
    return n
def f116(a, b):
    n = -1
    if a: n = b
    return n
def f117(a, b):
    n = 0
    if a: n |= 1
    if b: n |= 2
    return n
def f118(a, b):
    for c in 'abc':
        if c == 'b': return c
def f119(a, b):
    for c in 'abc':
        a[c] = b
def f120(a, b):
    for c in 'abc':
        b(c + 'x')
def f121(a, b):
    for c in 'abc':
        if c in a: b(c)
def f122(a, b):
    for c in a:
        if c == 'x': b(c)
        elif c in 'yz': b()
        elif c.isdigit(): b(1)
