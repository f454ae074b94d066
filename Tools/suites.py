#!/usr/bin/env python3
"""Do recovered modules pass the test suites of the originals?

    suites.py ORIGINALS RECOVERED [--tests cpython|pydantic-VERSION] [--only MODULE]... [--json FILE] [--show]

ORIGINALS holds NAME.py (`email.header.py`), RECOVERED the same names and beside each the report NAME.json of
`decython --json`. Tests run three times, with other files in place of the modules:

- the originals, printed by Python's own printer: what passes now is what is asked of the others;
- the recovered files as they are;
- *hybrids*: the originals, with each function that is graded structured replaced by the recovered one.
  Functions of lower rungs stay, so every test that fails points at a structured function that is wrong.
  Halving finds it: functions are put back until the tests pass.

CPython's tests run for one module at a time, pydantic's for all modules at once. Everything runs in a sandbox
(bubblewrap), where files are laid over those of the standard library or of pydantic's source distribution,
which are fetched once into ~/.cache/decython-corpus. `reached` counts the replaced functions that the tests
called at all. Exit status: 0, 1 when a structured function is wrong, 2 when tests cannot be run here.
"""
import argparse
import ast
import collections
import concurrent.futures
import hashlib
import json
import pathlib
import shutil
import subprocess
import symtable
import sys
import tempfile
import time
import xml.etree.ElementTree

import corpus

HERE = pathlib.Path(__file__).resolve().parent
CACHE = corpus.CACHE / "tests"
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
SAMPLE = 40         # failing tests that a search runs
ROUNDS = 6          # searches of a module
SLACK, PATIENCE = 30, 4
REACHED = "/tmp/answers/reached"


# ------------------------------------------------------------------------------------------ functions

def definitions(tree):
    """Functions that stand in no other one: {(name, count): (list of statements, index)}."""
    found, counts = {}, collections.Counter()

    def walk(node, prefix):
        for _, block in ast.iter_fields(node):
            for index, child in enumerate(block if isinstance(block, list) else []):
                if isinstance(child, FUNCTIONS):
                    name = prefix + child.name
                    found[name, counts[name]] = (block, index)
                    counts[name] += 1
                elif isinstance(child, ast.ClassDef):
                    walk(child, prefix + child.name + ".")
                elif isinstance(child, (ast.stmt, ast.ExceptHandler, ast.match_case)):
                    walk(child, prefix)

    walk(tree, "")
    return found


class Without(ast.NodeTransformer):
    """Replaces statements of a kind by `pass`."""

    def __init__(self, kind):
        self.kind = kind

    def visit(self, node):
        return ast.Pass() if isinstance(node, self.kind) else self.generic_visit(node)


def free_names(function):
    """Names that a function takes from around it."""
    bare = ast.parse(ast.unparse(function)).body[0]
    bare.decorator_list = []
    found = {name for node in ast.walk(bare) if isinstance(node, ast.Nonlocal) for name in node.names}
    bare = Without(ast.Nonlocal).visit(bare)

    def walk(table):
        found.update(s.get_name() for s in table.get_symbols() if s.is_global() or s.is_free())
        for child in table.get_children():
            walk(child)

    for child in symtable.symtable(ast.unparse(bare), "function", "exec").get_children():
        walk(child)
    return found


class Module:
    """A module in its two forms, and the functions of it that may change places."""

    def __init__(self, name, original, recovered):
        self.name = name
        self.original = original.read_text()
        self.recovered = recovered
        self.grades = {}
        for row in json.loads(recovered.with_suffix(".json").read_text())["modules"][0]["functions"]:
            sound = row["rung"] in ("structured", "verified")
            self.grades[row["name"]] = self.grades.get(row["name"], True) and sound
        self.tree = ast.parse(recovered.read_text())
        self.replaceable = []
        self.hybrid(None, self.replaceable)

    def pairs(self, tree):
        """(key, place in the tree, recovered function) of what may be replaced."""
        pending = [("", definitions(tree), definitions(self.tree))]
        while pending:
            prefix, here, there = pending.pop()
            for key in sorted(set(here) & set(there)):
                name = prefix + key[0]
                if (key[0], key[1] + 1) in there and (key[0], key[1] + 1) not in here:
                    continue
                (block, index), (other, number) = here[key], there[key]
                mine, new = block[index], other[number]
                inner = [good for n, good in self.grades.items() if n.startswith(name + ".<locals>.")]
                fits = not prefix or free_names(new) <= free_names(mine)
                if fits and self.grades.get(name) and all(inner) and "_not_understood" not in ast.unparse(new):
                    yield (name, key[1]), (block, index), new
                else:
                    inside = name + ".<locals>."
                    pending.append((inside, definitions(mine), definitions(new)))

    def hybrid(self, chosen, names=None, marks=False):
        """The original with the chosen functions replaced; with marks, each tells when it is called."""
        tree = ast.parse(self.original)
        replaced = list(self.pairs(tree))
        if names is not None:
            names += [(self.name, key) for key, _, _ in replaced]
        for key, (block, index), new in replaced:
            if chosen is not None and (self.name, key) in chosen:
                block[index] = marked(new, self.name, key) if marks else new
        return ast.unparse(tree) + "\n"


def marked(function, module, key):
    copy = ast.parse(ast.unparse(function)).body[0]
    text = repr(f"{module} {key[0]} {key[1]}\n")
    mark = ast.parse(f"try:\n with __import__('io').open({REACHED!r}, 'a') as _mark: _mark.write({text})\n"
                     "except BaseException: pass")
    docstring = 1 if ast.get_docstring(copy, clean=False) is not None else 0
    copy.body[docstring:docstring] = mark.body
    return copy


# ------------------------------------------------------------------------------------------ suites

class Suite:
    """Tests, and the files that they run on."""

    def __init__(self, python, root, folder, mounts=()):
        self.python, self.root, self.folder, self.mounts = python, root, folder, list(mounts)

    def place(self, name):
        return self.root / (name.replace(".", "/") + ".py")

    def run(self, files, tests, only=(), limit=900):
        """The tests that pass with files in the modules' places, and the functions that were called."""
        with tempfile.TemporaryDirectory() as temporary:
            answers = pathlib.Path(temporary, "answers")
            answers.mkdir()
            command = ["bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/run", "--tmpfs",
                       "/tmp", "--unshare-all", "--die-with-parent", "--bind", str(answers), "/tmp/answers"]
            for source, target in self.mounts:
                command += ["--ro-bind", str(source), str(target)]
            for number, (name, text) in enumerate(sorted(files.items())):
                path = pathlib.Path(temporary, f"{number}.py")
                path.write_text(text)
                command += ["--ro-bind", str(path), str(self.place(name))]
            command += ["--chdir", str(self.folder), "--setenv", "HOME", "/tmp", "--setenv", "TMPDIR", "/tmp",
                        "--setenv", "HYPOTHESIS_STORAGE_DIRECTORY", "/tmp"]
            command += self.command(tests, sorted(only), answers)
            try:
                subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               timeout=limit)
            except subprocess.TimeoutExpired:
                pass
            reached = answers / "reached"
            return passing(answers / "junit.xml"), set(reached.read_text().splitlines()) if reached.exists() else set()


class Regression(Suite):
    """CPython's own tests."""

    def command(self, tests, only, answers):
        (answers / "only").write_text("\n".join(only))
        chosen = ["--matchfile", "/tmp/answers/only"] if only else []
        return [self.python, "-X", "frozen_modules=off", "-m", "test", "--tempdir", "/tmp", "--junit-xml",
                "/tmp/answers/junit.xml", *chosen, *tests]


class Pytest(Suite):
    """The tests of a package's source distribution."""

    def command(self, tests, only, answers):
        return [self.python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--continue-on-collection-errors",
                "-o", "junit_family=xunit1", "--junit-xml=/tmp/answers/junit.xml", *(only or tests)]


def passing(path):
    """The tests that a JUnit file says have passed."""
    try:
        root = xml.etree.ElementTree.parse(path).getroot()
    except (OSError, xml.etree.ElementTree.ParseError):
        return set()
    passed = set()
    for case in root.iter("testcase"):
        if case.get("name") and not any(child.tag in ("error", "failure", "skipped") for child in case):
            name = case.get("name")
            if case.get("file"):
                inside = case.get("classname").removeprefix(case.get("file")[:-3].replace("/", ".")).strip(".")
                name = "::".join(filter(None, [case.get("file"), inside.replace(".", "::"), name]))
            passed.add(name)
    return passed


def standard_library():
    """CPython's tests; those of Debian where this Python came without."""
    library = pathlib.Path(corpus._paths()[0])
    mounts = []
    if not (library / "test" / "test_queue.py").exists():
        folder = CACHE / "usr/lib/python3.11/test"
        if not folder.exists():
            CACHE.mkdir(parents=True, exist_ok=True)
            corpus._run(["apt-get", "download", "libpython3.11-testsuite"], cwd=CACHE)
            corpus._run(["dpkg", "-x", str(next(CACHE.glob("libpython3.11-testsuite*.deb"))), str(CACHE)])
        mounts.append((folder, library / "test"))
    return Regression(corpus.python(), library, "/tmp", mounts)


def pydantic(version):
    folder = CACHE / f"pydantic-{version}"
    if not (folder / "tests").exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        corpus._run([corpus.python(), "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", "pydantic",
                     "--dest", str(CACHE), f"pydantic=={version}"])
        corpus._run(["tar", "-xzf", str(CACHE / f"pydantic-{version}.tar.gz"), "-C", str(CACHE)])
    home = CACHE / "venv"
    if not (home / "bin" / "pytest").exists():
        corpus._run([corpus.python(), "-m", "venv", str(home)])
        corpus._run([str(home / "bin" / "pip"), "install", "--quiet", "pytest==7.4.3", "pytest-mock==3.10.0",
                     "hypothesis==6.79.1", "typing-extensions==4.6.0", "email-validator", "python-dotenv"])
    return Pytest(str(home / "bin" / "python"), folder / "pydantic", folder)


# ------------------------------------------------------------------------------------------ trials

class Trial:
    """Modules that are tested together."""

    def __init__(self, suite, modules, tests):
        self.suite, self.modules, self.tests = suite, modules, tests
        self.originals = {m.name: ast.unparse(ast.parse(m.original)) + "\n" for m in modules}
        self.limit = 900

    def baseline(self):
        """What passes with the originals; kept from run to run."""
        key = hashlib.sha256(repr((sorted(self.originals.items()), self.tests, self.suite.python)).encode()).hexdigest()
        kept = CACHE / "passing" / (key[:24] + ".json")
        if not kept.exists():
            kept.parent.mkdir(parents=True, exist_ok=True)
            start = time.monotonic()
            passed = self.suite.run(self.originals, self.tests)[0]
            seconds = time.monotonic() - start
            # Again, so that tests which pass now and then are not asked for.
            passed &= self.suite.run(self.originals, self.tests)[0]
            kept.write_text(json.dumps([sorted(passed), seconds]))
        passed, seconds = json.loads(kept.read_text())
        self.limit = SLACK + PATIENCE * seconds
        return set(passed)

    def files(self, chosen):
        return {m.name: m.hybrid(chosen) for m in self.modules}

    def failing(self, chosen, wanted, only=()):
        return wanted - self.suite.run(self.files(chosen), self.tests, only, self.limit)[0]

    def search(self, functions, wanted):
        """The functions, each or together, that make one of the tests fail."""
        if not self.failing(set(functions), wanted, wanted):
            return []
        if len(functions) == 1:
            return [functions]
        half = len(functions) // 2
        found = self.search(functions[:half], wanted) + self.search(functions[half:], wanted)
        return found or [functions]

    def judge(self):
        wanted = self.baseline()
        functions = [key for m in self.modules for key in m.replaceable]
        recovered = {m.name: m.recovered.read_text() for m in self.modules}
        plain = wanted & self.suite.run(recovered, self.tests, (), self.limit)[0] if wanted else set()
        marked_files = {m.name: m.hybrid(set(functions), marks=True) for m in self.modules}
        _, reached = self.suite.run(marked_files, self.tests, (), self.limit) if wanted else (set(), set())
        chosen, wrong, hybrid = list(functions), [], None
        for _ in range(ROUNDS):
            failing = self.failing(set(chosen), wanted)
            hybrid = failing if hybrid is None else hybrid
            if not failing:
                break
            some = set(sorted(failing)[::max(1, len(failing) // SAMPLE)])
            found = self.search(chosen, some)
            if not found:
                break       # it passes when it is run alone
            for group in found:
                blamed = sorted(self.failing(set(group), some, some))
                wrong.append(([f"{m}:{key[0]}" for m, key in group][:8], blamed))
            gone = {key for group in found for key in group}
            chosen = [key for key in chosen if key not in gone]
        return {"modules": [m.name for m in self.modules], "tests": len(wanted), "recovered": len(plain),
                "hybrid": len(wanted) - len(hybrid or ()), "replaced": len(functions), "reached": len(reached),
                "functions": sum(len(definitions(ast.parse(m.original))) for m in self.modules),
                "left": sorted(hybrid or ())[:20] if hybrid and not wrong else [], "wrong": wrong,
                "failing": sorted(wanted - plain)[:20]}


# ------------------------------------------------------------------------------------------ the table

def trials(suite, kind, originals, recovered, only):
    names = [p.stem for p in sorted(originals.glob("*.py")) if (recovered / p.name).exists()]
    modules = []
    for name in names:
        if not only or name in only:
            try:
                modules.append(Module(name, originals / (name + ".py"), recovered / (name + ".py")))
            except SyntaxError as error:
                print(f"{name}: does not parse: {error}")
    if kind != "cpython":
        return [Trial(suite, modules, ["tests"])]
    table = dict(line.split(maxsplit=1) for line in (HERE / "Corpus" / "tests.txt").read_text().splitlines() if line)
    return [Trial(suite, [m], table[m.name].split()) for m in modules if m.name in table]


def report(row, show):
    name = ", ".join(row["modules"]) if len(row["modules"]) == 1 else f"{len(row['modules'])} modules"
    print(f"{name}: {row['tests']} tests, {row['recovered']} recovered, {row['hybrid']} hybrid; {row['functions']} "
          f"functions, {row['replaced']} replaced, {row['reached']} reached", flush=True)
    for functions, blamed in row["wrong"]:
        print(f"  WRONG {' '.join(functions)}: {len(blamed)} tests, as {blamed[0] if blamed else '?'}", flush=True)
    for test in row["left"] + (row["failing"] if show else []):
        print(f"  fails {test}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("originals", type=pathlib.Path)
    parser.add_argument("recovered", type=pathlib.Path)
    parser.add_argument("--tests", default="cpython")
    parser.add_argument("--only", action="append", default=[], metavar="MODULE")
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--show", action="store_true", help="name tests that fail on the recovered files")
    options = parser.parse_args()
    if shutil.which("bwrap") is None:
        print("bubblewrap is missing: nothing is run outside of a sandbox", file=sys.stderr)
        return 2
    sys.setrecursionlimit(20000)
    try:
        suite = standard_library() if options.tests == "cpython" else pydantic(options.tests.partition("-")[2])
    except corpus.Missing as error:
        print(error, file=sys.stderr)
        return 2
    rows = []
    with concurrent.futures.ThreadPoolExecutor(corpus.WORKERS) as pool:
        todo = trials(suite, options.tests, options.originals, options.recovered, options.only)
        for row in pool.map(Trial.judge, todo):
            report(row, options.show)
            rows.append(row)
    columns = ("tests", "recovered", "hybrid", "functions", "replaced", "reached")
    total = {k: sum(row[k] for row in rows) for k in columns}
    print(f"{len(rows)} trials:", ", ".join(f"{k} {v}" for k, v in total.items()),
          f"wrong {sum(len(row['wrong']) for row in rows)}")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n")
    return 1 if any(row["wrong"] for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
