#!/usr/bin/env python3
"""Tests of `verify` and --verify: what is the same is accepted, what is not is found.

Usage: verification.py PROGRAM
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

PROGRAM = os.path.abspath(sys.argv.pop(1))
TESTS = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(TESTS)
MODULE = os.path.join(ROOT, "Examples", "inventory.cpython-311-x86_64-linux-gnu.so")
ORIGINAL = os.path.join(ROOT, "Examples", "inventory.py")

# Changes to the example, by the function that must be found to act otherwise.
CHANGES = {
    "Item.total": ("self.price * self.count", "self.price + self.count"),
    "Item.take": ("count > self.count", "count >= self.count"),
    "Item.parse": ("text.split(':')", "text.split(';')"),
    "Item.is_empty": ("self.count == 0", "self.count == 1"),
    "Stock.add": ("and not replace", "and replace"),
    "Stock.value": ("result += item.total()", "result -= item.total()"),
    "Stock.names": ("item.name.startswith", "item.name.endswith"),
}


def run(*arguments, **options):
    return subprocess.run(
        [PROGRAM, *arguments], capture_output=True, text=True, timeout=900, **options)


def changed(text, changes):
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


class Folder(unittest.TestCase):
    """A test with a folder of its own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def source(self, *changes):
        """The example's source with some changes; a path."""
        with open(ORIGINAL, encoding="utf-8") as file:
            text = file.read()
        return self.write("inventory.py", changed(text, changes))


class Recompiled(Folder):
    """What is compared is code; nothing runs."""

    def test_accepts_the_original_and_rejects_mutants(self):
        result = subprocess.run(
            [sys.executable, os.path.join(TESTS, "mutants.py"), PROGRAM, MODULE, ORIGINAL,
             "--rounds", "2", "--least", "1"], capture_output=True, text=True, timeout=600)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        verified, total = map(int, re.findall(r"\d+", result.stdout.splitlines()[0]))
        self.assertGreaterEqual(verified, 0.8 * total, result.stdout)

    def test_grades_what_it_compiled_again(self):
        output, report = os.path.join(self.folder, "out.py"), os.path.join(self.folder, "report.json")
        result = run(MODULE, "-o", output, "--verify", "--json", report)
        self.assertEqual(result.returncode, 0, result.stderr)
        with open(report, encoding="utf-8") as file:
            functions = json.load(file)["modules"][0]["functions"]
        with open(output, encoding="utf-8") as file:
            header = file.read().splitlines()[1]
        verified = [f for f in functions if f["rung"] == "verified"]
        self.assertGreaterEqual(len(verified), 5)
        self.assertTrue(all("compared" in f["check"] for f in verified))
        self.assertTrue(header.startswith("# %d of %d functions" % (len(verified), len(functions))))


    def test_no_part_of_a_test_gets_lost(self):
        name = os.path.join(TESTS, "Fixtures", "floats")
        with open(name + ".py", encoding="utf-8") as file:
            text = file.read()
        changes = {"near": ("<= delta", "< delta"), "between": ("value < high", "value <= high"),
                   "sign": ("value < -0.5", "value <= -0.5")}
        for source, expected in ((text, "verified"), (changed(text, changes.values()), "different")):
            result = run("verify", name + ".cpython-311-x86_64-linux-gnu.so",
                         self.write("floats.py", source), "--json")
            rows = {row["function"]: row["verdict"] for row in json.loads(result.stdout)["functions"]}
            self.assertEqual({rows[name] for name in changes}, {expected}, rows)

    def test_a_function_that_cython_refuses_costs_only_itself(self):
        path = self.source(("return self.price * self.count", "return (total := self.price)"))
        rows = json.loads(run("verify", MODULE, path, "--json").stdout)["functions"]
        verdicts = {row["function"]: row["verdict"] for row in rows}
        self.assertEqual((verdicts["Item.total"], verdicts["Item.take"]), ("different", "verified"))


    def test_other_forms_are_tried(self):
        name = os.path.join(TESTS, "Fixtures", "repair")
        output, report = os.path.join(self.folder, "out.py"), os.path.join(self.folder, "report.json")
        result = run(name + ".3.1.8.so", "-o", output, "--verify", "--repair", "4", "--json", report)
        self.assertEqual(result.returncode, 0, result.stderr)
        with open(report, encoding="utf-8") as file:
            functions = json.load(file)["modules"][0]["functions"]
        rungs = {f["name"]: f["rung"] for f in functions}
        self.assertEqual(rungs["wake"], "verified", functions)


class Called(Folder):
    """`--run` calls both modules in the sandbox."""

    def verdicts(self, path, *options):
        result = run("verify", MODULE, path, "--run", "--json", *options)
        self.assertTrue(result.stdout, result.stderr)
        rows = json.loads(result.stdout)["functions"]
        return {row["function"]: row for row in rows}, result

    def test_the_original_acts_like_itself(self):
        rows, result = self.verdicts(ORIGINAL)
        called = {name: row["run"] for name, row in rows.items() if row["run"]["kind"] != "none"}
        self.assertEqual([name for name, run in called.items() if run["kind"] == "different"], [])
        self.assertLessEqual(set(CHANGES), set(called))
        self.assertTrue(all(called[name]["calls"] >= 5 for name in CHANGES))

    def test_planted_changes_are_found(self):
        rows, result = self.verdicts(self.source(*CHANGES.values()))
        self.assertEqual(result.returncode, 30)
        for name in CHANGES:
            with self.subTest(name):
                found = rows[name]["run"]
                self.assertEqual(found["kind"], "different")
                self.assertNotEqual(found["original"], found["recovered"])
                self.assertEqual(rows[name]["verdict"], "different")

    def test_without_a_sandbox_nothing_runs(self):
        # A folder with all programs but bwrap.
        programs = os.path.join(self.folder, "bin")
        os.mkdir(programs)
        for name in ("env", "python3", "cc", "sh"):
            os.symlink(shutil.which(name), os.path.join(programs, name))
        os.symlink(sys.executable, os.path.join(programs, "python3.11"))
        result = run("verify", MODULE, ORIGINAL, "--run", env={**os.environ, "PATH": programs})
        self.assertEqual(result.returncode, 23, result.stderr)
        self.assertIn("bubblewrap", result.stderr)
        self.assertEqual(result.stdout, "")

    def test_the_sandbox_has_no_network_no_files_and_nowhere_to_write(self):
        inside = (
            "import os, socket\\n"
            "def seen():\\n"
            "    found = [p for p in (%r, %r, '/root/.ssh', '/etc/shadow') if os.path.exists(p)]\\n"
            "    for path in ('/usr/x', '/module/x', '/packages/x'):\\n"
            "        try: open(path, 'w'); found.append(path)\\n"
            "        except OSError: pass\\n"
            "    try: os.chmod('/dev/null', 0o666); found.append('device')\\n"
            "    except OSError: pass\\n"
            "    try: socket.create_connection(('1.1.1.1', 53), 2); found.append('network')\\n"
            "    except OSError: pass\\n"
            "    return found\\n" % (self.folder, ROOT))
        # What is called here differs from the original, so that it is shown.
        path = self.source(("    return self.price * self.count".replace("    ", "", 1), "return SEEN"))
        with open(path, "a", encoding="utf-8") as file:
            file.write("\nspace = {}\nexec('%s', space)\nSEEN = ('seen', space['seen']())\n" % inside.replace(
                "'", "\\'"))
        rows, result = self.verdicts(path)
        self.assertEqual(rows["Item.total"]["run"]["recovered"], "returns tuple('seen', list())")


class Tested(Folder):
    """`--tests` runs a package's own tests with both."""

    SUITE = """
import inventory
import unittest
from inventory import Item


class Items(unittest.TestCase):
    def test_total(self):
        self.assertEqual(Item('a', 2.5, 4).total(), 10)

    def test_take(self):
        item = Item('a', 1, 3)
        self.assertEqual(item.take(3), 0)
        with self.assertRaises(ValueError):
            item.take(1)

    def test_that_fails_with_both(self):
        self.fail('as ever')
"""

    def verdict(self, source, suite=SUITE):
        self.write("tests/test_items.py", suite)
        result = run("verify", MODULE, source, "--json", "--tests", os.path.join(self.folder, "tests"))
        return json.loads(result.stdout)["tests"] if result.stdout else None, result

    def test_no_test_fares_worse_with_the_original(self):
        verdict, result = self.verdict(ORIGINAL)
        self.assertEqual((verdict["original"], verdict["worse"]), ({"passed": 2, "failed": 1}, []))
        self.assertEqual(verdict["recovered"], verdict["original"])

    def test_a_test_that_fails_is_named(self):
        verdict, result = self.verdict(self.source(CHANGES["Item.take"]))
        self.assertEqual(result.returncode, 30)
        self.assertEqual([loss["test"].split("::")[-1].split(".")[-1] for loss in verdict["worse"]],
                         ["test_take"])
        self.assertIn("ValueError", verdict["worse"][0]["message"])

    def test_tests_of_something_else_are_told(self):
        verdict, result = self.verdict(ORIGINAL, "import unittest\n\n\nclass A(unittest.TestCase):\n"
                                       "    def test_a(self):\n        pass\n")
        self.assertIsNone(verdict)
        self.assertEqual(result.returncode, 1)
        self.assertIn("do not import inventory", result.stderr)


if __name__ == "__main__":
    unittest.main()
