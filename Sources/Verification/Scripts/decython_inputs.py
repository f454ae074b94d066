"""Which calls to make of the functions of a file: guided by annotations, defaults and constants.

An input is the text of an expression, so that both sides make the same value of it, and people can
read it. Nothing here depends on anything but the file.
"""
import ast
import random

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
ANYTHING = ["None", "True", "False", "0", "1", "-1", "2", "10", "255", "1.5", "''", "'a'", "'abc'", "'a b,c'",
            "'1'", "'/tmp/x.y'", "b''", "b'ab'", "[]", "[1, 2, 3]", "['a', 'b']", "()", "(1, 'a')", "{}",
            "{'a': 1}", "{'a': {'b': [1]}, 'c': None}", "{1, 2}", "int", "str", "ValueError('e')", "len"]
BY_TYPE = {
    "int": ["0", "1", "-1", "2", "3", "7", "10", "100", "255", "256", "-300", "10**20", "True"],
    "float": ["0.0", "1.0", "-1.5", "0.5", "2.25", "1e10", "float('inf')", "float('nan')", "3"],
    "str": ["''", "'a'", "'abc'", "'Ab C'", "'a,b;c'", "'1'", "'-12.5'", "'x=y'", "'a/b.c'", "' s '", "'é€'",
            "'a\\nb\\n'", "'http://u:p@h.org:80/p?q#f'", "'True'"],
    "bytes": ["b''", "b'a'", "b'abc'", "b'1'", "b'\\xff\\x00'", "b'a b\\r\\n'"],
    "bool": ["True", "False"], "None": ["None"], "complex": ["1j", "0j"], "bytearray": ["bytearray(b'ab')"],
    "object": ANYTHING, "Any": ANYTHING, "type": ["int", "str", "list", "ValueError"],
    "Callable": ["len", "str", "P('call', 1)", "P('call', 2)", "None"],
    "Path": ["__import__('pathlib').Path('/tmp/a.txt')"],
}
CONTAINERS = {
    "list": "[%s]", "List": "[%s]", "Sequence": "[%s]", "Iterable": "[%s]", "Collection": "[%s]",
    "Iterator": "iter([%s])", "Generator": "iter([%s])", "MutableSequence": "[%s]",
    "set": "set([%s])", "Set": "set([%s])", "AbstractSet": "{*[%s]}", "FrozenSet": "frozenset([%s])",
    "frozenset": "frozenset([%s])", "tuple": "(%s)", "Tuple": "(%s)", "deque": "__import__('collections').deque([%s])",
}
MAPPINGS = {"dict", "Dict", "Mapping", "MutableMapping", "DefaultDict", "OrderedDict", "Counter"}


class Function:
    """A function of the file, and where it is found when the module is there."""

    def __init__(self, name, node, owner, role):
        self.name, self.node, self.owner, self.role = name, node, owner, role


def functions(tree):
    """Every function that can be reached by its name, with those that share one in order."""
    found = []

    def walk(node, path, owner):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, FUNCTIONS):
                found.append(Function(".".join(path + [child.name]), child, owner, role_of(child)))
            elif isinstance(child, ast.ClassDef):
                walk(child, path + [child.name], child)
            elif not isinstance(child, ast.Lambda):
                walk(child, path, owner)
    walk(tree, [], None)
    return found


def role_of(node):
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Attribute) and decorator.attr in ("setter", "deleter", "getter"):
            return {"setter": "fset", "deleter": "fdel", "getter": "fget"}[decorator.attr]
        name = decorator.id if isinstance(decorator, ast.Name) else ""
        if name in ("staticmethod", "classmethod", "property"):
            return name
    if node.name in ("__init_subclass__", "__class_getitem__"):
        return "classmethod"
    return ""


def is_partial(node):
    """Whether what was not understood stands in a function."""
    body = [n for n in node.body if not (isinstance(n, ast.Expr) and is_text(n.value))]
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and inner.id.startswith("_not_understood"):
            return True
    return len(body) == 1 and isinstance(body[0], ast.Raise) and "NotImplementedError" in ast.dump(body[0])


def is_text(node):
    try:
        return isinstance(ast.literal_eval(node), str)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return False


def without_docstring(node):
    has_text = bool(node.body) and isinstance(node.body[0], ast.Expr) and is_text(node.body[0].value)
    for part in [node.args] + node.body[1 if has_text else 0:]:
        for inner in ast.walk(part):
            yield inner


class Hints:
    """What a function compares with, looks up and catches."""

    def __init__(self, node, owner):
        self.constants, self.attributes, self.types, self.errors, self.own = [], [], [], [], []
        self.compared = []
        for inner in without_docstring(node):
            self.constant(inner)
            if isinstance(inner, ast.Attribute):
                self.add(self.attributes, inner.attr)
            elif isinstance(inner, ast.ExceptHandler) and inner.type is not None:
                self.type_names(inner.type, self.errors)
            elif isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name):
                if inner.func.id in ("isinstance", "issubclass") and len(inner.args) == 2:
                    self.type_names(inner.args[1], self.types)
                if inner.func.id in ("getattr", "hasattr") and len(inner.args) > 1 and is_text(inner.args[1]):
                    self.add(self.attributes, ast.literal_eval(inner.args[1]))
            elif isinstance(inner, ast.Compare):
                for side in [inner.left] + inner.comparators:
                    self.constant(side, self.compared)
                    if isinstance(side, (ast.Tuple, ast.List, ast.Set)):
                        for item in side.elts:
                            self.constant(item, self.compared)
        for inner in ast.walk(owner) if owner is not None else ():
            if isinstance(inner, ast.Attribute) and isinstance(inner.value, ast.Name) \
                    and inner.value.id in ("self", "cls") and not inner.attr.startswith("__"):
                self.add(self.own, inner.attr)

    @staticmethod
    def add(items, item):
        if item not in items and len(items) < 60:
            items.append(item)

    def type_names(self, node, into):
        for part in node.elts if isinstance(node, ast.Tuple) else [node]:
            name = dotted(part)
            if name:
                self.add(into, name)

    def constant(self, node, into=None):
        if isinstance(node, (ast.Tuple, ast.List, ast.Dict, ast.Set, ast.Name, ast.Attribute, ast.BinOp)):
            return
        try:
            value = ast.literal_eval(node)
        except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
            return
        if value is None or isinstance(value, bool) or isinstance(value, (str, bytes)) and len(value) > 200:
            return
        self.add(self.constants if into is None else into, repr(value))
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            for near in (value + 1, value - 1):
                self.add(self.constants if into is None else into, repr(near))


def dotted(node):
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        inner = dotted(node.value)
        return inner and "%s.%s" % (inner, node.attr)
    return ""


class Generator:
    """Draws inputs for one function."""

    def __init__(self, function, seed):
        self.function = function
        self.hints = Hints(function.node, function.owner)
        self.random = random.Random(seed)

    def call(self):
        """The inputs of one call: its positional arguments and its keywords."""
        arguments = self.function.node.args
        positional = list(getattr(arguments, "posonlyargs", [])) + arguments.args
        defaults = [None] * (len(positional) - len(arguments.defaults)) + arguments.defaults
        takes_self = self.function.owner is not None and self.function.role not in ("staticmethod", "classmethod")
        given, keywords = [], {}
        for index, (argument, default) in enumerate(zip(positional, defaults)):
            if index == 0 and self.function.role == "classmethod":
                continue
            if index == 0 and takes_self:
                is_type = self.function.node.name == "__new__"
                given.append(self.owner_name() if is_type else self.receiver())
                continue
            if default is not None and self.random.random() < 0.4:
                break
            given.append(self.value(argument, default))
        if len(given) == len(positional) and arguments.vararg is not None:
            for _ in range(self.random.choice((0, 0, 1, 2))):
                given.append(self.value(arguments.vararg, None))
        for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults):
            if default is None or self.random.random() < 0.6:
                keywords[argument.arg] = self.value(argument, default)
        if arguments.kwarg is not None and self.random.random() < 0.4:
            for name in self.random.sample(["a", "name", "key", "x"] + self.hints.attributes[:6], 2):
                keywords.setdefault(name, self.value(arguments.kwarg, None))
        taken = {a.arg for a in positional[:len(given)]}
        return given, {k: v for k, v in keywords.items() if k not in taken}

    def calls(self, count):
        """Calls that differ from each other."""
        found, seen = [], set()
        for _ in range(2 * count):
            call = self.call()
            if repr(call) not in seen and len(found) < count:
                seen.add(repr(call))
                found.append(call)
        return found

    def changed(self, call):
        """A call like another one, with another input in one place."""
        given, keywords = list(call[0]), dict(call[1])
        other, others = self.call()
        if other and given and self.random.random() < 0.8:
            index = self.random.randrange(min(len(given), len(other)))
            given[index] = other[index]
        elif others:
            keywords.update(others)
        return given, keywords

    def owner_name(self):
        return ".".join(self.function.name.split(".")[:-1])

    def receiver(self):
        attributes = self.hints.own[:40]
        kind = self.random.random()
        if kind < 0.3:
            return "make(%s, %d)" % (self.owner_name(), self.random.randrange(50))
        if kind < 0.65:
            values = ", ".join("%r: %s" % (name, self.anything(0)) for name in attributes)
            return "blank(%s, {%s})" % (self.owner_name(), values)
        return self.probe("self")

    def value(self, argument, default):
        choice = self.random.random()
        annotation = argument.annotation
        if default is not None and choice < 0.15:
            try:
                return repr(ast.literal_eval(default))
            except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
                if dotted(default):
                    return dotted(default)
        if annotation is not None and choice < 0.75:
            made = self.of_type(annotation, 0)
            if made is not None:
                return made
        pool = self.hints.compared or self.hints.constants
        if pool and choice < 0.45:
            return self.random.choice(pool)
        if self.hints.constants and choice < 0.55:
            return self.random.choice(self.hints.constants)
        return self.anything(0, argument.arg)

    def anything(self, depth, name="x"):
        choice = self.random.random()
        if choice < 0.35:
            return self.probe(name)
        if choice < 0.5 and self.hints.types:
            kind = self.random.choice(self.hints.types)
            return self.of_name(kind, depth) or "make(%s, %d)" % (kind, self.random.randrange(50))
        if choice < 0.6 and self.hints.compared:
            return self.random.choice(self.hints.compared)
        if choice < 0.65 and self.hints.constants and depth < 2:
            items = [self.random.choice(self.hints.constants) for _ in range(self.random.randrange(4))]
            if self.random.random() < 0.5:
                return "[%s]" % ", ".join(items)
            return "{%s}" % ", ".join("%s: %s" % (item, self.anything(depth + 1)) for item in items)
        if choice < 0.7:
            return self.random.choice(BY_TYPE["str"])
        if choice < 0.76 and self.function.owner is not None:
            return "make(%s, %d)" % (self.owner_name(), self.random.randrange(50))
        return self.random.choice(ANYTHING)

    def probe(self, name):
        seed = self.random.randrange(60)
        choice = self.random.random()
        if self.hints.types and choice < 0.3:
            return "P(%r, %d, %s)" % (name, seed, self.random.choice(self.hints.types))
        if self.hints.errors and choice < 0.7:
            return "P(%r, %d, None, [%s])" % (name, seed, ", ".join(self.hints.errors[:4]))
        return "P(%r, %d)" % (name, seed)

    def of_name(self, name, depth):
        last = name.split(".")[-1]
        if last in BY_TYPE:
            return self.random.choice(BY_TYPE[last])
        if last in CONTAINERS or last in MAPPINGS:
            return self.container(last, [], depth)
        return None

    def of_type(self, node, depth):
        """An input for an annotation; None if it says nothing."""
        if depth > 4:
            return None
        if isinstance(node, ast.Subscript):
            return self.of_subscript(node, depth)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return self.of_type(self.random.choice((node.left, node.right)), depth + 1)
        name = dotted(node)
        if name:
            known = self.of_name(name, depth)
            return known if known is not None else "make(%s, %d)" % (name, self.random.randrange(50))
        try:
            value = ast.literal_eval(node)
        except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
            return None
        if isinstance(value, str):
            try:
                return self.of_type(ast.parse(value, mode="eval").body, depth + 1)
            except (SyntaxError, ValueError, RecursionError):
                return None
        return repr(value)

    def of_subscript(self, node, depth):
        inner = node.slice
        inner = getattr(inner, "value", inner) if type(inner).__name__ == "Index" else inner
        parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
        name = dotted(node.value).split(".")[-1]
        if name == "Optional" and self.random.random() < 0.3:
            return "None"
        if name in ("Union", "Optional"):
            return self.of_type(self.random.choice(parts), depth + 1)
        if name == "Literal":
            return self.of_type(self.random.choice(parts), depth + 1)
        if name in ("Annotated", "Final", "ClassVar", "Required", "NotRequired"):
            return self.of_type(parts[0], depth + 1)
        if name in ("Type", "type"):
            return dotted(parts[0]) or "int"
        if name in CONTAINERS or name in MAPPINGS:
            return self.container(name, parts, depth)
        return self.of_name(name, depth)

    def container(self, name, parts, depth):
        def item(index):
            made = self.of_type(parts[index], depth + 1) if index < len(parts) else None
            return made if made is not None else self.anything(depth + 1)
        if name in MAPPINGS:
            return "{%s}" % ", ".join(
                "%s: %s" % (self.key(parts, depth), item(1)) for _ in range(self.random.randrange(3)))
        if name in ("tuple", "Tuple") and parts and not is_ellipsis(parts[-1]):
            return "(%s)" % "".join(item(index) + ", " for index in range(len(parts)))
        items = "".join(item(0) + ", " for _ in range(self.random.randrange(4)))
        return "()" if name in ("tuple", "Tuple") and not items else CONTAINERS[name] % items

    def key(self, parts, depth):
        made = self.of_type(parts[0], depth + 1) if parts else None
        return made if made is not None else self.random.choice(self.hints.constants or ["'a'"])


def is_ellipsis(node):
    return "Ellipsis" in ast.dump(node)
