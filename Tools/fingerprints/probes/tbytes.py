from mod import glob
def f000(s: bytes, t: bytes, i):
    return s.decode("utf8")
def f001(s: bytes, t: bytes, i):
    return s.decode("ascii")
def f002(s: bytes, t: bytes, i):
    return s.decode("latin1")
def f003(s: bytes, t: bytes, i):
    return s.decode()
def f004(s: bytes, t: bytes, i):
    return s.decode("utf8", "replace")
def f005(s: bytes, t: bytes, i):
    return s[1:].decode("utf8")
def f006(s: bytes, t: bytes, i):
    return s[1:3].decode("ascii")
def f007(s: bytes, t: bytes, i):
    return s + b"x"
def f008(s: bytes, t: bytes, i):
    return s + t
def f009(s: bytes, t: bytes, i):
    return s[0]
def f010(s: bytes, t: bytes, i):
    return s[i]
def f011(s: bytes, t: bytes, i):
    return s[1:3]
def f012(s: bytes, t: bytes, i):
    return len(s)
def f013(s: bytes, t: bytes, i):
    return s == b"x"
def f014(s: bytes, t: bytes, i):
    return s in t
def f015(s: bytes, t: bytes, i):
    return s.startswith(b"x")
def f016(s: bytes, t: bytes, i):
    return s.endswith(b"x")
def f017(s: bytes, t: bytes, i):
    return s.join(i)
def f018(s: bytes, t: bytes, i):
    return s.split(b",")
def f019(s: bytes, t: bytes, i):
    return not s
def f020(s: bytes, t: bytes, i):
    return [c for c in s]
def f021(s: bytes, t: bytes, i):
    return list(s)
def f022(s: bytes, t: bytes, i):
    return b"%s" % s
def f023(s: bytes, t: bytes, i):
    return s.find(b"x")
