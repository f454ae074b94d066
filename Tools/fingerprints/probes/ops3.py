from mod import glob
def f195(a):
    return a % 100000000000
def f196(a):
    return a & 100000000000
def f197(a):
    return a | 100000000000
def f198(a):
    return a ^ 100000000000
def f199(a):
    return a + 1.5
def f200(a):
    return 1.5 + a
def f201(a):
    a += 1.5; return a
def f202(a):
    return a - 1.5
def f203(a):
    return 1.5 - a
def f204(a):
    a -= 1.5; return a
def f205(a):
    return a * 1.5
def f206(a):
    return 1.5 * a
def f207(a):
    a *= 1.5; return a
def f208(a):
    return a / 1.5
def f209(a):
    return 1.5 / a
def f210(a):
    a /= 1.5; return a
def f211(a):
    return a // 1.5
def f212(a):
    return 1.5 // a
def f213(a):
    a //= 1.5; return a
def f214(a):
    return a % 1.5
def f215(a):
    return 1.5 % a
def f216(a):
    a %= 1.5; return a
def f217(a):
    return a ** 1.5
def f218(a):
    return 1.5 ** a
def f219(a):
    a **= 1.5; return a
def f220(a):
    return a + 10**30
def f221(a):
    return a - 10**30
def f222(a):
    return a * 10**30
def f223(a):
    return a / 10**30
def f224(a):
    return a // 10**30
def f225(a):
    return a % 10**30
def f226(a):
    return a & 10**30
def f227(a):
    return a | 10**30
def f228(a):
    return a ^ 10**30
def f229(a):
    return a + True
def f230(a):
    return a - True
def f231(a):
    return a * True
def f232(a):
    return a / True
def f233(a):
    return a // True
def f234(a):
    return a % True
def f235(a):
    return a ** True
def f236(a):
    return a << True
def f237(a):
    return a >> True
def f238(a):
    return a & True
def f239(a):
    return a | True
def f240(a):
    return a ^ True
def f241(a, b):
    return -a
def f242(a, b):
    return +a
def f243(a, b):
    return ~a
def f244(a, b):
    return not a
def f245(a, b):
    return -a + b
def f246(a, b):
    return not (a and b)
def f247(a, b):
    return (a + b) * 2 - 1
def f248(a, b):
    return a - (b - 1)
def f249(a, b):
    return a % 2 == 0
def f250(a, b):
    return a & 1 == 1
def f251(a, b):
    return (a & 4) != 0
def f252(a, b):
    return a ** 2 + b ** 2
def f253(a, b):
    return a ** 0.5
def f254(a, b):
    return a ** -1
def f255(a, b):
    return 2 ** a
def f256(a, b):
    return 10 ** a
def f257(a, b):
    return a % (b, 1)
