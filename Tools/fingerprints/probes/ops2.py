from mod import glob
def f130(a):
    return a * 7
def f131(a):
    return 7 * a
def f132(a):
    a *= 7; return a
def f133(a):
    return a / 7
def f134(a):
    return 7 / a
def f135(a):
    a /= 7; return a
def f136(a):
    return a // 7
def f137(a):
    return 7 // a
def f138(a):
    a //= 7; return a
def f139(a):
    return a % 7
def f140(a):
    return 7 % a
def f141(a):
    a %= 7; return a
def f142(a):
    return a ** 7
def f143(a):
    return 7 ** a
def f144(a):
    a **= 7; return a
def f145(a):
    return a << 7
def f146(a):
    return 7 << a
def f147(a):
    a <<= 7; return a
def f148(a):
    return a >> 7
def f149(a):
    return 7 >> a
def f150(a):
    a >>= 7; return a
def f151(a):
    return a & 7
def f152(a):
    return 7 & a
def f153(a):
    a &= 7; return a
def f154(a):
    return a | 7
def f155(a):
    return 7 | a
def f156(a):
    a |= 7; return a
def f157(a):
    return a ^ 7
def f158(a):
    return 7 ^ a
def f159(a):
    a ^= 7; return a
def f160(a):
    return a + 255
def f161(a):
    return a - 255
def f162(a):
    return a * 255
def f163(a):
    return a / 255
def f164(a):
    return a // 255
def f165(a):
    return a % 255
def f166(a):
    return a ** 255
def f167(a):
    return a << 255
def f168(a):
    return a >> 255
def f169(a):
    return a & 255
def f170(a):
    return a | 255
def f171(a):
    return a ^ 255
def f172(a):
    return a + -1
def f173(a):
    return a - -1
def f174(a):
    return a * -1
def f175(a):
    return a / -1
def f176(a):
    return a // -1
def f177(a):
    return a % -1
def f178(a):
    return a & -1
def f179(a):
    return a | -1
def f180(a):
    return a ^ -1
def f181(a):
    return a + 0
def f182(a):
    return a - 0
def f183(a):
    return a * 0
def f184(a):
    return a ** 0
def f185(a):
    return a << 0
def f186(a):
    return a >> 0
def f187(a):
    return a & 0
def f188(a):
    return a | 0
def f189(a):
    return a ^ 0
def f190(a):
    return a + 100000000000
def f191(a):
    return a - 100000000000
def f192(a):
    return a * 100000000000
def f193(a):
    return a / 100000000000
def f194(a):
    return a // 100000000000
