from mod import glob
def f000(a, b):
    return a == b
def f001(a, b):
    x = a == b; return [x]
def f002(a, b):
    if a == b: return 1
def f003(a, b):
    while a == b: a.f()
def f004(a, b):
    return a != b
def f005(a, b):
    x = a != b; return [x]
def f006(a, b):
    if a != b: return 1
def f007(a, b):
    while a != b: a.f()
def f008(a, b):
    return a < b
def f009(a, b):
    x = a < b; return [x]
def f010(a, b):
    if a < b: return 1
def f011(a, b):
    while a < b: a.f()
def f012(a, b):
    return a <= b
def f013(a, b):
    x = a <= b; return [x]
def f014(a, b):
    if a <= b: return 1
def f015(a, b):
    while a <= b: a.f()
def f016(a, b):
    return a > b
def f017(a, b):
    x = a > b; return [x]
def f018(a, b):
    if a > b: return 1
def f019(a, b):
    while a > b: a.f()
def f020(a, b):
    return a >= b
def f021(a, b):
    x = a >= b; return [x]
def f022(a, b):
    if a >= b: return 1
def f023(a, b):
    while a >= b: a.f()
def f024(a, b):
    return a is b
def f025(a, b):
    x = a is b; return [x]
def f026(a, b):
    if a is b: return 1
def f027(a, b):
    while a is b: a.f()
def f028(a, b):
    return a is not b
def f029(a, b):
    x = a is not b; return [x]
def f030(a, b):
    if a is not b: return 1
def f031(a, b):
    while a is not b: a.f()
def f032(a, b):
    return a in b
def f033(a, b):
    x = a in b; return [x]
def f034(a, b):
    if a in b: return 1
def f035(a, b):
    while a in b: a.f()
def f036(a, b):
    return a not in b
def f037(a, b):
    x = a not in b; return [x]
def f038(a, b):
    if a not in b: return 1
def f039(a, b):
    while a not in b: a.f()
def f040(a):
    return a == 1
def f041(a):
    if a == 1: return a
def f042(a):
    return a != 1
def f043(a):
    if a != 1: return a
def f044(a):
    return a < 1
def f045(a):
    if a < 1: return a
def f046(a):
    return a == 0
def f047(a):
    if a == 0: return a
def f048(a):
    return a != 0
def f049(a):
    if a != 0: return a
def f050(a):
    return a < 0
def f051(a):
    if a < 0: return a
def f052(a):
    return a == -1
def f053(a):
    if a == -1: return a
def f054(a):
    return a != -1
def f055(a):
    if a != -1: return a
def f056(a):
    return a < -1
def f057(a):
    if a < -1: return a
def f058(a):
    return a == 's'
def f059(a):
    if a == 's': return a
def f060(a):
    return a != 's'
def f061(a):
    if a != 's': return a
def f062(a):
    return a < 's'
def f063(a):
    if a < 's': return a
def f064(a):
    return a == ''
def f065(a):
    if a == '': return a
def f066(a):
    return a != ''
