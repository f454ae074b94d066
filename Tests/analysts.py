#!/usr/bin/env python3
"""Tests of the commands for analysts: dump, header, export, and the loaders for other tools.

Usage: analysts.py PROGRAM

clang, nm, addr2line, llvm-symbolizer and gdb must be there, and pyelftools and LIEF in .deps/test: `make test-deps`.
"""
import importlib
import json
import os
import re
import struct
import subprocess
import sys
import tempfile
import types
import unittest

PROGRAM = os.path.abspath(sys.argv.pop(1))
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MODULE = os.path.join(ROOT, "Examples", "inventory.cpython-311-x86_64-linux-gnu.so")
ORIGINAL = os.path.join(ROOT, "Examples", "inventory.py")
MODULES = [MODULE] + [
    os.path.join(ROOT, "Tests", "Fixtures", name + ".so") for name in (
        "closures.cpython-311-x86_64-linux-gnu", "coroutines-3.2.cpython-311-x86_64-linux-gnu",
        "structure.0.29.37", "structure.3.2.9", "exceptions.cpython-311-x86_64-linux-gnu", "directly.3.3.1")]
sys.path.insert(0, os.path.join(ROOT, ".deps", "test"))
sys.path.insert(0, os.path.join(ROOT, "Tools", "loaders"))


def run(*arguments, **options):
    return subprocess.run(
        [PROGRAM, *arguments], capture_output=True, text=True, timeout=600, **options)


def contents(folder):
    """The files of a folder by name."""
    result = {}
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), "rb") as file:
            result[name] = file.read()
    return result


class AnnotatedC(unittest.TestCase):
    """`dump` and `header`: what comes out is C, and names everything."""

    def check(self, *arguments):
        result = subprocess.run(
            ["clang", "-fsyntax-only", *arguments], capture_output=True, text=True, timeout=600)
        self.assertEqual((result.returncode, result.stderr), (0, ""))

    def test_every_file_is_c(self):
        for module in MODULES:
            with self.subTest(module), tempfile.TemporaryDirectory() as folder:
                result = run("dump", module, "-o", folder)
                self.assertEqual(result.returncode, 0, result.stderr)
                with open(os.path.join(folder, "index.json"), encoding="utf-8") as file:
                    rows = json.load(file)
                self.assertGreater(len(rows), 3)
                self.check(*(os.path.join(folder, row["file"]) for row in rows))

    def test_is_deterministic(self):
        texts = []
        for seed in "12":
            with tempfile.TemporaryDirectory() as folder:
                run("dump", MODULE, "-o", folder, env={
                    **os.environ, "SWIFT_DETERMINISTIC_HASHING": seed if seed == "1" else ""})
                texts.append(contents(folder))
        self.assertEqual(*texts)

    def test_names_and_lines_are_those_of_the_source(self):
        with tempfile.TemporaryDirectory() as folder:
            run("dump", MODULE, "-o", folder)
            with open(os.path.join(folder, "Item.take.c"), encoding="utf-8") as file:
                text = file.read()
        self.assertIn("__pyx_pf_9inventory_4Item_take(PyObject *self, PyObject *count)", text)
        self.assertIn("PY_ATTR(self, __pyx_n_s_count)", text)
        with open(ORIGINAL, encoding="utf-8") as file:
            lines = file.read().split("\n")
        number = next(n for n, line in enumerate(lines, 1) if "raise ValueError" in line)
        raised = next(line for line in text.split("\n") if "PY_RAISE" in line)
        self.assertIn(str(number), raised)

    def test_header_is_c_for_every_version(self):
        for minor in range(6, 15):
            for bits in ("32", "64"):
                for cython in ("0.29", "3.0", "3.1", "3.2", "3.3"):
                    header = run("header", "--python", f"3.{minor}", "--cython", cython,
                                 "--bits", bits)
                    self.assertEqual(header.returncode, 0, header.stderr)
                    with tempfile.NamedTemporaryFile("w", suffix=".c") as file:
                        file.write(header.stdout)
                        file.flush()
                        target = "i386-linux-gnu" if bits == "32" else "x86_64-linux-gnu"
                        self.check("-target", target, file.name)


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


class Exports(unittest.TestCase):
    """`export`: names and lines in a copy of the module, and in the neutral file."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.made = []
        for number, module in enumerate(MODULES):
            folder = os.path.join(cls.folder.name, str(number))
            copy, symbols = os.path.join(folder, "copy.so"), os.path.join(folder, "symbols.json")
            for target, path in (("elf", copy), ("json", symbols)):
                result = run("export", module, "--to", target, "-o", path)
                assert result.returncode == 0, result.stderr
            cls.made.append((module, copy, load(symbols)))

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @staticmethod
    def functions(document):
        return [row for row in document["functions"] if row["kind"] == "function"]

    def test_nm_shows_every_name(self):
        for module, copy, document in self.made:
            shown = subprocess.run(["nm", copy], capture_output=True, text=True, check=True).stdout
            names = {line.split()[-1]: int(line.split()[0], 16) for line in shown.splitlines()}
            for row in document["functions"] + document["data"]:
                self.assertEqual(names.get(row["name"]), row["address"], row)

    def test_addr2line_shows_the_recovered_line_of_every_function(self):
        for module, copy, document in self.made:
            rows = self.functions(document)
            self.assertGreater(len(rows), 3)
            shown = subprocess.run(
                ["addr2line", "-f", "-e", copy, *(hex(row["address"]) for row in rows)],
                capture_output=True, text=True, check=True).stdout.split("\n")
            with open(shown[1].rsplit(":", 1)[0], encoding="utf-8") as file:
                source = file.read().split("\n")
            for row, name, place in zip(rows, shown[::2], shown[1::2]):
                self.assertEqual(name, row["name"])
                line = int(place.rsplit(":", 1)[1].split()[0])
                if row["name"].startswith("__pyx_pw_"):
                    path = row["comment"].split(".")
                    words = [f"def {path[-1]}("]
                    if path[-1] == "<lambda>":
                        # Where its statement has no line, the function around it stands in.
                        words = ["lambda", f"def {path[-3]}("]
                    self.assertTrue(any(word in source[line - 1] for word in words), row)

    def test_llvm_symbolizer_shows_the_line_of_every_function(self):
        for module, copy, document in self.made:
            rows = [row for row in self.functions(document) if "line" in row]
            shown = subprocess.run(
                ["llvm-symbolizer", "--obj=" + copy, "--no-inlines", *(hex(row["address"]) for row in rows)],
                capture_output=True, text=True, check=True).stdout.strip().split("\n\n")
            self.assertEqual([int(text.rsplit(":", 2)[1]) for text in shown], [row["line"] for row in rows])

    def test_gdb_lists_the_recovered_python(self):
        module, copy, document = self.made[0]
        take = next(r for r in self.functions(document) if r["comment"] == "Item.take")
        shown = subprocess.run(
            ["gdb", "-nx", "-batch", "-ex", f"info line *{take['address']}",
             "-ex", f"list *{take['address']}", copy], capture_output=True, text=True).stdout
        self.assertIn(take["name"], shown)
        self.assertIn("def take(self, count):", shown)

    def test_what_is_mapped_is_unchanged(self):
        for module, copy, document in self.made:
            with open(module, "rb") as file:
                old = file.read()
            with open(copy, "rb") as file:
                new = file.read()
            # Where the section table stands, and how long it is.
            places = set(range(40, 48)) | set(range(58, 64))
            self.assertEqual([i for i in range(64) if old[i] != new[i] and i not in places], [])
            self.assertEqual(new[64:len(old)], old[64:])
            table, size, count = struct.unpack_from("<Q", old, 32)[0], *struct.unpack_from("<HH", old, 54)
            self.assertEqual(new[table:table + size * count], old[table:table + size * count])

    def test_the_copy_works_as_a_module(self):
        module, copy, document = self.made[0]
        code = ("import importlib.util as u, sys; s = u.spec_from_file_location('inventory', sys.argv[1]);"
                "m = u.module_from_spec(s); s.loader.exec_module(m); print(m.Item('a', 2.0, 3).total())")
        made = subprocess.run([sys.executable, "-c", code, copy], capture_output=True, text=True)
        if sys.version_info[:2] == (3, 11):
            self.assertEqual(made.stdout, "6.0\n", made.stderr)

    def test_pyelftools_reads_it(self):
        from elftools.elf.elffile import ELFFile
        for module, copy, document in self.made:
            with open(copy, "rb") as file:
                elf = ELFFile(file)
                symbols = {s.name: s["st_value"] for s in elf.get_section_by_name(".symtab").iter_symbols()}
                for row in self.functions(document):
                    self.assertEqual(symbols[row["name"]], row["address"])
                units = list(elf.get_dwarf_info().iter_CUs())
                self.assertEqual(len(units), 1)
                dies = {d.attributes["DW_AT_name"].value.decode() for d in units[0].iter_DIEs()
                        if d.tag == "DW_TAG_subprogram"}
                self.assertTrue({r["name"] for r in self.functions(document)
                                 if r["name"].startswith("__pyx_pw_")} <= dies)
                entries = elf.get_dwarf_info().line_program_for_CU(units[0]).get_entries()
                self.assertTrue(any(e.state and e.state.end_sequence for e in entries))

    def test_lief_reads_it(self):
        import lief
        for module, copy, document in self.made:
            binary = lief.parse(copy)
            names = {str(symbol.name) for symbol in binary.symbols}
            self.assertTrue({row["name"] for row in document["functions"]} <= names)

    def test_a_file_without_sections_gets_names(self):
        with open(MODULE, "rb") as file:
            bytes_ = bytearray(file.read())
        bytes_[40:48] = bytes(8)
        bytes_[58:64] = bytes(6)
        folder = os.path.join(self.folder.name, "bare")
        os.makedirs(folder)
        bare, copy = (os.path.join(folder, "inventory.cpython-311-" + n + ".so") for n in "ab")
        with open(bare, "wb") as file:
            file.write(bytes_)
        result = run("export", bare, "--to", "elf", "-o", copy)
        self.assertEqual(result.returncode, 0, result.stderr)
        shown = subprocess.run(["nm", copy], capture_output=True, text=True, check=True).stdout
        self.assertIn("__pyx_pw_9inventory_4Item_take", shown)

    def test_the_document_is_well_formed_and_the_same_each_time(self):
        for module, copy, document in self.made:
            self.assertEqual((document["format"], document["version"]), ("decython-symbols", 1))
            rows = document["functions"] + document["data"]
            for row in rows:
                self.assertRegex(row["name"], r"\A[A-Za-z_][A-Za-z0-9_]*\Z")
            self.assertEqual(len({r["name"] for r in rows}), len(rows))
            addresses = [r["address"] for r in document["sourceMap"]["rows"]]
            self.assertEqual(addresses, sorted(set(addresses)))
        second = os.path.join(self.folder.name, "again.json")
        run("export", MODULE, "--to", "json", "-o", second)
        self.assertEqual(load(second), self.made[0][2])

    def test_the_module_itself_is_never_overwritten(self):
        self.assertEqual(run("export", MODULE, "--to", "elf", "-o", MODULE).returncode, 2)


class LoadersWithStubs(unittest.TestCase):
    """The loaders against stand-ins for the tools, with names that mean harm."""

    HOSTILE = ["x; !id", "a`id`", "a\nb", "__import__('os')", "$(id)", "../x", "a b", "", "é"]

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.path = os.path.join(cls.folder.name, "symbols.json")
        run("export", MODULE, "--to", "json", "-o", cls.path)
        document = load(cls.path)
        cls.good = len(document["functions"])
        for number, name in enumerate(cls.HOSTILE):
            document["functions"].append(
                {"address": number, "name": name, "kind": "function", "comment": "\x1b[2J;!id\n"})
            document["comments"].append({"address": number, "text": "\x1b]0;x\x07 `id`\n!id \u202e"})
        with open(cls.path, "w", encoding="utf-8") as file:
            json.dump(document, file)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def harmless(self, names, texts):
        for name in names:
            self.assertRegex(name, r"\A[A-Za-z_][A-Za-z0-9_]*\Z")
        for text in texts:
            self.assertTrue(all(c.isprintable() for c in text), text)

    def test_ida(self):
        names, texts = [], []
        stubs = {
            "ida_bytes": dict(set_cmt=lambda a, t, r: texts.append(t)),
            "ida_funcs": dict(get_func=lambda a: None, add_func=lambda a: True,
                              set_func_cmt=lambda f, t, r: texts.append(t)),
            "ida_kernwin": dict(), "ida_nalt": dict(get_imagebase=lambda: 0x1000),
            "ida_name": dict(SN_NOWARN=1, SN_FORCE=2, set_name=lambda a, n, f: names.append(n)),
            "ida_typeinf": dict(HTI_DCL=1, parse_decls=lambda *a: 0)}
        for name, members in stubs.items():
            sys.modules[name] = types.SimpleNamespace(**members)
        try:
            counts = importlib.import_module("ida_decython").apply(self.path)
        finally:
            for name in stubs:
                del sys.modules[name]
        self.assertEqual(counts[0], self.good)
        self.harmless(names, texts)

    def test_ghidra(self):
        names, texts = [], []
        made = types.SimpleNamespace(
            setName=lambda n, s: names.append(n), setComment=texts.append)
        listing = types.SimpleNamespace(
            getFunctionAt=lambda a: None, setComment=lambda a, k, t: texts.append(t))
        table = types.SimpleNamespace(createLabel=lambda a, n, s: names.append(n))
        count = importlib.import_module("ghidra_decython").apply(
            self.path, None, listing, table, 0, 0, lambda offset: offset, lambda a, n: made)
        self.assertEqual(count, self.good)
        self.harmless(names, texts)

    def test_binary_ninja(self):
        names, texts = [], []
        view = types.SimpleNamespace(
            start=0x400000, get_function_at=lambda a: None, create_user_function=lambda a: None,
            define_user_symbol=lambda s: names.append(s[2]), set_comment_at=lambda a, t: texts.append(t))
        count = importlib.import_module("binaryninja_decython").apply(
            view, self.path, lambda k, a, n: (k, a, n), 0, 1)
        self.assertEqual(count, self.good)
        self.harmless(names, texts)

    def test_rizin_commands_hold_nothing_of_the_binary(self):
        commands = list(importlib.import_module("rizin_decython").commands(self.path))
        self.assertGreater(len(commands), self.good)
        for command in commands:
            self.assertRegex(
                command, r"\A(f (sym|obj)\.[A-Za-z0-9_]+ \d+ 0x[0-9a-f]+"
                         r"|CCu base64:[A-Za-z0-9+/=]* @ 0x[0-9a-f]+)\Z")

    def test_x64dbg(self):
        database = importlib.import_module("x64dbg_decython").database(self.path)
        self.harmless([row["text"] for row in database["labels"]],
                      [row["text"] for row in database["comments"]])


if __name__ == "__main__":
    unittest.main()
