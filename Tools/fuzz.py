#!/usr/bin/env python3
"""Writes modules of random Python that Cython compiles, in the style people write.

    fuzz.py FOLDER [--seed N] [--modules N] [--functions N] [--family 0.29|3]

The development modules show what is common; these show what is possible. Every statement, expression and
operator that Cython takes in a .py file occurs, most of them inside each other. A function reads only names
that are bound where it stands, and a name has one kind (a number, a list, ...) everywhere, so that it compiles
and mostly makes sense; it need not run. What is written depends on the seed and the number of a module alone.
Family 3 adds what Cython 0.29 does not take (assignment expressions, positional-only parameters) to every
fourth module, so that the others are the same for all.
"""
import argparse
import ast
import pathlib

from fuzz_expressions import (ANNOTATIONS, ATTRIBUTES, CLASSES, CONSTANTS, DOCS, ERRORS, KEYS, KIND, KINDS, LIBRARIES,
                              LOCAL_LIBRARIES, METHODS, NOUNS, PLAIN, STATE, VERBS, WORDS, Expressions, Function, Scope)

FAMILIES = {"0.29": frozenset(), "3": frozenset(("walrus", "positional", "future"))}
MODULES, FUNCTIONS = 40, 50
AUGMENTED = {"num": ["+=", "+=", "+=", "-=", "*=", "//=", "%=", "|=", "&=", "<<=", ">>=", "^=", "**=", "@="],
             "real": ["+=", "-=", "*=", "/="], "str": ["+="], "list": ["+=", "*="], "set": ["|=", "&=", "-=", "^="]}


def indented(lines):
    return ["    " + line for line in lines]


class Writer(Expressions):
    """Writes statements, functions, classes and a module."""

    # ------------------------------------------------------------------------------------- blocks

    def block(self, size, depth):
        """Lines of some statements, and whether control does not leave them at the end."""
        function, entry = self.function, self.function.entry
        function.entry = set(self.scope.bound)
        lines, ended = [], False
        for number in range(size):
            more, ended = self.statement(depth, last=number == size - 1)
            lines += more
            if ended:
                break
        function.entry = entry
        return lines or ["pass"], ended

    def branch(self, make):
        """Lines of a block, and what is bound after it, or None if control does not leave it."""
        before = self.scope.bound
        self.scope.bound = dict(before)
        lines, ended = make()
        after = None if ended else self.scope.bound
        self.scope.bound = before
        return indented(lines), after

    def join(self, *afters):
        """Binds what all ways have bound; whether no way goes on."""
        live = [after for after in afters if after is not None]
        if live:
            self.scope.bound = {n: None for n in live[0] if all(n in after for after in live)}
        return not live

    def body(self, depth, low=1, high=2):
        return self.branch(lambda: self.block(self.r.randint(low, high), depth - 1))

    def within(self, counter, make, value=None):
        """What `make` writes with a counter of the function one higher, or of a value."""
        before = getattr(self.function, counter)
        setattr(self.function, counter, before + 1 if value is None else value)
        try:
            return make()
        finally:
            setattr(self.function, counter, before)

    # --------------------------------------------------------------------------------- statements

    def statement(self, depth, last=False):
        f = self.function
        compound = 1 if depth > 0 else 0
        nested = compound if 0 < f.level < 3 else 0
        plain = lambda make: lambda: (make(), False)  # noqa: E731
        return self.pick(
            (22, plain(self.assignment)), (6, plain(self.augmented)), (10, plain(self.expression_statement)),
            (3, plain(self.unpacking)), (2, plain(self.deletion)), (2, plain(self.assertion)),
            (1, plain(self.local_import)), (1, plain(self.oddity)),
            (11 * compound, lambda: self.if_(depth)), (7 * compound, lambda: self.for_(depth)),
            (3 * compound, lambda: self.while_(depth)), (6 * compound, lambda: self.try_(depth)),
            (3 * compound, lambda: self.with_(depth)), (2 * nested, plain(lambda: self.inner_function(depth))),
            (1 * nested if depth > 1 else 0, plain(self.inner_class)),
            (6 if f.form in ("generator", "asyncgen") else 0, plain(self.yield_)),
            (3 if self.awaits else 0, plain(self.await_)),
            (12 if last and f.level else 1 if last else 0, self.return_),
            (5 if last else 0, self.raise_),
            (10 if last and f.loops else 0, lambda: ([self.one(("break", "continue"))], True)))

    def place(self, kind, depth=1):
        """A target that is no name."""
        return self.pick(
            (3, lambda: "%s.%s" % (self.e("obj", 0), self.one(ATTRIBUTES[kind]))),
            (4 if self.function.owner else 0, lambda: "%s.%s" % (self.scope.use(self.function.owner or ""), self.one(ATTRIBUTES[kind]))),
            (3, lambda: "%s[%s]" % (self.e("dict", 0), self.e("str", depth))),
            (2, lambda: "%s[%s]" % (self.e("list", 0), self.e("num", depth))),
            (1, lambda: "%s[%s]" % (self.e("list", 0), self.slice(0))),
            (1, lambda: "%s[%s, %s]" % (self.e("obj", 0), self.e("num", 0), self.e("num", 0))))

    def value(self, kind):
        """What a name is bound to: no other name, as a compiler would take one for both."""
        text = self.e(kind, self.one((1, 1, 1, 1, 2)))
        return "(%s)" % getattr(self, "make_" + kind)(1) if text in KIND and self.chance(90) else text

    def assignment(self):
        kind = self.one(KINDS) if self.chance(50) else self.kind()
        value = self.value(kind)
        name = self.fresh(kind)
        if name is None or self.chance(20):
            place = self.place(kind)
            if name and self.chance(20):
                return ["%s = %s = %s" % (*self.one(((place, name), (name, place))), value)] if self.scope.bind(name) else []
            return ["%s = %s" % (place, value)]
        fresh = name not in self.scope.local and not self.scope.deleted
        annotated = fresh and self.chance(6)
        self.scope.bind(name)
        if annotated:
            return ["%s: %s = %s" % (name, self.one(ANNOTATIONS[kind]), value)]
        if self.chance(5):
            other = self.fresh(kind)
            if other and other != name:
                return ["%s = %s = %s" % (name, self.scope.bind(other), value)]
        return ["%s = %s" % (name, value)]

    def unpacking(self):
        e = self.e
        if self.chance(15) and len(self.bound("any")) > 1:
            a, b = self.r.sample(self.bound("any"), 2)
            return ["%s, %s = %s, %s" % (a, b, b, a)]
        source = self.pick((2, lambda: self.call(1)), (3, lambda: self.subject(self.one(("list", "pair", "any")), 0)))
        kinds, form, value = self.pick(
            (4, lambda: (["str", "any"], "%s, %s", source)),
            (3, lambda: (["str", "str", "str"], "%s, %s, %s", "%s.partition(%s)" % (e("str", 1), e("str", 0)))),
            (3, lambda: (["num", "obj"], "%s, %s", "%s, %s" % (e("num", 1), e("obj", 1)))),
            (2, lambda: (["any", "list"], "%s, *%s", source)),
            (1, lambda: (["list", "any"], "*%s, %s", source)),
            (1, lambda: (["any", "list", "str"], "%s, *%s, %s", source)),
            (1, lambda: (["any", "num", "str"], "%s, (%s, %s)", source)),
            (1, lambda: (["any"], "[%s]", source)),
            (1, lambda: (["any"], "%s, " + self.place("any").replace("%", "%%"), source)))
        names = []
        for kind in kinds:
            name = self.fresh(kind)
            names.append(name if name and name not in names else self.place(kind))
        for name in names:
            if name.isidentifier():
                self.scope.bind(name)
        return ["%s = %s" % (form % tuple(names), value)]

    def bound(self, kind):
        """Names of a kind that may be bound again without a declaration."""
        return [n for n in self.scope.bound if KIND.get(n) == kind]

    def augmented(self):
        kind = self.one(("num", "num", "num", "real", "str", "list", "set"))
        names = self.bound(kind)
        target = self.one(names) if names and self.chance(70) else self.place(kind, 0)
        return ["%s %s %s" % (target, self.one(AUGMENTED[kind]), self.value(kind))]

    def expression_statement(self):
        e = self.e
        return [self.pick(
            (8, lambda: self.call(1)),
            (5, lambda: "%s.append(%s)" % (e("list", 0), e(None, 1))),
            (2, lambda: "%s.%s(%s)" % (e("list", 0), self.one(("extend", "remove")), e("list", 1))),
            (2, lambda: "%s.add(%s)" % (e("set", 0), e("str", 1))),
            (2, lambda: "%s.update(%s)" % (e("dict", 0), e("dict", 1))),
            (2, lambda: "print(%s%s)" % (self.several(1, 1), self.one(("", ", file=sys.stderr", ", sep=''")))),
            (1, lambda: "setattr(%s, %s, %s)" % (e("obj", 0), e("str", 0), e(None, 1))),
            (1, lambda: "logging.debug(%r, %s)" % ("got %s", e(None, 1))),
            (1, lambda: "%s[%s]" % (e("dict", 0), e("str", 1))),
            (1, lambda: "%s(%s)" % (e("func", 0), e(None, 1))))]

    def deletion(self):
        free = [n for n in self.scope.bound if n not in self.function.entry and n not in self.scope.captured
                and n in self.scope.local and n in KIND]
        if free and self.chance(35):
            name = self.one(free)
            del self.scope.bound[name]
            self.scope.deleted.add(name)
            return ["del %s" % name] if self.chance(80) else ["del %s, %s" % (name, self.place("any"))]
        return ["del %s" % self.place("any")]

    def assertion(self):
        return ["assert %s%s" % (self.test(self.one((1, 1, 1, 1, 2))), self.one(("", ", %s" % self.e("str", 1))))]

    def local_import(self):
        return [self.one(LOCAL_LIBRARIES)] if self.function.level else ["import " + self.one(LIBRARIES)]

    def oddity(self):
        return [self.one(("pass", "...", "'what follows is rare'"))]

    def return_(self):
        if not self.function.level:
            return self.raise_()
        if self.function.form == "asyncgen" or self.function.result != "real" and self.chance(8):
            return ["return"], True
        if self.function.form == "generator" and self.chance(10):
            return ["return (yield %s)" % self.value(self.kind())], True
        if self.function.result:
            return ["return %s" % self.value(self.function.result)], True
        return ["return %s" % self.pick((20, lambda: self.value(self.kind())), (2, lambda: self.one(("True", "False", "None"))),
                                        (2, lambda: self.call(1)), (2, lambda: "%s, %s" % (self.e(None), self.e(None))))], True

    def raise_(self):
        error = "%s(%s)" % (self.one(ERRORS), self.e("str", 1))
        return [self.pick((8, lambda: "raise " + error), (2, lambda: "raise " + self.one(ERRORS)),
                          (6 if self.function.handlers else 0, lambda: "raise"),
                          (1, lambda: "raise %s from None" % error),
                          (3 if self.function.handlers else 0, lambda: "raise %s from %s" % (error, self.e("any", 0))))], True

    def yield_(self):
        value = self.one(("", " " + self.value(self.kind()), " %s, %s" % (self.e(None, 1), self.e(None, 1))))
        delegated = self.function.form == "generator" and self.chance(20)
        made = "yield from %s" % self.e("list", 1) if delegated else "yield" + value
        return self.pick((6, lambda: [made]), (3, lambda: self.assigned("(%s)" % made)),
                         (1, lambda: ["%s.append((%s))" % (self.e("list", 0), made)]),
                         (1, lambda: ["%s[(%s)] = (%s)" % (self.e("dict", 0), made, "yield")]),
                         (1, lambda: ["%s(%s, (%s))" % (self.one(self.globals or ["print"]), self.e(None, 1), made)]))

    def await_(self):
        made = "await %s" % self.call(1)
        return self.pick((2, lambda: [made]), (3, lambda: self.assigned(made)))

    def assigned(self, value):
        name = self.fresh("any")
        target = self.scope.bind(name) if name else self.place("any")
        return ["%s = %s" % (target, value)]

    # ------------------------------------------------------------------------ compound statements

    def if_(self, depth):
        tests, afters, lines = self.one((1, 1, 1, 1, 2, 3)), [], []
        before = self.scope.bound
        for number in range(tests):
            test = self.test(self.one((1, 1, 1, 1, 2)))
            named = self.walrus() if number == 0 and self.chance(15) else None
            if named:       # Cython 3.0 knows the name in the first branch only
                test = self.one(("(%s := %s)", "(%s := %s) is not None", "(%s := %s) == 'end'")) % named
            if self.function.form == "generator" and self.chance(3):
                test = "(yield %s)" % self.e(None, 1)
            more, after = self.body(depth)
            self.scope.bound = before
            lines += ["%s %s:" % ("elif" if number else "if", test)] + more
            afters.append(after)
        if self.chance(40):
            more, after = self.body(depth)
            return lines + ["else:"] + more, self.join(*afters, after)
        return lines, self.join(*afters, self.scope.bound)

    def walrus(self):
        """A name and what an assignment expression binds it to."""
        name = self.fresh("any", new=True) if "walrus" in self.features else None
        if name is None:
            return None
        self.scope.local.add(name)
        value = self.one((self.call(1), self.e("any", 0)))
        self.scope.bound = dict(self.scope.bound)
        return self.scope.bind(name), value

    def loop(self, head, depth, bind=None, endless=False):
        before = self.scope.bound
        self.scope.bound = dict(before)
        if bind:
            head = head % bind()
        more, _ = self.within("loops", lambda: self.body(depth))
        self.scope.bound = before
        lines = [head] + more
        if endless:     # what follows a loop without an end is dropped by Cython, not always well
            stop = indented(["if %s:" % self.test(1), "    break"])
            return [head] + stop + more, False
        if self.chance(15):
            more, after = self.body(depth, 1, 2)
            lines += ["else:"] + more
            return lines, self.join(after, before if after is not None else None)
        return lines, False

    def for_(self, depth):
        kinds, form, over = self.target(starred=True)
        if self.chance(6):
            over = "(%s)" % ", ".join(self.e("any", 1) for _ in self.some(2, 3))
            kinds, form = ["any"], "%s"
        word = "async for" if self.awaits and PLAIN.fullmatch(over) and self.chance(50) else "for"
        if self.chance(3):
            return self.loop("%s %s in %s:" % (word, self.place("any").replace("%", "%%"), over.replace("%", "%%")), depth, tuple)
        return self.loop("%s %%s in %s:" % (word, over.replace("%", "%%")), depth, lambda: self.bound_target(kinds, form))

    def while_(self, depth):
        before = self.scope.bound
        named = self.walrus() if self.chance(25) else None
        if named:
            lines = self.loop("while (%s := %s):" % named, depth)
            self.scope.bound = before
            return lines
        if self.chance(25):
            return self.loop(self.one(("while True:", "while 1:")), depth, endless=True)
        return self.loop("while %s:" % self.test(self.one((1, 1, 1, 1, 2))), depth)

    def try_(self, depth):
        before, afters = dict(self.scope.bound), []
        final = self.chance(30)
        more, after = self.body(depth)
        lines = ["try:"] + more
        handlers = self.one((0, 0, 1)) if final else self.one((1, 1, 1, 2, 3))
        for number in range(handlers):
            bare = number == handlers - 1 and self.chance(20)
            errors = self.r.sample(ERRORS, 2)
            head = self.one(("except %s" % errors[0], "except %s" % errors[0], "except (%s, %s)" % tuple(errors)))
            if number == handlers - 1 and self.chance(30):
                head = "except Exception"
            name = self.one(("e", "error", "exc")) if self.chance(45) else None
            self.scope.bound = dict(before)
            if bare:
                more, end = self.within("handlers", lambda: self.body(depth))
                lines += ["except:"] + more
            else:
                more, end = self.within("handlers", lambda: self.handler(name, depth))
                lines += [head + (" as %s:" % name if name else ":")] + more
            afters.append(end)
        self.scope.bound = dict(after if after is not None else before)
        if handlers and after is not None and self.chance(25):
            more, after = self.body(depth)
            lines += ["else:"] + more
        ended = self.join(after, *afters)
        if final:
            known = self.scope.bound
            self.scope.bound = dict(before)
            more, end = self.within("handlers", lambda: self.body(depth, 1, 2), 0)
            lines += ["finally:"] + more
            self.scope.bound = known
            ended = ended or end is None
        return lines, ended

    def handler(self, name, depth):
        """The body of a handler; what it caught is read there only."""
        if name is None or name in self.scope.foreign:
            return self.body(depth)
        error = self.one(("%s.args[0]", "str(%s)", "%s", "repr(%s)")) % name
        use = self.pick((3, lambda: "print(%s)" % error), (2, lambda: "%s = %s" % (self.place("any"), error)),
                        (2, lambda: "raise %s(%s) from %s" % (self.one(ERRORS), self.e("str", 1), name)),
                        (2, lambda: "logging.warning('failed: %%s', %s)" % error),
                        (1, lambda: "return %s" % error if self.function.level and self.function.form != "asyncgen" and not self.function.result else "raise %s" % name))
        if use.startswith(("raise", "return")):
            return indented(([] if self.chance(60) else self.expression_statement()) + [use]), None
        more, after = self.body(depth, 1, 2)
        return indented([use]) + more, after

    def with_(self, depth):
        items = []
        for _ in range(self.one((1, 1, 1, 2))):
            manager = self.pick((2, lambda: "open(%s%s)" % (self.e("str", 1), self.one(("", ", 'wb'", ", encoding=ENCODING")))),
                                (2, lambda: self.call(1)), (2, lambda: self.e("obj", 1)))
            target = self.pick((5, lambda: self.fresh("obj")), (2, lambda: None), (1, lambda: self.place("obj", 0)),
                               (1, lambda: "(%s, %s)" % (self.fresh("any"), self.fresh("num"))))
            if target and "None" in target:
                target = None
            for name in (target or "").strip("()").split(", "):
                if name in KIND:
                    self.scope.bind(name)
            items.append(manager + (" as %s" % target if target else ""))
        word = "async with" if self.awaits and self.chance(50) else "with"
        more, after = self.body(depth)
        self.join(after, self.scope.bound)      # what the manager swallows ends the block early
        return ["%s %s:" % (word, ", ".join(items))] + more, False

    # -------------------------------------------------------------------------- functions, classes

    def parameters(self, method=None):
        """Parameters as written, and their names."""
        e, parts, names = self.constant, [method] if method else [], [method] if method else []
        annotated, defaults = self.chance(25), False

        def parameter(kind, optional):
            word = self.one([w for w in WORDS[kind].split() if w not in names])
            names.append(word)
            note = ": %s" % self.one(ANNOTATIONS[kind]) if annotated and self.chance(80) else ""
            return word + note + (" = %s" % e(kind) if optional else "")
        for kind in self.r.sample(KINDS, self.one((0, 1, 2, 2, 3, 3, 4))):
            defaults = defaults or self.chance(25)
            parts.append(parameter(kind, defaults))
        if "positional" in self.features and parts and self.chance(15):
            parts.insert(self.r.randint(1, len(parts)), "/")
        keywords = self.chance(15)
        if self.chance(15):
            parts.append("*args")
            names.append("args")
        elif keywords:
            parts.append("*")
        if keywords:
            parts += [parameter(kind, self.chance(50)) for kind in self.r.sample(KINDS, self.one((1, 2)))]
        if self.chance(12):
            parts.append("**kwargs")
            names.append("kwargs")
        return "(%s)" % ", ".join(parts), names, annotated and self.chance(60)

    def function_(self, name, owner=None, method=None, decorators=(), outer=None, size=None):
        """A definition."""
        form = self.one(("plain",) * 12 + ("generator",) * 3 + ("async",) * 2 + ("asyncgen",))
        if name.startswith("__") or any(".setter" in d or "property" in d or "deleter" in d for d in decorators):
            form = "plain"
        self.written += 1
        head, names, returns = self.parameters(owner)
        before = self.scope, self.function, self.awaits
        level = self.function.level + 1
        result = self.one(KINDS) if returns and form in ("plain", "async") else None
        if result:
            head += " -> %s" % self.one(ANNOTATIONS[result])
        self.scope, self.function = Scope(outer), Function(form, owner, method, result)
        self.function.level, self.awaits = level, form in ("async", "asyncgen")
        lines = []
        if outer is None and self.chance(10):
            shared = self.one(list(STATE))
            lines += ["global %s" % shared] + self.pick(
                (2, lambda: ["%s = %s" % (shared, self.constant(STATE[shared][0]))]),
                (1, lambda: ["%s += 1" % shared if STATE[shared][0] == "num" else "%s = %s" % (shared, self.constant("any"))]))
        if outer is not None and self.chance(35):
            free = [n for n in outer.bound if n in KIND and n not in names and n not in outer.deleted]
            if free:
                shared = self.one(free)
                self.scope.bound[self.scope.use(shared)] = None
                lines += ["nonlocal %s" % shared, "%s = %s" % (shared, self.value(KIND[shared]))]
        for parameter in names:
            self.scope.bind(parameter)
        depth = self.one((1, 1, 1, 2, 2, 3)) if outer is None else 1
        more, ended = self.block(size or self.one((2, 3, 3, 4, 4, 5, 6) if outer is None else (1, 2, 3)), depth)
        lines += more
        text = "\n".join(lines)
        if form in ("generator", "asyncgen") and "yield" not in text:
            lines = ["yield %s" % self.one(names or ["None"])] + lines
        if not ended and self.chance(65):
            lines += self.return_()[0]
        if self.chance(15):
            lines = [repr(self.one(DOCS))] + lines
        self.scope, self.function, self.awaits = before
        word = "async def" if form in ("async", "asyncgen") else "def"
        return ["@" + d for d in decorators] + ["%s %s%s:" % (word, name, head)] + indented(lines)

    def inner_function(self, depth):
        kind = self.one(("func", "func", "any"))
        name = self.fresh(kind, new=True)
        if name is None or name in self.scope.deleted:
            return self.expression_statement()
        decorators = ["functools.wraps(%s)" % self.e("func", 0)] if self.chance(15) else []
        lines = self.function_(name, decorators=decorators, outer=self.scope)
        self.scope.bind(name)
        self.scope.captured.add(name)
        return lines

    def inner_class(self):
        name = "Inner" + self.one(CLASSES)
        lines = ["class %s%s:" % (name, self.one(("", "(object)", "(Base)")))]
        lines += indented(["%s = %s" % (self.one(KEYS), self.class_value())])
        lines += indented(self.function_(self.one(METHODS), owner="self", outer=self.scope, size=2))
        place = self.fresh("any")
        return lines + ["%s = %s" % (self.scope.bind(place) if place else self.place("any"), name)]

    def class_value(self):
        """A value in a class body, where Cython has few scopes."""
        return self.one((self.constant(self.one(KINDS)), "[name.upper() for name in NAMES if name]", "sorted(LEVELS)[::-1]",
                         "{level: name for name, level in LEVELS.items()}", "lambda self: self.name", "frozenset(NAMES)",
                         "f'{PREFIX}{DEFAULT_SIZE:03d}'", self.one(self.globals or ["print"]), "DEFAULT_SIZE * 2", "{**LEVELS, 'top': 100}"))

    def class_(self, name):
        bases = self.pick((4, lambda: []), (4, lambda: [self.one(self.classes)]), (1, lambda: ["dict"]),
                          (2, lambda: ["Exception"]), (1, lambda: [self.one(self.classes), "object"]))
        bases += self.pick((10, lambda: []), (1, lambda: ["metaclass=Meta"]), (1, lambda: ["flag=True", "**LEVELS"]))
        lines = ["class %s%s:" % (name, "(%s)" % ", ".join(bases) if bases else "")]
        if self.chance(40):
            lines += indented([repr(self.one(DOCS))])
        for _ in self.some(0, 3):
            lines += indented(self.pick(
                (4, lambda: ["%s = %s" % (self.one(KEYS), self.class_value())]),
                (1, lambda: ["%s: %s" % (self.one(KEYS), self.one(ANNOTATIONS[self.one(KINDS)]))]),
                (1, lambda: ["%s: int = %s" % (self.one(KEYS), self.constant("num"))]),
                (1, lambda: ["__slots__ = ('name', 'size')"]),
                (1, lambda: ["if %s:" % "DEFAULT_SIZE > 1", "    kind = %s" % self.constant("str")])))
        methods = self.r.sample(METHODS, self.r.randint(1, 4))
        if self.chance(70):
            initial = ["super().__init__(%s)" % self.one(("", "*args", "**kwargs"))]
            head = "def __init__(self, *args, **kwargs):"
            if self.chance(60):
                kinds = self.r.sample(KINDS, 3)
                names = [self.one(WORDS[kind].split()) for kind in kinds]
                head = "def __init__(self, %s, %s=None, *, %s=%s):" % (names[0], names[1], names[2], self.constant(kinds[2]))
                initial = ["self.%s = %s" % (self.one(ATTRIBUTES[kind]), word) for kind, word in zip(kinds, names)]
            lines += indented([head] + indented(initial))
            self.written += 1
        for method in methods:
            decorators, owner = [], "self"
            wrapped = self.one(("", "", "", "", "classmethod", "staticmethod", "property", "functools.lru_cache(maxsize=None)"))
            if wrapped:
                decorators, owner = [wrapped], {"classmethod": "cls", "staticmethod": None}.get(wrapped, "self")
            lines += indented(self.function_(method, owner=owner, method=method if owner else None, decorators=decorators))
            if wrapped == "property" and self.chance(60):
                lines += indented(["@%s.setter" % method, "def %s(self, value):" % method, "    self._%s = value" % method])
                lines += indented(["@%s.deleter" % method, "def %s(self):" % method, "    del self._%s" % method])
                self.written += 2
        if self.chance(30):
            special = self.one(("__repr__", "__len__", "__iter__", "__getitem__", "__eq__", "__contains__", "__enter__"))
            head = {"__getitem__": "(self, key)", "__eq__": "(self, other)", "__contains__": "(self, item)"}.get(special, "(self)")
            lines += indented(["def %s%s:" % (special, head)] + indented(
                ["return f'<{type(self).__name__} {self.name!r}>'" if special == "__repr__" else "return self.%s" % self.one(ATTRIBUTES["any"])]))
            self.written += 1
        return lines

    # ------------------------------------------------------------------------------------- module

    def module(self, functions):
        self.scope, self.function = Scope(), Function()
        lines = [repr("Random module."), "from __future__ import annotations"] if "future" in self.features and self.chance(30) else [repr("Random module.")]
        lines += ["import " + name for name in LIBRARIES]
        lines += ["from typing import Any, Callable, Dict, List, Optional, Set, Tuple", "from .common import Base, Meta, register"]
        if self.chance(20):
            lines += ["from .compatibility import *"]
        lines += ["try:", "    import ujson as fast", "except ImportError:", "    fast = None"]
        lines += ["%s = %s" % item for item in CONSTANTS.items()]
        lines += ["%s = %s" % (name, value) for name, (_, value) in STATE.items()]
        self.classes = ["Base"]
        names = ["%s_%s" % (verb, noun) for verb in VERBS for noun in NOUNS]
        self.r.shuffle(names)
        classes = self.r.sample(CLASSES, len(CLASSES))
        while self.written < functions:
            if classes and self.chance(12):
                name = classes.pop()
                if self.chance(10):
                    lines += ["@register"]
                lines += self.class_(name)
                self.classes.append(name)
                continue
            name = names.pop()
            decorators = self.pick((12, lambda: []), (1, lambda: ["register"]), (1, lambda: ["register(%r, size=1)" % self.one(KEYS)]),
                                   (1, lambda: ["functools.lru_cache()", "register"]))
            lines += self.function_(name, decorators=decorators)
            self.globals.append(name)
        lines += self.block(5, 2)[0]
        lines += ["if __name__ == '__main__':", "    print(%s())" % self.one(self.globals)]
        return ast.unparse(ast.parse("\n".join(lines))) + "\n"


def module(number, seed=0, functions=FUNCTIONS, family="3"):
    """The text of a module."""
    features = FAMILIES[family] if number % 4 == 3 else frozenset()
    return Writer("%d/%d" % (seed, number), features).module(functions)


def modules(count=MODULES, seed=0, functions=FUNCTIONS, family="3"):
    """Names and texts of modules."""
    return {"fuzz%02d" % number: module(number, seed, functions, family) for number in range(count)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--modules", type=int, default=MODULES)
    parser.add_argument("--functions", type=int, default=FUNCTIONS, help="functions of each module")
    parser.add_argument("--family", choices=FAMILIES, default="3")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for name, text in modules(options.modules, options.seed, options.functions, options.family).items():
        (options.folder / (name + ".py")).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
