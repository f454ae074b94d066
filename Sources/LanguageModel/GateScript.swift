/// The checks of ``Gate`` in Python, which knows its own grammar best.
enum GateScript {
  static let text = #"""
    import ast, json, sys
    sys.setrecursionlimit(4000)
    FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
    # What Cython writes out, so that no name of it is left; the comparison of both builds decides on these.
    FOLDED = {"len", "isinstance", "issubclass", "hash", "callable", "hasattr", "getattr", "range",
        "enumerate", "iter", "next", "type", "bool", "int", "float", "str", "list", "tuple", "dict", "set",
        "frozenset", "bytes", "bytearray", "super", "min", "max", "abs", "sorted", "reversed", "any", "all",
        "sum", "zip", "ord", "chr", "AssertionError", "StopIteration", "RuntimeError", "TypeError"}
    FOLDED_ATTRIBUTES = {"append", "extend", "items", "keys", "values", "get", "setdefault", "pop", "add",
        "discard", "update", "clear", "copy", "sort", "reverse", "insert", "join", "split", "splitlines",
        "startswith", "endswith", "encode", "decode", "format", "find", "replace"}

    class Refused(Exception):
        pass

    def places(tree):
        """Definitions by qualified name; None for names that are not unique."""
        found = {}
        def walk(node, path):
            for child in ast.iter_child_nodes(node):
                if isinstance(child, FUNCTIONS + (ast.ClassDef,)):
                    name = ".".join(path + [child.name])
                    found[name] = None if name in found else child
                    inner = [child.name] + (["<locals>"] if isinstance(child, FUNCTIONS) else [])
                    walk(child, path + inner)
                else:
                    walk(child, path)
        walk(tree, [])
        return found

    def start(node):
        return min([node.lineno] + [d.lineno for d in node.decorator_list])

    def kept(node):
        """Lines that start inside a text, whose indentation is part of it."""
        lines = set()
        for inner in ast.walk(node):
            if isinstance(inner, (ast.Constant, ast.JoinedStr)) and inner.end_lineno > inner.lineno:
                if isinstance(inner, ast.JoinedStr) or isinstance(inner.value, (str, bytes)):
                    lines.update(range(inner.lineno + 1, inner.end_lineno + 1))
        return lines

    def text_of(node, lines):
        fixed = kept(node)
        rows = range(start(node), node.end_lineno + 1)
        return "\n".join(lines[n - 1] if n in fixed else lines[n - 1][node.col_offset:] for n in rows) + "\n"

    def key(value):
        return type(value).__name__, repr(value)

    def flatten(value, into):
        if isinstance(value, (tuple, list, set, frozenset)):
            for item in value:
                flatten(item, into)
        elif isinstance(value, dict):
            for pair in value.items():
                flatten(pair, into)
        else:
            into.add(key(value))
            if isinstance(value, (int, float, complex)) and not isinstance(value, bool):
                into.add(key(-value))

    def known_constants(node, evidence, lenient):
        known = {key(value) for value in (None, True, False, ...)}
        for text in evidence["literals"]:
            try:
                flatten(ast.literal_eval(text), known)
            except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
                pass
        keep = [node.args, node.returns] + node.decorator_list
        if not evidence["outline"]:
            keep += node.body
        for part in keep:
            for inner in ast.walk(part) if part is not None else ():
                if isinstance(inner, ast.Constant):
                    if not (isinstance(inner.value, str) and inner.value.startswith("decython")):
                        known.add(key(inner.value))
        known.add(key(ast.get_docstring(node, clean=False)))
        for name, value in list(known):
            # One character may have been compared as a number.
            if name == "int" and value.isdigit() and 0 < int(value) < 0x110000:
                known.add(("str", repr(chr(int(value)))))
        if lenient:
            known |= {key(0), key(1), key(-1), key("")}
        return known

    def bound(node):
        """The names that a function binds, with those of the scopes inside."""
        names = set()
        for inner in ast.walk(node):
            if isinstance(inner, ast.Name) and isinstance(inner.ctx, (ast.Store, ast.Del)):
                names.add(inner.id)
            elif isinstance(inner, ast.arg):
                names.add(inner.arg)
            elif isinstance(inner, FUNCTIONS + (ast.ClassDef,)):
                names.add(inner.name)
            elif isinstance(inner, ast.ExceptHandler) and inner.name:
                names.add(inner.name)
            elif isinstance(inner, ast.alias):
                names.add((inner.asname or inner.name).split(".")[0])
            elif isinstance(inner, (ast.MatchAs, ast.MatchStar)) and inner.name:
                names.add(inner.name)
        return names

    def check(node, answer, evidence, lenient):
        if len(answer) > 400000:
            raise Refused("the answer is too long")
        try:
            tree = ast.parse(answer)
        except (SyntaxError, ValueError) as error:
            raise Refused("it does not parse: %s" % str(error)[:120])
        except (RecursionError, MemoryError):
            raise Refused("it nests too deep")
        if len(tree.body) != 1 or type(tree.body[0]) is not type(node):
            raise Refused("it is not one %s" % ("async def" if isinstance(node, ast.AsyncFunctionDef) else "def"))
        new = tree.body[0]
        if new.name != node.name:
            raise Refused("the name was changed")
        if ast.dump(new.args) != ast.dump(node.args):
            raise Refused("the parameters were changed")
        if [ast.dump(d) for d in new.decorator_list] != [ast.dump(d) for d in node.decorator_list]:
            raise Refused("the decorators were changed")
        if (new.returns and ast.dump(new.returns)) != (node.returns and ast.dump(node.returns)):
            raise Refused("the result's annotation was changed")
        if ast.get_docstring(new, clean=False) != ast.get_docstring(node, clean=False):
            raise Refused("the docstring was changed")
        constants = known_constants(node, evidence, lenient)
        names = set(evidence["names"])
        attributes = names | (FOLDED_ATTRIBUTES if lenient else set())
        variables = set(evidence["variables"]) | {a.arg for a in ast.walk(node.args) if isinstance(a, ast.arg)}
        loads = names | variables | bound(new) | (FOLDED if lenient else set())
        inner = {n.name for n in ast.walk(new) if isinstance(n, FUNCTIONS + (ast.ClassDef,)) and n is not new}
        if not inner <= set(evidence["inner"]):
            raise Refused("it defines what the binary does not: %s" % sorted(inner - set(evidence["inner"]))[0])
        comprehended = {n.id for c in ast.walk(new) if isinstance(c, ast.comprehension)
                        for n in ast.walk(c.target) if isinstance(n, ast.Name)}
        lambdas = {a.arg for f in ast.walk(new) if isinstance(f, (ast.Lambda,) + FUNCTIONS)
                   for a in ast.walk(f.args) if isinstance(a, ast.arg)}
        foreign = bound(new) - variables - names - comprehended - lambdas - inner - {new.name}
        if foreign:
            raise Refused("it binds a name that the binary lacks: %s" % sorted(foreign)[0])
        # What stands before the body is as it was.
        for part in (inner for statement in new.body for inner in ast.walk(statement)):
            if isinstance(part, ast.Constant) and key(part.value) not in constants:
                raise Refused("it has a constant that the binary lacks: %s" % repr(part.value)[:60])
            if isinstance(part, ast.Name) and part.id not in loads:
                raise Refused("it has a name that the binary lacks: %s" % part.id[:60])
            if isinstance(part, ast.Attribute) and part.attr not in attributes:
                raise Refused("it has an attribute that the binary lacks: %s" % part.attr[:60])
            if isinstance(part, ast.keyword) and part.arg and part.arg not in names:
                raise Refused("it has a keyword that the binary lacks: %s" % part.arg[:60])
            if isinstance(part, (ast.Global, ast.Nonlocal)) and not set(part.names) <= names | variables:
                raise Refused("it declares a name that the binary lacks")
            if isinstance(part, (ast.Import, ast.ImportFrom)):
                wanted = {piece for a in part.names for piece in a.name.split(".")}
                wanted |= set((getattr(part, "module", None) or "").split(".")) - {""}
                if not wanted <= names or not evidence["imports"]:
                    raise Refused("it imports what the binary does not")
        return new

    def merge(source, accepted, note):
        """The source with other definitions in their places; nothing else of it changes."""
        for name in sorted(accepted):
            tree = ast.parse(source)
            node = places(tree)[name]
            lines = source.split("\n")
            text = ast.unparse(accepted[name])
            again = ast.parse(text).body[0]
            fixed = kept(again)
            indent = " " * node.col_offset
            rows = [row if n in fixed or not row else indent + row
                    for n, row in enumerate(text.split("\n"), 1)]
            rows = [indent + "# " + note] + rows
            source = "\n".join(lines[:start(node) - 1] + rows + lines[node.end_lineno:])
        return source

    def run(request):
        source = request["source"]
        tree = ast.parse(source)
        found = places(tree)
        lines = source.split("\n")
        if request["mode"] == "inspect":
            return {"functions": [
                {"name": name, "python": text_of(found[name], lines)} for name in request["names"]
                if isinstance(found.get(name), FUNCTIONS)]}
        verdicts, accepted = [], {}
        for candidate in request["candidates"]:
            name = candidate["name"]
            try:
                node = found.get(name)
                if not isinstance(node, FUNCTIONS):
                    raise Refused("there is no one function of that name")
                accepted[name] = check(node, candidate["python"], candidate["evidence"], request["lenient"])
                same = ast.dump(accepted[name]) == ast.dump(node)
                verdicts.append({"name": name, "isUnchanged": same})
            except Refused as refusal:
                verdicts.append({"name": name, "isUnchanged": False, "reason": str(refusal)})
        changed = {n: a for n, a in accepted.items() if ast.dump(a) != ast.dump(found[n])}
        merged = merge(source, changed, request["note"]) if changed else source
        # Nothing but the functions in question may differ.
        before, after = ast.parse(source), ast.parse(merged)
        for name in changed:
            for tree in (before, after):
                places(tree)[name].body = [ast.Pass()]
        if ast.dump(before) != ast.dump(after):
            return {"verdicts": [dict(v, reason="it changes other parts of the file", isUnchanged=False)
                                 for v in verdicts], "source": source}
        return {"verdicts": verdicts, "source": merged}

    if __name__ == "__main__":
        print(json.dumps(run(json.load(sys.stdin))))
    """#
}
