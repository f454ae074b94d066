from mod import glob
def f078(a, b):
    return sum(1 for x in a)
def f079(a, b):
    return sum(len(x) for x in a)
def f080(a, b):
    return sum(x.y for x in a if x)
def f081(a, b):
    return any(a)
def f082(a, b):
    return all(a)
def f083(a, b):
    return any(x > 1 for x in a)
def f084(a, b):
    return all(x for x in a)
def f085(a, b):
    return any(x in b for x in a)
def f086(a, b):
    return any(x == b for x in a)
def f087(a, b):
    return any([x for x in a])
def f088(a, b):
    return not any(x for x in a)
def f089(a, b):
    return all(isinstance(x, str) for x in a)
def f090(a, b):
    return any(x.y(b) for x in a if x)
def f091(a, b):
    return any(x for y in a for x in y)
def f092(a, b):
    return min(a)
def f093(a, b):
    return max(a)
def f094(a, b):
    return min(a, 1)
def f095(a, b):
    return min(a, b)
def f096(a, b):
    return max(a, b)
def f097(a, b):
    return max(a, 1, 2)
def f098(a, b):
    return min(a, b, 1)
def f099(a, b):
    return max(a.x, b.y)
def f100(a, b):
    return max(a, key=b)
def f101(a, b):
    return max(a, default=0)
def f102(a, b):
    return max(len(x) for x in a)
def f103(a, b):
    return max(len(a), len(b))
def f104(a, b):
    return min(len(a), b)
def f105(a, b):
    return max(a, len(b))
def f106(a, b):
    return max(0, a)
def f107(a, b):
    return abs(a)
def f108(a, b):
    return divmod(a, b)
def f109(a, b):
    return divmod(a, 10)
def f110(a, b):
    return pow(a, b)
def f111(a, b):
    return pow(a, b, 3)
def f112(a, b):
    return pow(a, 2)
def f113(a, b):
    return round(a)
def f114(a, b):
    return round(a, 2)
def f115(a, b):
    return hash(a)
def f116(a, b):
    return id(a)
def f117(a, b):
    return id(a) == id(b)
def f118(a, b):
    return callable(a)
def f119(a, b):
    return not callable(a)
def f120(a, b):
    return dir(a)
def f121(a, b):
    return dir()
def f122(a, b):
    return vars(a)
def f123(a, b):
    return vars()
def f124(a, b):
    return map(a, b)
def f125(a, b):
    return filter(a, b)
def f126(a, b):
    return reversed(a)
def f127(a, b):
    return open(a)
def f128(a, b):
    return open(a, 'rb')
def f129(a, b):
    return input(a)
def f130(a, b):
    return globals()
def f131(a, b):
    return locals()
def f132(a, b):
    return globals()['x']
def f133(a, b):
    return globals().get(a)
def f134(a, b):
    return eval(a)
def f135(a, b):
    return eval(a, b)
def f136(a, b):
    return eval(a, b, {})
def f137(a, b):
    return eval(a, globals())
def f138(a, b):
    return exec(a)
def f139(a, b):
    return exec(a, b)
def f140(a, b):
    return exec(a, b, {})
def f141(a, b):
    return compile(a, b, 'exec')
def f142(a, b):
    return __import__(a)
def f143(a, b):
    return zip(a, b)
def f144(a, b):
    return zip(*a)
def f145(a, b):
    return super(a, b)
def f146(a, b):
    return super(a, b).m()
def f147(a, b):
    return enumerate(a)
def f148(a, b):
    return enumerate(a, 1)
def f149(a, b):
    return range(a)
def f150(a, b):
    return range(a, b)
def f151(a, b):
    return range(a, b, 2)
def f152(a, b):
    return range(0)
def f153(a, b):
    return slice(a, 1)
def f154(a, b):
    return slice(a)
def f155(a, b):
    return slice(None, a, b)
