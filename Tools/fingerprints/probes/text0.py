from mod import glob
def f000(a, b):
    return f"{a}"
def f001(a, b):
    return f"x{a}"
def f002(a, b):
    return f"{a}x"
def f003(a, b):
    return f"x{a}y{b}z"
def f004(a, b):
    return f"{a}{b}"
def f005(a, b):
    return f"{a!r}"
def f006(a, b):
    return f"{a!s}"
def f007(a, b):
    return f"{a!a}"
def f008(a, b):
    return f"{a!r}{b!r}"
def f009(a, b):
    return f"{a:>10}"
def f010(a, b):
    return f"{a!r:>10}"
def f011(a, b):
    return f"{a!s:{b}}"
def f012(a, b):
    return f"{a:{b}.{a}}"
def f013(a, b):
    return f"{a:.2f} and {b:d}"
def f014(a, b):
    return f""
def f015(a, b):
    return f"{{}}"
def f016(a, b):
    return f"{a.x} {b[0]} {a(b)}"
def f017(a, b):
    return f"{a + b}"
def f018(a, b):
    return f"{a}" + "x"
def f019(a, b):
    return f"{len(a)}"
def f020(a, b):
    return f"{len(a)}{b}"
def f021(a, b):
    return f"{1}"
def f022(a, b):
    return f"{a:d}"
def f023(a, b):
    return f"{len(a):d}"
def f024(a, b):
    return f"{len(a):x}"
def f025(a, b):
    return f"{len(a):>5}"
def f026(a, b):
    return f"{a:02x}"
def f027(a, b):
    return f"{'x' if a else b}"
def f028(a, b):
    return f"{str(a)}"
def f029(a, b):
    return f"{a}, {b}, {a}, {b}, {a}, {b}, {a}, {b}"
def f030(a, b):
    return "%s" % a
def f031(a, b):
    return "%s %d" % (a, b)
def f032(a, b):
    return "%r" % (a,)
def f033(a, b):
    return "%s" % (a,)
def f034(a, b):
    return "%s%s" % (a, b)
def f035(a, b):
    return "x%sy" % (a,)
def f036(a, b):
    return "%d" % (a,)
def f037(a, b):
    return "%(x)s" % a
def f038(a, b):
    return "%5.2f" % a
def f039(a, b):
    return "%s" % (a.x,)
def f040(a, b):
    return "%s: %s" % (a, b)
def f041(a, b):
    return "%s: %r" % (a, b)
def f042(a, b):
    return "%a" % (a,)
def f043(a, b):
    return "%5s" % (a,)
def f044(a, b):
    return "%d%%" % (a,)
def f045(a, b):
    return "%x %o" % (a, b)
def f046(a, b):
    return "%s %s" % a
def f047(a, b):
    return "%s" % [a]
def f048(a, b):
    return "{} {}".format(a, b)
def f049(a, b):
    return "{0} {x}".format(a, x=b)
def f050(a, b):
    return a % b
def f051(a, b):
    return a.format(b)
def f052(a, b):
    return a.format(*b)
def f053(a, b):
    return "x" + a
def f054(a, b):
    return a + "x"
def f055(a, b):
    return "x" + a + "y"
def f056(a, b):
    return "x" * a
def f057(a, b):
    return "x" "y" + a
def f058(a, b):
    return ",".join(a)
def f059(a, b):
    return ",".join([a, b])
def f060(a, b):
    return ",".join((a, b))
def f061(a, b):
    return ",".join([x for x in a])
def f062(a, b):
    return ",".join(x for x in a)
def f063(a, b):
    return a.join(b)
def f064(a, b):
    return "".join(a)
def f065(a, b):
    return b"".join(a)
def f066(a, b):
    return a.split(",")
def f067(a, b):
    return a.split()
def f068(a, b):
    return "lit".split()
def f069(a, b):
    return "a b".split(a)
def f070(a, b):
    return a.split(",", 1)
def f071(a, b):
    return a.rsplit(b, 1)
