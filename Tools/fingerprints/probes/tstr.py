from mod import glob
def f000(s: str, t: str, i):
    return s.split(",")
def f001(s: str, t: str, i):
    return s.split()
def f002(s: str, t: str, i):
    return s.split(",", 2)
def f003(s: str, t: str, i):
    return s.startswith("x")
def f004(s: str, t: str, i):
    return s.startswith("x", 1)
def f005(s: str, t: str, i):
    return s.startswith("x", 1, 2)
def f006(s: str, t: str, i):
    return s.startswith(("a", "b"))
def f007(s: str, t: str, i):
    return s.endswith("x")
def f008(s: str, t: str, i):
    return s.endswith(t)
def f009(s: str, t: str, i):
    return s.encode("utf8")
def f010(s: str, t: str, i):
    return s.encode("ascii")
def f011(s: str, t: str, i):
    return s.encode("latin-1")
def f012(s: str, t: str, i):
    return s.encode("cp1252")
def f013(s: str, t: str, i):
    return s.encode("utf-8", "replace")
def f014(s: str, t: str, i):
    return s.encode()
def f015(s: str, t: str, i):
    return s + "x"
def f016(s: str, t: str, i):
    return "x" + s
def f017(s: str, t: str, i):
    return s + t
def f018(s: str, t: str, i):
    return s + s + t
def f019(s: str, t: str, i):
    return s * 2
def f020(s: str, t: str, i):
    return s[0]
def f021(s: str, t: str, i):
    return s[-1]
def f022(s: str, t: str, i):
    return s[i]
def f023(s: str, t: str, i):
    return s[1:3]
def f024(s: str, t: str, i):
    return s[1:]
def f025(s: str, t: str, i):
    return s[:-1]
def f026(s: str, t: str, i):
    return s[i:]
def f027(s: str, t: str, i):
    return s[:i]
def f028(s: str, t: str, i):
    return s[::-1]
def f029(s: str, t: str, i):
    return len(s)
def f030(s: str, t: str, i):
    return len(s) > 1
def f031(s: str, t: str, i):
    return s.join([])
def f032(s: str, t: str, i):
    return s.join(i)
def f033(s: str, t: str, i):
    return s == "x"
def f034(s: str, t: str, i):
    return s == t
def f035(s: str, t: str, i):
    return s != "x"
def f036(s: str, t: str, i):
    return s < t
def f037(s: str, t: str, i):
    return s in ("a", "b")
def f038(s: str, t: str, i):
    return s in t
def f039(s: str, t: str, i):
    return "x" in s
def f040(s: str, t: str, i):
    return "x" not in s
def f041(s: str, t: str, i):
    return s.find("x")
def f042(s: str, t: str, i):
    return s.find("x", 1)
def f043(s: str, t: str, i):
    return s.find("x", 1, 2)
def f044(s: str, t: str, i):
    return s.rfind("x")
def f045(s: str, t: str, i):
    return s.count("x")
def f046(s: str, t: str, i):
    return s.replace("a", "b")
def f047(s: str, t: str, i):
    return s.replace("a", "b", 1)
def f048(s: str, t: str, i):
    return s.splitlines()
def f049(s: str, t: str, i):
    return s.splitlines(True)
def f050(s: str, t: str, i):
    return s.upper()
def f051(s: str, t: str, i):
    return s.lower()
def f052(s: str, t: str, i):
    return s.strip()
def f053(s: str, t: str, i):
    return s.isdigit()
def f054(s: str, t: str, i):
    return s.format(i)
def f055(s: str, t: str, i):
    return s % i
def f056(s: str, t: str, i):
    return s % (i, t)
def f057(s: str, t: str, i):
    return "%s" % s
def f058(s: str, t: str, i):
    return f"{s}"
def f059(s: str, t: str, i):
    return f"{s}x{t}"
def f060(s: str, t: str, i):
    return f"{s:>5}"
def f061(s: str, t: str, i):
    return f"{s!r}"
def f062(s: str, t: str, i):
    return str(s)
def f063(s: str, t: str, i):
    return repr(s)
def f064(s: str, t: str, i):
    return list(s)
def f065(s: str, t: str, i):
    return tuple(s)
def f066(s: str, t: str, i):
    return set(s)
def f067(s: str, t: str, i):
    return sorted(s)
def f068(s: str, t: str, i):
    return not s
def f069(s: str, t: str, i):
    return bool(s)
def f070(s: str, t: str, i):
    return ord(s)
def f071(s: str, t: str, i):
    return s[0] == "x"
def f072(s: str, t: str, i):
    return s[i] == "x"
def f073(s: str, t: str, i):
    return s[0] in "abc"
def f074(s: str, t: str, i):
    return s[0].isupper()
def f075(s: str, t: str, i):
    return s[i].isspace()
def f076(s: str, t: str, i):
    return s and t
def f077(s: str, t: str, i):
    return s or t
def f078(s: str, t: str, i):
    return s is None
def f079(s: str, t: str, i):
    return [c for c in s]
def f080(s: str, t: str, i):
    return [c for c in s if c == "x"]
def f081(s: str, t: str, i):
    return [c for c in s if c.isupper()]
def f082(s: str, t: str, i):
    return [c for c in s if c in "abc"]
def f083(s: str, t: str, i):
    return [c + "x" for c in s]
def f084(s: str, t: str, i):
    return [ord(c) for c in s]
def f085(s: str, t: str, i):
    return [(i, c) for i, c in enumerate(s)]
