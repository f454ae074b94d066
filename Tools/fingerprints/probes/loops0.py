from mod import glob
def f000(a, b, n):
    for x in a: b(x)
def f001(a, b, n):
    for x in a.b(): b(x)
def f002(a, b, n):
    for x in (1, 2, 3): b(x)
def f003(a, b, n):
    for x in [a, 2]: b(x)
def f004(a, b, n):
    for x in (a, b): b(x)
def f005(a, b, n):
    for x in 'abc': b(x)
def f006(a, b, n):
    for x in b'abc': b(x)
def f007(a, b, n):
    for x in {1, 2}: b(x)
def f008(a, b, n):
    for x in a[1:]: b(x)
def f009(a, b, n):
    for x in a[::-1]: b(x)
def f010(a, b, n):
    for i in range(10): b(i)
def f011(a, b, n):
    for i in range(n): b(i)
def f012(a, b, n):
    for i in range(1, n): b(i)
def f013(a, b, n):
    for i in range(0, 10, 2): b(i)
def f014(a, b, n):
    for i in range(10, 0, -1): b(i)
def f015(a, b, n):
    for i in range(n, 0, -1): b(i)
def f016(a, b, n):
    for i in range(n - 1, -1, -1): b(i)
def f017(a, b, n):
    for i in range(1, n, 3): b(i)
def f018(a, b, n):
    for i in range(len(a)): b(i)
def f019(a, b, n):
    for i in range(len(a)): b(a[i])
def f020(a, b, n):
    for i in range(1, len(a)): b(a[i], a[i - 1])
def f021(a, b, n):
    for i in range(len(a) - 1, -1, -1): b(a[i])
def f022(a, b, n):
    for i in range(0, len(a), 2): b(a[i:i + 2])
def f023(a, b, n):
    for i in range(0, len(a), n): b(a[i:i + n])
def f024(a, b, n):
    for i in range(a, b): n(i)
def f025(a, b, n):
    for i in range(a, b, n): n(i)
def f026(a, b, n):
    for _ in range(3): b()
def f027(a, b, n):
    for _ in range(n): b()
def f028(a, b, n):
    for i in range(n): b(i * 2)
def f029(a, b, n):
    for i in range(n): b(n - i)
def f030(a, b, n):
    for i in range(10): b(i % 3)
def f031(a, b, n):
    for i in range(10): b(i // 3)
def f032(a, b, n):
    for i in range(256): a[i] = b[i]
def f033(a, b, n):
    for i in range(10):
        if i == 5: b(i)
def f034(a, b, n):
    for i in range(10): pass
    return i
def f035(a, b, n):
    for i in range(n): pass
    return i
def f036(a, b, n):
    for i, x in enumerate(a): b(i, x)
def f037(a, b, n):
    for i, x in enumerate(a, 1): b(i, x)
def f038(a, b, n):
    for i, x in enumerate(a, n): b(i, x)
def f039(a, b, n):
    for i, x in enumerate(a, start=1): b(i, x)
def f040(a, b, n):
    for i, _ in enumerate(a): b(i)
def f041(a, b, n):
    for x, y in zip(a, b): n(x, y)
def f042(a, b, n):
    for i, (x, y) in enumerate(zip(a, b)): n(i, x, y)
def f043(a, b, n):
    for k, v in a.items(): b(k, v)
def f044(a, b, n):
    for k in a.keys(): b(k)
def f045(a, b, n):
    for v in a.values(): b(v)
def f046(a, b, n):
    for k in a: b(k)
