"""Writes functions of a file in other forms: takes {source, names, number} as JSON, gives {source, changed}.

Each of the functions gets the form of that number, if it has so many; the file is never run. Forms are
what a decompiler cannot always tell from machine code: where a statement ends, in which order two
steps stand, which side of a comparison is which. Whether a form is right is for others to say.
"""
import ast
import copy
import json
import sys

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
ENDS = (ast.Return, ast.Raise, ast.Continue, ast.Break)
SIMPLE = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.Delete)
MIRRORED = {ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.LtE: ast.GtE, ast.GtE: ast.LtE, ast.Eq: ast.Eq,
            ast.NotEq: ast.NotEq}
NEGATED = {ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot,
           ast.IsNot: ast.Is}


def places(tree):
    """Functions by qualified name; names that stand for several are left out."""
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
    return {name: node for name, node in found.items() if isinstance(node, FUNCTIONS)}


def blocks(function):
    """The lists of statements in a function, without those of functions and classes inside."""
    pending = [function]
    while pending:
        node = pending.pop(0)
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
                yield block
                pending += [s for s in block if not isinstance(s, FUNCTIONS + (ast.ClassDef,))]
        pending += getattr(node, "handlers", [])


def ends(block):
    return bool(block) and isinstance(block[-1], ENDS)


def forms(function):
    """Changes to a function, the likeliest first, each as what makes it."""
    moves, swaps, sides = [], [], []
    for block in blocks(function):
        for index, statement in enumerate(block):
            following = block[index + 1] if index + 1 < len(block) else None
            if isinstance(statement, ast.Try) and all(ends(h.body) for h in statement.handlers):
                if statement.orelse and not statement.finalbody:
                    moves.append(lambda b=block, i=index, s=statement: move_out(b, i, s, "orelse"))
                elif following is not None and statement.handlers:
                    moves.append(lambda b=block, i=index, s=statement: move_rest(b, i, s, "orelse"))
            if isinstance(statement, (ast.Try, ast.With, ast.AsyncWith)):
                if len(statement.body) > 1:
                    moves.append(lambda b=block, i=index, s=statement: move_last(b, i, s))
                if following is not None:
                    moves.append(lambda b=block, i=index, s=statement: move_next(b, i, s))
            if isinstance(statement, (ast.For, ast.AsyncFor, ast.While)) and statement.orelse:
                moves.append(lambda b=block, i=index, s=statement: move_out(b, i, s, "orelse"))
            if isinstance(statement, SIMPLE) and isinstance(following, SIMPLE):
                swaps.append(lambda b=block, i=index: swap(b, i))
            if isinstance(statement, ast.AugAssign):
                sides.append(lambda b=block, i=index, s=statement: spell_out(b, i, s))
            if isinstance(statement, FUNCTIONS + (ast.ClassDef,)):
                continue
            for node in own_expressions(statement):
                if isinstance(node, ast.Compare) and len(node.ops) == 1:
                    if type(node.ops[0]) in MIRRORED:
                        sides.append(lambda n=node: mirror(n))
                if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not) \
                        and isinstance(node.operand, ast.Compare) \
                        and type(node.operand.ops[0]) in NEGATED and len(node.operand.ops) == 1:
                    sides.append(lambda n=node: negate(n))
    return moves + swaps + sides


def own_expressions(statement):
    pending = [c for c in ast.iter_child_nodes(statement) if isinstance(c, ast.expr)]
    while pending:
        node = pending.pop(0)
        yield node
        pending += [c for c in ast.iter_child_nodes(node) if isinstance(c, ast.expr)]


def move_out(block, index, statement, field):
    block[index + 1:index + 1] = getattr(statement, field)
    setattr(statement, field, [])


def move_rest(block, index, statement, field):
    setattr(statement, field, block[index + 1:])
    del block[index + 1:]


def move_last(block, index, statement):
    block.insert(index + 1, statement.body.pop())


def move_next(block, index, statement):
    statement.body.append(block.pop(index + 1))


def swap(block, index):
    block[index], block[index + 1] = block[index + 1], block[index]


def spell_out(block, index, statement):
    value = copy.deepcopy(statement.target)
    value.ctx = ast.Load()
    block[index] = ast.Assign([statement.target], ast.BinOp(value, statement.op, statement.value))


def mirror(node):
    node.left, node.comparators[0] = node.comparators[0], node.left
    node.ops[0] = MIRRORED[type(node.ops[0])]()


def negate(node):
    inner = node.operand
    inner.ops[0] = NEGATED[type(inner.ops[0])]()
    node.op, node.operand = ast.Not(), ast.UnaryOp(ast.Not(), inner)


def start(node):
    return min([node.lineno] + [d.lineno for d in node.decorator_list])


def inside_texts(text):
    """Lines that begin inside a text, whose margin is part of it."""
    return {line for node in ast.walk(ast.parse(text)) if isinstance(node, (ast.Constant, ast.JoinedStr))
            for line in range(node.lineno + 1, node.end_lineno + 1)}


def main():
    request = json.load(sys.stdin)
    tree = ast.parse(request["source"])
    lines, found, changed = request["source"].split("\n"), places(tree), []
    chosen = [found[name] for name in request["names"] if name in found]
    for name in request["names"]:
        node = found.get(name)
        possible = forms(node) if node is not None else []
        inside = any(other is not node and other in ast.walk(node) for other in chosen) if node else True
        if request["number"] >= len(possible) or inside:
            continue
        changed.append((name, node))
        possible[request["number"]]()
    for name, node in sorted(changed, key=lambda pair: -pair[1].lineno):
        text = ast.unparse(ast.fix_missing_locations(node))
        margin, fixed = " " * node.col_offset, inside_texts(text)
        rows = [margin + row if row and number not in fixed else row
                for number, row in enumerate(text.split("\n"), 1)]
        lines[start(node) - 1:node.end_lineno] = rows
    source = "\n".join(lines)
    ast.parse(source)
    json.dump({"source": source, "changed": [name for name, node in changed]}, sys.stdout)


main()
