"""The words and the expressions that fuzz.py writes functions of."""
import random
import re

# A name has the kind of the row it stands in.
WORDS = {
    "num": "count total size index limit width offset depth score step start stop level rank amount delay",
    "real": "ratio factor scale weight elapsed",
    "str": "name text key line prefix label path title message word suffix mode kind pattern",
    "list": "items values rows parts entries words lines results queue stack pending children",
    "dict": "options config mapping headers cache fields data params groups table lookup",
    "set": "seen tags known visited keys_left allowed blocked",
    "pair": "pair point bounds span position version",
    "obj": "node parser handler context request client record user event task stream parent",
    "func": "callback factory predicate transform visitor hook fallback",
    "bool": "verbose strict found enabled done changed ready",
    "any": "value result item entry current other element candidate default response chunk",
}
KIND = {word: kind for kind, words in WORDS.items() for word in words.split()}
KINDS = tuple(WORDS)
CONSTANTS = {"DEFAULT_SIZE": "64", "MAX_RETRIES": "3", "TIMEOUT": "2.5", "ENCODING": "'utf-8'", "PREFIX": "'item-'",
             "NAMES": "('alpha', 'beta', 'gamma')", "LEVELS": "{'low': 1, 'high': 10}", "EMPTY": "frozenset()",
             "MASK": "255", "SEPARATORS": "[',', ';', '|']", "UNSET": "object()", "VERSION": "(1, 4, 0)"}
CONSTANT_KIND = {"DEFAULT_SIZE": "num", "MAX_RETRIES": "num", "TIMEOUT": "real", "MASK": "num", "ENCODING": "str",
                 "PREFIX": "str", "NAMES": "list", "SEPARATORS": "list", "LEVELS": "dict", "EMPTY": "set",
                 "UNSET": "any", "VERSION": "pair"}
STATE = {"_counter": ("num", "0"), "_registry": ("dict", "{}"), "_last": ("any", "None"), "_history": ("list", "[]"),
         "_enabled": ("bool", "True")}
ATTRIBUTES = {kind: words.split() for kind, words in {
    "num": "size length priority lineno", "real": "timeout speed", "str": "name label path title", "list": "items children args rows",
    "dict": "options attrs headers cache", "set": "tags seen", "pair": "bounds shape", "obj": "parent owner root client",
    "func": "callback handler", "bool": "closed enabled strict", "any": "value result state data"}.items()}
KEYS = "id name type size color owner status start end".split()
STRINGS = ["", ",", " ", "/", "ok", "utf-8", "error", "unknown", "id", "name", "-", "abc", "x", "yes", "content-type", "é"]
VERBS = "load parse build check update find merge split render collect apply handle format resolve count visit".split()
NOUNS = "item row node path option header token value entry group field record event key line block page".split()
CLASSES = "Reader Writer Parser Builder Cache Registry Session Worker Loader Formatter Walker Monitor Buffer Pool".split()
METHODS = "get put close reset lookup refresh walk append_all describe validate start_up flush as_dict".split()
LIBRARIES = "os re sys json math time logging itertools functools collections".split()
LOCAL_LIBRARIES = ("import copy", "import email.utils", "import base64 as codec", "from decimal import Decimal",
                   "import textwrap, string", "from . import helpers", "from ..core import base as core_base",
                   "from collections import OrderedDict as Ordered, deque", "import xml.dom as dom")
ERRORS = "ValueError KeyError TypeError IndexError OSError AttributeError RuntimeError LookupError StopIteration".split()
ANNOTATIONS = {"num": ["int", "Optional[int]"], "real": ["float"], "str": ["str", "Optional[str]", "'str'"], "list": ["list", "List[str]"],
               "dict": ["dict", "Dict[str, Any]"], "set": ["set", "Set[str]"], "pair": ["tuple", "Tuple[int, int]"],
               "obj": ["object", "'Node'"], "func": ["Callable"], "bool": ["bool"], "any": ["Any", "object"]}
DOCS = ["Return what was asked for.", "Do the work.\n\nNothing is kept.", "See the caller.", "Collect the parts."]
ARITHMETIC = ["+"] * 6 + ["-"] * 5 + ["*"] * 4 + ["//", "%", "%", "**", "<<", ">>", "&", "|", "^", "@"]
COMPARISONS = ["<", "<=", ">", ">=", "==", "!="]


# A text that consists of literals alone.
FOLDED = re.compile(r"(?:b?'[^']*'|True|False|None|and|or|not|if|else|in|is|set|e6|[^a-zA-Z_'])*")

# What may be awaited: no display, whose type Cython knows.
PLAIN = re.compile(r"[a-z_][\w.]*(\(\))?")


class Scope:
    """The names of a function or comprehension."""

    def __init__(self, parent=None, bound=()):
        self.parent = parent
        self.bound = dict.fromkeys(bound)   # may be read here, in this order
        self.local = set(bound)             # was bound here at some place
        self.foreign = set()                # read from around: no local any more
        self.captured = set()               # read from within: can not be deleted
        self.deleted = set()                # deleted at some place: not read from within
        self.unread = dict.fromkeys(bound)  # bound here and not read yet

    def readable(self):
        names = list(self.bound)
        if self.parent:
            names += [n for n in self.parent.readable() if n not in self.local and n not in self.parent.deleted]
        return names

    def use(self, name):
        scope = self
        for around in self.chain():
            around.unread.pop(name, None)
        while scope and name not in scope.bound:
            scope.foreign.add(name)
            scope = scope.parent
            if scope:
                scope.captured.add(name)
        return name

    def chain(self):
        scope = self
        while scope:
            yield scope
            scope = scope.parent

    def bind(self, name):
        self.bound[name] = None
        self.unread[name] = None
        self.local.add(name)
        return name


class Function:
    """What the statements of a function may do."""

    def __init__(self, form="plain", owner=None, method=None, result=None):
        self.form = form                    # plain, generator, async, asyncgen
        self.owner = owner                  # name of the first parameter, in a method
        self.result = result                # kind of what is returned, where it is declared
        self.method = method                # name of the method, if super() has it
        self.loops = self.handlers = self.level = 0
        self.entry = set()                  # what was bound where the block began


class Expressions:
    """Writes expressions."""

    def __init__(self, seed, features=frozenset()):
        self.r = random.Random(seed)
        self.features = features
        self.scope, self.function = None, None
        self.iterating = 0                  # within what a comprehension goes over
        self.awaits = False                 # whether await may stand in the expression
        self.globals, self.classes = [], []
        self.names = set()
        self.written = 0

    # ------------------------------------------------------------------------------------ choices

    def chance(self, percent):
        return self.r.randrange(100) < percent

    def pick(self, *rows):
        """Calls one of (weight, function); a weight of 0 takes a row out."""
        at = self.r.randrange(sum(weight for weight, _ in rows))
        for weight, make in rows:
            at -= weight
            if at < 0:
                return make()

    def one(self, values):
        return self.r.choice(values)

    def some(self, low, high):
        return range(self.r.randint(low, high))

    def known(self, kind):
        return [name for name in self.scope.readable() if KIND.get(name) == kind]

    def fresh(self, kind, new=False):
        """A name of a kind to be bound here."""
        words = [w for w in WORDS[kind].split() if w not in self.scope.foreign]
        unused = [w for w in words if w not in self.scope.local and w not in self.scope.readable()]
        if unused and (new or not self.chance(15)):
            return self.one(unused)
        return None if new or not words else self.one(words)

    def element(self):
        return self.one(("any", "any", "str", "num", "obj", "obj"))

    # -------------------------------------------------------------------------------- expressions

    def variable(self, kind):
        names = self.known(kind)
        unread = [n for n in names if any(n in scope.unread for scope in self.scope.chain())]
        if names:
            return self.scope.use(self.one(unread if unread and self.chance(80) else names))
        return self.constant(kind)

    def constant(self, kind):
        if self.chance(30) and self.named_constant(kind):
            return self.named_constant(kind)
        if kind == "num":
            return self.one(("0", "1", "1", "2", "(-1)", "10", "100", "(1 << 20)", "(10 ** 12)"))
        if kind == "real":
            return self.one(("0.0", "0.5", "1.0", "3.75", "(-1.5)", "1e6"))
        if kind == "str":
            return repr(self.one(STRINGS))
        return {"list": "[]", "dict": "{}", "set": "set()", "pair": "(0, 1)", "func": "None", "bool": self.one(("True", "False")),
                "obj": "None", "any": self.one(("None", "None", "...", "b'raw'", "()"))}[kind]

    def atom(self, kind):
        """A name, or what stands in for one where none is known."""
        names, holders, tables = self.known(kind), self.known("obj") + self.known("any"), self.known("dict")
        if self.function.owner and self.chance(30 if names else 70):
            return "%s.%s" % (self.scope.use(self.function.owner), self.one(ATTRIBUTES[kind]))
        if names and self.chance(90):
            return self.variable(kind)
        plain = kind in ("num", "real", "str", "pair", "any", "bool")
        return self.pick(
            (4 if holders else 0, lambda: "%s.%s" % (self.scope.use(self.one(holders)), self.one(ATTRIBUTES[kind]))),
            (2 if tables else 0, lambda: "%s[%r]" % (self.scope.use(self.one(tables)), self.one(KEYS))),
            (1 if self.globals and kind == "func" else 0, lambda: self.one(self.globals)),
            (1 if self.globals and not plain else 0, lambda: "%s()" % self.one(self.globals)),
            (4 if plain else 0, lambda: self.constant(kind)),
            (1, lambda: self.named_constant(kind) or "%s.%s" % (self.one(self.classes), self.one(ATTRIBUTES[kind]))))

    def named_constant(self, kind):
        named = [n for n in CONSTANTS if CONSTANT_KIND[n] == kind]
        return self.one(named) if named else None

    def kind(self):
        """A kind, of names that are known mostly."""
        names = [name for name in self.scope.readable() if name in KIND]
        unread = [n for n in names if any(n in scope.unread for scope in self.scope.chain())]
        if unread and self.chance(75):
            return KIND[self.one(unread)]
        return KIND[self.one(names)] if names and self.chance(75) else self.one(KINDS)

    def e(self, kind=None, depth=1):
        """An expression of a kind, in parentheses if need be."""
        kind = kind or self.kind()
        if depth <= 0 or self.chance(50):
            return self.atom(kind)
        text = self.pick((12, lambda: getattr(self, "make_" + kind)(depth - 1)),
                         (2, lambda: self.general(kind, depth - 1)))
        return "(%s)" % text

    def subject(self, kind, depth):
        """An expression that no compiler folds."""
        text = self.e(kind, depth)
        if FOLDED.fullmatch(text) or "lambda" in text:
            return self.named_constant(kind) or "sys.%s" % self.one(("argv", "flags", "path", "platform"))
        return text

    def general(self, kind, depth):
        """Forms that there are of every kind."""
        e = self.e
        return self.pick(
            (4, lambda: "%s if %s else %s" % self.two(kind, depth)),
            (3, lambda: "%s or %s" % (self.subject(kind, depth), e(kind, depth))),
            (1, lambda: "%s and %s" % (self.subject("obj", depth), e(kind, depth))),
            (2, lambda: "getattr(%s, %r, %s)" % (e("obj", depth), self.one(ATTRIBUTES[kind]), self.constant(kind))),
            (2, lambda: "%s.get(%r, %s)" % (e("dict", depth), self.one(KEYS), self.constant(kind))),
            (2, lambda: "%s.%s" % (e("obj", depth), self.one(ATTRIBUTES[kind]))),
            (3 if self.awaits else 0, lambda: "await %s" % self.call(depth)))

    def two(self, kind, depth):
        """Unlike values and the test between them."""
        first, second = self.e(kind, depth), self.e(kind, depth)
        return first, self.test(depth), second if second != first else self.constant(kind)

    def make_num(self, depth):
        e = self.e
        return self.pick(
            (6, lambda: "%s %s %s" % (e("num", depth), self.one(ARITHMETIC), e("num", depth))),
            (4, lambda: "len(%s)" % e(self.one(("list", "dict", "str", "set")), depth)),
            (1, lambda: "%s%s" % (self.one("-~+"), e("num", depth))),
            (2, lambda: "%s(%s, %s)" % (self.one(("min", "max")), e("num", depth), e("num", depth))),
            (1, lambda: "abs(%s)" % e("num", depth)),
            (1, lambda: "sum(%s)" % self.generator("num", depth)),
            (2, lambda: "int(%s)" % e("str", depth)),
            (1, lambda: "round(%s)" % e("real", depth)),
            (1, lambda: "%s.%s(%s)" % (e("str", depth), self.one(("count", "find", "index")), e("str", depth))),
            (1, lambda: "ord(%s[0])" % e("str", depth)),
            (1, lambda: "%s[%s]" % (e("pair", depth), self.one(("0", "1", "-1")))))

    def make_real(self, depth):
        e = self.e
        return self.pick(
            (4, lambda: "%s %s %s" % (e("real", depth), self.one("+-*/"), e(self.one(("num", "real")), depth))),
            (2, lambda: "%s / %s" % (e("num", depth), e("num", depth))),
            (1, lambda: "float(%s)" % e("str", depth)),
            (1, lambda: "time.time() - %s" % e("real", depth)),
            (1, lambda: "-%s" % e("real", depth)),
            (1, lambda: "max(%s, %s)" % (e("real", depth), self.constant("real"))))

    def make_str(self, depth):
        e = self.e
        return self.pick(
            (4, lambda: self.fstring()),
            (3, lambda: "%s.%s()" % (e("str", depth), self.one(("strip", "lower", "upper", "title", "rstrip")))),
            (2, lambda: "%s.replace(%s, %s)" % (e("str", depth), e("str", 0), e("str", 0))),
            (2, lambda: "%s.join(%s)" % (e("str", 0), self.one((self.generator("str", depth), e("list", depth))))),
            (3, lambda: "%s + %s" % (e("str", depth), e("str", depth))),
            (2, lambda: self.percent(depth)),
            (1, lambda: "'{}: {name}'.format(%s, name=%s)" % (e("any", depth), e("str", depth))),
            (2, lambda: "%s(%s)" % (self.one(("str", "repr")), e(None, depth))),
            (2, lambda: "%s[%s]" % (e("str", depth), self.slice(depth))),
            (1, lambda: "%s * %s" % (e("str", depth), e("num", depth))),
            (1, lambda: "%s.__class__.__name__" % e("obj", depth)),
            (1, lambda: "os.path.join(%s, %s)" % (e("str", depth), e("str", depth))))

    def make_list(self, depth):
        e = self.e
        return self.pick(
            (3, lambda: "[%s]" % self.several(depth)),
            (6, lambda: "[%s]" % self.comprehension(lambda d: e(None, d), depth)),
            (2, lambda: "sorted(%s%s)" % (e(self.one(("list", "set", "dict")), depth), self.one(
                ("", "", ", reverse=True", ", key=%s" % self.lambda_(depth, ("any",)))))),
            (2, lambda: "list(%s)" % self.one((e("dict", depth) + ".items()", e("set", depth), self.generator("any", depth)))),
            (2, lambda: "%s.split(%s)" % (e("str", depth), self.one(("", "','", "None, 1")))),
            (2, lambda: "%s[%s]" % (e("list", depth), self.slice(depth))),
            (2, lambda: "%s + %s" % (e("list", depth), e("list", depth))),
            (1, lambda: "[%s] * %s" % (e("any", 0), e("num", depth))),
            (1, lambda: "list(%s(%s, %s))" % (self.one(("map", "filter")), e("func", depth), e("list", depth))))

    def make_dict(self, depth):
        e = self.e
        return self.pick(
            (3, lambda: "{%s}" % ", ".join(self.one(("%r: %s" % (self.one(KEYS), e(None, depth)), "**%s" % e("dict", depth)))
                                           for _ in self.some(1, 3))),
            (4, lambda: "{%s}" % self.comprehension(lambda d: "%s: %s" % (e("str", d), e(None, d)), depth)),
            (2, lambda: "dict(%s)" % ", ".join("%s=%s" % (key, e(None, depth)) for key in self.r.sample(KEYS, 2))),
            (1, lambda: "dict(%s, **%s)" % (e("dict", depth), e("dict", depth))),
            (1, lambda: "dict(zip(%s, %s))" % (e("list", depth), e("list", depth))),
            (1, lambda: "%s.__dict__" % e("obj", depth)),
            (1, lambda: "%s.copy()" % e("dict", depth)))

    def make_set(self, depth):
        e = self.e
        return self.pick(
            (2, lambda: "{%s}" % self.several(depth, 1)),
            (3, lambda: "{%s}" % self.comprehension(lambda d: e("str", d), depth)),
            (2, lambda: "%s(%s)" % (self.one(("set", "frozenset")), self.one((e("list", depth), self.generator("str", depth))))),
            (2, lambda: "%s %s %s" % (e("set", depth), self.one("|&-^"), e("set", depth))))

    def make_pair(self, depth):
        e = self.e
        return self.pick(
            (6, lambda: "(%s, %s)" % (e(None, depth), e(None, depth))),
            (1, lambda: "(%s,)" % e(None, depth)),
            (1, lambda: "(*%s, %s)" % (e("list", depth), e(None, depth))),
            (2, lambda: "tuple(%s)" % self.one((e("list", depth), self.generator("any", depth)))),
            (1, lambda: "divmod(%s, %s)" % (e("num", depth), e("num", depth))))

    def make_bool(self, depth):
        e, subject = self.e, self.subject
        kind = self.one(("num", "num", "real", "str", "any", "any"))
        return self.pick(
            (6, lambda: self.comparison(kind, depth)),
            (2, lambda: "%s <= %s < %s" % (self.constant("num"), subject("num", depth), self.constant("num"))),
            (1, lambda: "%s == %s != %s" % (subject("any", 0), self.constant("any"), e("any", depth))),
            (4, lambda: "%s %s %s" % (subject("str", depth), self.one(("in", "not in")), e(self.one(("list", "dict", "set")), depth))),
            (2, lambda: "%s %s (%r, %r, %r)" % (subject("str", 0), self.one(("in", "not in")), *self.r.sample(STRINGS, 3))),
            (5, lambda: "%s %s None" % (subject(self.one(("any", "obj", "str")), depth), self.one(("is", "is not")))),
            (3, lambda: "not %s" % subject(self.one(("bool", "list", "any")), depth)),
            (3, lambda: "isinstance(%s, %s)" % (subject("any", depth), self.one(("str", "(list, tuple)", "dict", "int")))),
            (2, lambda: "%s.%s(%s)" % (e("str", depth), self.one(("startswith", "endswith")), e("str", 0))),
            (2, lambda: "%s(%s)" % (self.one(("any", "all")), self.generator("bool", depth))),
            (1, lambda: "%s(%s)" % (self.one(("callable", "bool")), subject("any", depth))),
            (1, lambda: "hasattr(%s, %r)" % (e("obj", depth), self.one(KEYS))),
            (2, lambda: "%s and %s" % (subject("bool", depth), e("bool", depth))),
            (2, lambda: "%s or %s" % (subject("bool", depth), e("bool", depth))))

    def comparison(self, kind, depth):
        left, right = self.subject(kind, depth), self.e(kind, depth)
        return "%s %s %s" % (left, self.one(COMPARISONS), right if right != left else self.constant(kind))

    def make_func(self, depth):
        return self.pick((3, lambda: self.lambda_(depth)), (1, lambda: "functools.partial(%s, %s)" % (
            self.e("func", depth), self.e(None, depth))), (1, lambda: "%s.%s" % (self.e("obj", depth), self.one(METHODS))))

    def make_obj(self, depth):
        return self.pick((4, lambda: self.call(depth)), (2, lambda: "%s.%s" % (self.e("obj", depth), self.one(ATTRIBUTES["obj"]))),
                         (1, lambda: "%s[%s]" % (self.e("list", depth), self.e("num", depth))),
                         (1, lambda: "type(%s)" % self.e("obj", depth)))

    def make_any(self, depth):
        e = self.e
        return self.pick(
            (5, lambda: self.call(depth)),
            (4, lambda: "%s[%s]" % (e("dict", depth), e("str", depth))),
            (3, lambda: "%s[%s]" % (e("list", depth), e("num", depth))),
            (1, lambda: "%s[%s, %s]" % (e("obj", depth), self.slice(depth), e("num", depth))),
            (3, lambda: "%s.%s" % (e("obj", depth), self.one(ATTRIBUTES["any"]))),
            (2, lambda: "%s.%s" % (e("list", depth), self.one(("pop()", "pop(0)", "copy()")))),
            (2, lambda: "%s.%s(%r, %s)" % (e("dict", depth), self.one(("get", "setdefault", "pop")), self.one(KEYS), e(None, depth))),
            (2, lambda: "next(%s%s)" % (self.one(("iter(%s)" % e("list", depth), self.generator("any", depth, True))),
                                        self.one((", None", "")))),
            (2, lambda: self.general("any", depth)),
            (1, lambda: "json.loads(%s)" % e("str", depth)))

    def several(self, depth, least=0):
        return ", ".join(self.one(("", "", "", "*")) + self.e("list", depth) if self.chance(20) else self.e(None, depth)
                         for _ in self.some(least, 4))

    def slice(self, depth):
        e = self.e
        return self.pick((3, lambda: "%s:" % e("num", depth)), (3, lambda: ":%s" % e("num", depth)),
                         (2, lambda: "%s:%s" % (e("num", 0), e("num", depth))), (1, lambda: "::-1"), (1, lambda: ":"),
                         (1, lambda: "%s::%s" % (e("num", 0), e("num", 0))))

    def test(self, depth):
        names = [n for n in self.scope.readable() if KIND.get(n) not in (None, "func", "pair")]
        if names and self.chance(25):
            return self.one(("%s", "%s", "not %s")) % self.scope.use(self.one(names))
        return "(%s)" % self.make_bool(max(depth - 1, 0))

    def call(self, depth, function=None):
        """A call with arguments of all kinds."""
        e = self.e
        if not function:
            function = self.pick(
                (4 if self.globals else 0, lambda: self.one(self.globals)),
                (2 if self.classes else 0, lambda: self.one(self.classes)),
                (3 if self.known("func") else 0, lambda: self.variable("func")),
                (4, lambda: "%s.%s" % (e("obj", 0), self.one(METHODS))),
                (3 if self.function.owner else 0, lambda: "%s.%s" % (self.scope.use(self.function.owner or ""), self.one(METHODS))),
                (1 if self.function.method else 0, lambda: "super().%s" % self.function.method))
        arguments = [e(None, depth) for _ in range(self.one((0, 1, 1, 2, 2, 3)))]
        if self.chance(8):
            arguments.insert(self.r.randint(0, len(arguments)), "*%s" % e("list", depth))
        arguments += ["%s=%s" % (key, e(None, depth)) for key in self.r.sample(KEYS, self.one((0, 0, 0, 0, 1, 2)))]
        if self.chance(6):
            arguments.append("**%s" % e("dict", depth))
        return "%s(%s)" % (function, ", ".join(arguments))

    def fstring(self):
        parts = []
        for _ in self.some(1, 3):
            if self.chance(60):
                parts.append(self.one(("", "id=", " of ", ": ", "/", "{{", " - ", "name ", "%")))
            value = self.pick((6, lambda: self.atom(self.one(KINDS))),
                              (2, lambda: "len(%s)" % self.atom("list")),
                              (2, lambda: "%s[%r]" % (self.atom("dict"), self.one(KEYS))),
                              (2, lambda: "%s + 1" % self.atom("num")),
                              (1, lambda: "%s if %s else %s" % (self.atom("str"), self.atom("bool"), self.atom("any"))))
            if '"' in value or "\\" in value or value.startswith("{"):
                value = "(%s)" % value if value.startswith("{") else "None"
            conversion = self.one(("", "", "", "!r", "!s", "!a"))
            form = self.one(("", "", "", ":>10", ":.2f", ":{%s}" % self.name_or("num"), ":{%s}.{%s}" % (
                self.name_or("num"), self.name_or("num")), ":<{%s}d" % self.name_or("num")))
            parts.append("{%s%s%s}" % (value, conversion, form))
        return 'f"%s"' % "".join(parts)

    def name_or(self, kind):
        text = self.variable(kind)
        return text if text.isidentifier() else "DEFAULT_SIZE"

    def percent(self, depth):
        if self.chance(30):
            return "%r %% %s" % (self.one(("%s!", "<%r>", "%d items")), self.e("any", depth))
        return "%r %% (%s, %s)" % (self.one(("%s: %s", "%r (%d)", "%-10s|%5.1f", "%s%%%s")), self.e(None, depth), self.e(None, depth))

    # ------------------------------------------------------------------ scopes within expressions

    def inside(self, scope, make, awaits=False):
        """What `make` writes in a scope of its own."""
        before = self.scope, self.awaits
        self.scope, self.awaits = scope, self.awaits and awaits
        try:
            return make()
        finally:
            self.scope, self.awaits = before

    def lambda_(self, depth, kinds=None):
        kinds = kinds or [self.one(KINDS) for _ in self.some(0, 2)]
        scope, parameters = Scope(self.scope), []
        for kind in dict.fromkeys(kinds):
            name = self.one(WORDS[kind].split())
            default = self.constant(kind) if parameters and "=" in parameters[-1] or self.chance(25) else None
            parameters.append(name + ("=%s" % default if default else ""))
            scope.bind(name)
        if self.chance(8):
            parameters.append("*%s" % self.one(("args", "rest")))
        return "lambda %s: %s" % (", ".join(parameters), self.inside(scope, lambda: self.e(None, depth)))

    def target(self, depth=1, starred=False):
        """A target of a loop, bound in the scope, and what it goes over."""
        self.iterating += 1

        def simple():
            kind = self.element()
            over = self.e(self.one(("list", "list", "set", "dict", "pair")), depth)
            return [kind], "%s", over
        kinds, form, over = self.pick(
            (8, simple),
            (2, lambda: (["num"], "%s", "range(%s)" % self.e("num", depth))),
            (1, lambda: (["num"], "%s", "range(%s, %s, %s)" % (self.e("num", 0), self.e("num", depth), self.one(("2", "-1"))))),
            (2, lambda: (["num", "any"], "%s, %s", "enumerate(%s%s)" % (self.e("list", depth), self.one(("", ", 1"))))),
            (3, lambda: (["str", "any"], "%s, %s", "%s.items()" % self.e("dict", depth))),
            (1, lambda: (["str"], "%s", "%s.%s()" % (self.e("dict", depth), self.one(("keys", "values"))))),
            (1, lambda: (["any", "obj"], "%s, %s", "zip(%s, %s)" % (self.e("list", depth), self.e("list", depth)))),
            (1, lambda: (["num", "str", "any"], "%s, (%s, %s)", "enumerate(%s.items())" % self.e("dict", depth))),
            (1 if starred else 0, lambda: (["any", "list"], "%s, *%s", self.e("list", depth))),
            (1, lambda: (["num"], "%s", "reversed(%s)" % self.e("list", depth))))
        self.iterating -= 1
        return kinds, form, over

    def bound_target(self, kinds, form):
        names = []
        gone = {name for scope in self.scope.chain() for name in scope.deleted}
        for kind in kinds:
            free = [w for w in WORDS[kind].split() if w not in self.scope.foreign and w not in names and w not in gone]
            names.append(self.scope.bind(self.one([w for w in free if w not in self.scope.readable()] or free)))
            if self.scope.parent:
                self.scope.parent.captured.add(names[-1])
        return form % tuple(names)

    def comprehension(self, element, depth, asynchronous=True):
        """The element and the clauses."""
        scope, clauses, first = Scope(self.scope), [], True
        for _ in range(self.one((1, 1, 1, 1, 2))):
            if first:
                kinds, form, over = self.target(depth)
            else:
                kinds, form, over = self.inside(scope, lambda: self.target(depth), asynchronous)
            word = "async for" if self.awaits and asynchronous and PLAIN.fullmatch(over) and self.chance(40) else "for"
            clauses.append("%s %s in %s" % (word, self.inside(scope, lambda: self.bound_target(kinds, form)), over))
            for _ in range(self.one((0, 0, 0, 1, 1, 2))):
                clauses.append("if %s" % self.inside(scope, lambda: self.test(min(depth, 1)), asynchronous))
            first = False
        if "walrus" in self.features and self.chance(15) and asynchronous and not self.iterating and self.scope.parent is None:
            name = self.fresh("any", new=True)
            if name and name not in scope.local and name not in scope.foreign:
                clauses.append("if (%s := %s) is not None" % (name, self.inside(scope, lambda: self.e("any", 0), asynchronous)))
                self.scope.local.add(name)
                self.scope.captured.add(name)
                scope.bind(name)
        return "%s %s" % (self.inside(scope, lambda: element(min(depth, 1)), asynchronous), " ".join(clauses))

    def generator(self, kind, depth, parenthesized=True):
        return "(%s)" % self.comprehension(lambda d: self.e(kind, d), depth, False)
