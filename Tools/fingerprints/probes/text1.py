from mod import glob
def f072(a, b):
    return a.strip()
def f073(a, b):
    return a.strip("x")
def f074(a, b):
    return a.startswith("x")
def f075(a, b):
    return a.startswith(("x", "y"))
def f076(a, b):
    return a.startswith(b)
def f077(a, b):
    return a.endswith("x")
def f078(a, b):
    return a.endswith("x") and b
def f079(a, b):
    return not a.endswith("x")
def f080(a, b):
    return a.encode("utf-8")
def f081(a, b):
    return a.encode("ascii")
def f082(a, b):
    return a.encode("latin-1")
def f083(a, b):
    return a.encode()
def f084(a, b):
    return a.encode("utf8", "strict")
def f085(a, b):
    return a.encode(b)
def f086(a, b):
    return a.decode("utf-8")
def f087(a, b):
    return a.decode("ascii")
def f088(a, b):
    return a.decode("latin1", "replace")
def f089(a, b):
    return a.decode()
def f090(a, b):
    return a.decode(b)
def f091(a, b):
    return b"abc".decode("utf8")
def f092(a, b):
    return "abc".encode("utf8")
def f093(a, b):
    return "abc".encode(a)
def f094(a, b):
    return a.replace("a", "b")
def f095(a, b):
    return a.replace("a", "b", 1)
def f096(a, b):
    return a.find("x")
def f097(a, b):
    return a.find(b, 1)
def f098(a, b):
    return a.upper()
def f099(a, b):
    return a.lower().strip()
def f100(a, b):
    return "abc".upper()
def f101(a, b):
    return a.isdigit()
def f102(a, b):
    return a.splitlines()
def f103(a, b):
    return a.splitlines(True)
def f104(a, b):
    return a.partition(":")
def f105(a, b):
    return a.count("x")
def f106(a, b):
    return a.index("x")
def f107(a, b):
    return a.title()
def f108(a, b):
    return a.zfill(2)
def f109(a, b):
    return a.translate(b)
def f110(a, b):
    return a.ljust(5)
def f111(a, b):
    return "abc".find(a)
def f112(a, b):
    return "abc".replace("b", a)
def f113(a, b):
    return "abc".startswith(a)
def f114(a, b):
    return "abc".format(a)
def f115(a, b):
    return str(a)
def f116(a, b):
    return str(a, "utf8")
def f117(a, b):
    return str(b, a)
def f118(a, b):
    return str()
def f119(a, b):
    return repr(a)
def f120(a, b):
    return ascii(a)
def f121(a, b):
    return format(a, "x")
def f122(a, b):
    return format(a)
def f123(a, b):
    return format(a, b)
def f124(a, b):
    return bytes(a)
def f125(a, b):
    return bytes(a, "ascii")
def f126(a, b):
    return bytes()
def f127(a, b):
    return bytes([1, a])
def f128(a, b):
    return bytearray(a)
def f129(a, b):
    return bytearray()
def f130(a, b):
    return a.casefold()
def f131(a, b):
    return ord(a)
def f132(a, b):
    return ord("x")
def f133(a, b):
    return chr(a)
def f134(a, b):
    return chr(65)
def f135(a, b):
    return ord(a[0])
def f136(a, b):
    return hex(a)
def f137(a, b):
    return oct(a)
def f138(a, b):
    return bin(a)
def f139(a, b):
    return print(a)
def f140(a, b):
    return print()
def f141(a, b):
    return print(a, b)
def f142(a, b):
    return print(a, b, sep="")
def f143(a, b):
    return print("x", file=a)
