from mod import glob
def f156(a, b):
    return object()
def f157(a, b):
    return int(a)
def f158(a, b):
    return int(a, 16)
def f159(a, b):
    return int()
def f160(a, b):
    return int('12')
def f161(a, b):
    return int(a) + 1
def f162(a, b):
    return int(a.x)
def f163(a, b):
    return int(a) == b
def f164(a, b):
    return int(a[0])
def f165(a, b):
    return float(a)
def f166(a, b):
    return float()
def f167(a, b):
    return float('inf')
def f168(a, b):
    return float('1.5')
def f169(a, b):
    return float(a) / b
def f170(a, b):
    return float(a) * 2
def f171(a, b):
    return float(a) + float(b)
def f172(a, b):
    return float(a) < 1
def f173(a, b):
    return bool(a)
def f174(a, b):
    return bool()
def f175(a, b):
    return bool(a) and b
def f176(a, b):
    return bool(a and b)
def f177(a, b):
    return complex(a)
def f178(a, b):
    return complex(a, b)
def f179(a, b):
    return memoryview(a)
def f180(a, b):
    return classmethod(a)
def f181(a, b):
    return staticmethod(a)
def f182(a, b):
    return property(a)
def f183(a, b):
    return property(a, b)
def f184(a, b):
    return issubclass(a, b)
def f185(a, b):
    return ValueError(a)
def f186(a, b):
    return ValueError('x %s' % a)
def f187(a, b):
    return KeyError
def f188(a, b):
    return NotImplemented
def f189(a, b):
    return Ellipsis
def f190(a, b):
    return __name__
def f191(a, b):
    return __file__
def f192(a, b):
    return __doc__
def f193(a, b):
    return a.__dict__
def f194(a, b):
    return a.__class__
def f195(a, b):
    return a.__class__.__name__
def f196(a, b):
    return a.__iter__()
def f197(a, b):
    return a.get(b)
def f198(a, b):
    return a.get(b, 1)
def f199(a, b):
    return a.get(b, None)
def f200(a, b):
    return a.get('x', {})
def f201(a, b):
    return a.setdefault(b, [])
def f202(a, b):
    return a.setdefault(b)
def f203(a, b):
    return a.setdefault(b, []).append(1)
def f204(a, b):
    return a.pop(b)
def f205(a, b):
    return a.pop(b, None)
def f206(a, b):
    return a.pop()
def f207(a, b):
    return a.pop(0)
def f208(a, b):
    return a.pop(-1)
def f209(a, b):
    return a.pop('x', b)
def f210(a, b):
    return a.update(b)
def f211(a, b):
    return a.update(x=b)
def f212(a, b):
    return a.copy()
def f213(a, b):
    return a.items()
def f214(a, b):
    return a.keys()
def f215(a, b):
    return a.values()
def f216(a, b):
    return a.clear()
def f217(a, b):
    return a.append(b)
def f218(a, b):
    return a.append((a, b))
def f219(a, b):
    return a.extend(b)
def f220(a, b):
    return a.extend([b])
def f221(a, b):
    return a.insert(0, b)
def f222(a, b):
    return a.remove(b)
def f223(a, b):
    return a.sort()
def f224(a, b):
    return a.sort(key=b)
def f225(a, b):
    return a.reverse()
def f226(a, b):
    return a.index(b)
def f227(a, b):
    return a.count(b)
def f228(a, b):
    return a.add(b)
def f229(a, b):
    return a.discard(b)
def f230(a, b):
    return a.x.append(b)
def f231(a, b):
    return a[0].append(b)
def f232(a, b):
    return a.isoformat()
