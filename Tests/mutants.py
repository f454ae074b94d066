#!/usr/bin/env python3
"""Tests that `decython verify` tells changed functions from unchanged ones.

Usage: mutants.py PROGRAM MODULE.so SOURCE.py [--rounds N] [--seed N] [--least SHARE] [--run] [--each N]

SOURCE.py is what MODULE.so was compiled from. First it is verified as it is; the functions that
pass take part. In each round every one of them is changed in one place, all in one file: an
operator, a constant, a name, an attribute, the polarity of a test, the order of arguments, an
exception type, a statement dropped or swapped with the next. `verify` must reject each.
Survivors are listed: they are equivalent to the original, or `verify` is wrong.

With --run calls decide instead of the code, and --each functions are changed in a round. Survivors are
then equivalent, or no call gets to where they differ.
"""
import argparse
import ast
import copy
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
OPERATORS = [ast.Add, ast.Sub, ast.Mult]
COMPARISONS = {ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt,
               ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
               ast.In: ast.NotIn, ast.NotIn: ast.In}


def functions(tree):
    """Every function by its qualified name; names that stand for several are left out."""
    found, twice = {}, set()

    def walk(node, prefix):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, FUNCTIONS):
                name = prefix + child.name
                twice.update({name} & set(found))
                found[name] = child
                walk(child, name + ".<locals>.")
            elif isinstance(child, ast.ClassDef):
                walk(child, prefix + child.name + ".")
            else:
                walk(child, prefix)
    walk(tree, "")
    return {name: node for name, node in found.items() if name not in twice}


def own_nodes(function):
    """The nodes of a function's body, without its docstring and the functions and classes in it."""
    pending = list(function.body)
    if ast.get_docstring(function) is not None:
        pending.pop(0)
    while pending:
        node = pending.pop(0)
        yield node
        if not isinstance(node, FUNCTIONS + (ast.ClassDef, ast.Lambda)):
            skipped = [getattr(node, "annotation", None)]
            pending += [c for c in ast.iter_child_nodes(node) if c not in skipped]


def changes(function):
    """Every possible change, as a function that makes it."""
    result = []
    blocks = [function.body]
    for node in own_nodes(function):
        for field in ("body", "orelse", "finalbody"):
            if isinstance(getattr(node, field, None), list) and getattr(node, field):
                blocks.append(getattr(node, field))
        result += expression_changes(node)
    for block in blocks:
        for index, statement in enumerate(block):
            if is_effective(statement) and not binds(statement):
                result.append(("drop", lambda b=block, i=index: b.__setitem__(i, ast.Pass())))
            if index + 1 < len(block) and is_effective(statement) and is_effective(block[index + 1]):
                if ast.dump(statement) != ast.dump(block[index + 1]):
                    result.append(("swap", lambda b=block, i=index: swap(b, i)))
    return result


def is_effective(statement):
    return isinstance(statement, (ast.Assign, ast.AugAssign, ast.Raise, ast.Delete)) or (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call))


def binds(statement):
    """Whether a name would be left without a value: Cython refuses such a module."""
    return isinstance(statement, ast.Assign) and any(
        isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store) for n in ast.walk(statement))


def swap(block, index):
    block[index], block[index + 1] = block[index + 1], block[index]


def expression_changes(node):
    result = []
    if isinstance(node, (ast.BinOp, ast.AugAssign)) and type(node.op) in OPERATORS:
        other = OPERATORS[(OPERATORS.index(type(node.op)) + 1) % len(OPERATORS)]
        result.append(("operator", lambda: setattr(node, "op", other())))
    if isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARISONS:
        other = COMPARISONS[type(node.ops[0])]
        result.append(("polarity", lambda: node.ops.__setitem__(0, other())))
    if isinstance(node, ast.BoolOp):
        other = ast.Or if isinstance(node.op, ast.And) else ast.And
        result.append(("connective", lambda: setattr(node, "op", other())))
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, str)) \
            and not isinstance(node.value, bool):
        result.append(("constant", lambda: setattr(node, "value", node.value + type(node.value)(
            "1" if isinstance(node.value, str) else 1))))
    if isinstance(node, ast.Attribute) and not node.attr.startswith("__"):
        result.append(("attribute", lambda: setattr(node, "attr", node.attr + "_")))
    if isinstance(node, (ast.If, ast.While, ast.IfExp)) and not isinstance(node.test, ast.Constant):
        result.append(("negation", lambda: setattr(
            node, "test", ast.UnaryOp(ast.Not(), node.test))))
    if isinstance(node, ast.Call) and len(node.args) > 1 \
            and ast.dump(node.args[0]) != ast.dump(node.args[1]) \
            and not any(isinstance(a, ast.Starred) for a in node.args):
        result.append(("arguments", lambda: swap(node.args, 0)))
    if isinstance(node, ast.ExceptHandler) and isinstance(node.type, ast.Name):
        other = "OSError" if node.type.id != "OSError" else "LookupError"
        result.append(("exception", lambda: setattr(node.type, "id", other)))
    return result


def verify(program, module, source, run=False):
    """The verdict on every function whose name stands for one only."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "recovered.py")
        pathlib.Path(path).write_text(source, encoding="utf-8")
        result = subprocess.run([program, "verify", module, path, "--json"] + ["--run"] * run,
                                capture_output=True, text=True, timeout=900)
    if not result.stdout:
        raise Refused(result.stderr)
    report = json.loads(result.stdout)
    if "failure" in report:
        raise Refused(report["failure"])
    return {row["function"]: passes(row, run) for row in report["functions"]}


def passes(row, run):
    return row["run"]["kind"] == "same" if run else row["verdict"] == "verified"


class Refused(Exception):
    """Cython does not accept a file; the message names lines."""


def mutate(options, original, names, generator):
    """One round: the tree, the kind of change and the verdict by function.

    Cython refuses some mutants, such as names that are used before they are bound; the functions
    around the lines that it names stay as they were.
    """
    if options.each:
        names = generator.sample(names, min(options.each, len(names)))
    seed, left_out = generator.random(), set()
    for _ in range(10):
        tree, kinds, choices = copy.deepcopy(original), {}, random.Random(seed)
        found = functions(tree)
        for name in names:
            possible = changes(found[name])
            if not possible:
                continue
            kind, change = choices.choice(possible)
            if name not in left_out:
                change()
                kinds[name] = kind
        source = ast.unparse(ast.fix_missing_locations(tree))
        try:
            verdicts = verify(options.program, options.module, source, options.run)
            return functions(tree), kinds, verdicts
        except Refused as refused:
            lines = {int(n) for n in re.findall(r"\.py:(\d+):\d+", str(refused))}
            around = {name for name, node in functions(ast.parse(source)).items()
                      if any(node.lineno <= line <= node.end_lineno for line in lines)}
            if not around - left_out:
                sys.exit("verify failed: " + str(refused))
            left_out |= around
    sys.exit("no file of mutants that Cython accepts")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program", type=os.path.abspath)
    parser.add_argument("module")
    parser.add_argument("source")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--least", type=float, default=0.0, help="fail below this share")
    parser.add_argument("--run", action="store_true", help="let calls decide")
    parser.add_argument("--each", type=int, default=0, help="functions changed in a round; 0: all")
    options = parser.parse_args()
    original = ast.parse(pathlib.Path(options.source).read_text(encoding="utf-8"))
    verdicts = verify(options.program, options.module, ast.unparse(original), options.run)
    names = [name for name in functions(original) if verdicts.get(name)]
    total = len(functions(original))
    print("unchanged: %d of %d functions verified" % (len(names), total))
    generator, made, survivors = random.Random(options.seed), 0, []
    for _ in range(options.rounds):
        found, kinds, verdicts = mutate(options, original, names, generator)
        made += len(kinds)
        for name, kind in kinds.items():
            if verdicts.get(name):
                survivors.append("%s (%s)\n%s" % (name, kind, ast.unparse(found[name])))
    print("changed: %d of %d rejected" % (made - len(survivors), made))
    for survivor in survivors:
        print("survived: " + survivor)
    if made == 0 or made - len(survivors) < options.least * made:
        sys.exit(1)


if __name__ == "__main__":
    main()
