from mod import glob
def f065(a):
    return 1 // a
def f066(a):
    a //= 1; return a
def f067(a):
    return a % 1
def f068(a):
    return 1 % a
def f069(a):
    a %= 1; return a
def f070(a):
    return a ** 1
def f071(a):
    return 1 ** a
def f072(a):
    a **= 1; return a
def f073(a):
    return a << 1
def f074(a):
    return 1 << a
def f075(a):
    a <<= 1; return a
def f076(a):
    return a >> 1
def f077(a):
    return 1 >> a
def f078(a):
    a >>= 1; return a
def f079(a):
    return a & 1
def f080(a):
    return 1 & a
def f081(a):
    a &= 1; return a
def f082(a):
    return a | 1
def f083(a):
    return 1 | a
def f084(a):
    a |= 1; return a
def f085(a):
    return a ^ 1
def f086(a):
    return 1 ^ a
def f087(a):
    a ^= 1; return a
def f088(a):
    return a + 2
def f089(a):
    return 2 + a
def f090(a):
    a += 2; return a
def f091(a):
    return a - 2
def f092(a):
    return 2 - a
def f093(a):
    a -= 2; return a
def f094(a):
    return a * 2
def f095(a):
    return 2 * a
def f096(a):
    a *= 2; return a
def f097(a):
    return a / 2
def f098(a):
    return 2 / a
def f099(a):
    a /= 2; return a
def f100(a):
    return a // 2
def f101(a):
    return 2 // a
def f102(a):
    a //= 2; return a
def f103(a):
    return a % 2
def f104(a):
    return 2 % a
def f105(a):
    a %= 2; return a
def f106(a):
    return a ** 2
def f107(a):
    return 2 ** a
def f108(a):
    a **= 2; return a
def f109(a):
    return a << 2
def f110(a):
    return 2 << a
def f111(a):
    a <<= 2; return a
def f112(a):
    return a >> 2
def f113(a):
    return 2 >> a
def f114(a):
    a >>= 2; return a
def f115(a):
    return a & 2
def f116(a):
    return 2 & a
def f117(a):
    a &= 2; return a
def f118(a):
    return a | 2
def f119(a):
    return 2 | a
def f120(a):
    a |= 2; return a
def f121(a):
    return a ^ 2
def f122(a):
    return 2 ^ a
def f123(a):
    a ^= 2; return a
def f124(a):
    return a + 7
def f125(a):
    return 7 + a
def f126(a):
    a += 7; return a
def f127(a):
    return a - 7
def f128(a):
    return 7 - a
def f129(a):
    a -= 7; return a
