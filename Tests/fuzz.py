#!/usr/bin/env python3
"""Checks the generator of random modules: Tools/fuzz.py."""
import ast
import builtins
import dis
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
import warnings

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "Tools"))
import fuzz  # noqa: E402

# What Cython 0.29 has no form for, and what no parser of a module makes.
LATER = {ast.NamedExpr, ast.Match, ast.TryStar}
NOT_PARSED = {ast.AugLoad, ast.AugStore, ast.Param, ast.Suite, ast.Num, ast.Str, ast.Bytes, ast.NameConstant,
              ast.Ellipsis, ast.Index, ast.ExtSlice}
KINDS = (ast.stmt, ast.expr, ast.operator, ast.unaryop, ast.boolop, ast.cmpop, ast.comprehension, ast.excepthandler,
         ast.expr_context)


def required(base):
    """The classes of a kind that a module may hold."""
    found = set()
    for kind in base.__subclasses__():
        found |= required(kind) or {kind}
    return found - NOT_PARSED


def codes(code):
    yield code
    for constant in code.co_consts:
        if hasattr(constant, "co_code"):
            yield from codes(constant)


class Generator(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        warnings.simplefilter("ignore")
        cls.early, cls.late = fuzz.modules(family="0.29"), fuzz.modules(family="3")

    def test_is_the_same_under_every_hash_seed(self):
        made = []
        for seed in ("0", "1", "77"):
            with tempfile.TemporaryDirectory() as folder:
                subprocess.run([sys.executable, ROOT / "Tools" / "fuzz.py", folder, "--modules", "4"], check=True,
                               env={**os.environ, "PYTHONHASHSEED": seed})
                made.append({path.name: path.read_text(encoding="utf-8") for path in pathlib.Path(folder).iterdir()})
        self.assertEqual(made[0], made[1])
        self.assertEqual(made[0], made[2])
        self.assertEqual(made[0], {name + ".py": text for name, text in list(self.late.items())[:4]})

    def test_every_module_parses_and_is_printed_alike(self):
        for name, text in [*self.early.items(), *self.late.items()]:
            with self.subTest(name):
                tree = ast.parse(text)
                self.assertEqual(ast.dump(ast.parse(ast.unparse(tree))), ast.dump(tree))
                self.assertGreaterEqual(sum(isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef)) for n in ast.walk(tree)),
                                        fuzz.FUNCTIONS)

    def test_families_differ_in_every_fourth_module_only(self):
        differing = [name for name in self.early if self.early[name] != self.late[name]]
        self.assertEqual(differing, [name for number, name in enumerate(self.early) if number % 4 == 3])

    def test_everything_that_cython_takes_occurs(self):
        for modules, later in ((self.early, LATER), (self.late, LATER - {ast.NamedExpr})):
            seen = {type(node) for text in modules.values() for node in ast.walk(ast.parse(text))}
            wanted = set().union(*(required(kind) for kind in KINDS))
            self.assertEqual({kind.__name__ for kind in wanted - later - seen}, set())
            self.assertEqual({kind.__name__ for kind in later & seen}, set())

    def test_every_name_is_bound_somewhere(self):
        for name, text in [*self.early.items(), *self.late.items()]:
            module = compile(text, name, "exec")
            known = {step.argval for code in codes(module) for step in dis.get_instructions(code)
                     if step.opname == "STORE_GLOBAL" or step.opname == "STORE_NAME" and code is module}
            for code in codes(module):
                for step in dis.get_instructions(code):
                    if step.opname == "LOAD_GLOBAL":
                        self.assertTrue(step.argval in known or hasattr(builtins, step.argval) or step.argval == "__name__",
                                        "%s: %s of %s" % (name, step.argval, code.co_name))


if __name__ == "__main__":
    unittest.main()
