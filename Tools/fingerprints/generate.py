#!/usr/bin/env python3
"""Writes Sources/RuntimeModel/Generated/HelperFingerprints.swift from a matrix of builds.

    generate.py DECYTHON BUILDS [--write]

Compiles every file of probes/ and some of the tests' fixtures with every Cython version, compiler and
optimisation level below into the folder BUILDS (what is there already is kept), asks `DECYTHON
features` for what each function touches, and writes one line per helper with the fingerprints that mean
it and nothing else.

Cython is looked for in ~/.cache/decython-corpus/cy-VERSION, where it is installed if it is missing.

A fingerprint is dropped if two helpers share it that mean different things, or if a function that is
no helper has it too. What is dropped is listed on standard error. What the table says already, from
other versions or probes, stays; builds that say otherwise are listed.
"""
import argparse
import collections
import concurrent.futures
import os
import pathlib
import subprocess
import sys
import sysconfig

VERSIONS = ["0.29.37", "3.0.12", "3.1.8", "3.2.9", "3.3.1"]
COMPILERS = ["gcc", "clang"]
LEVELS = ["-O2", "-O3"]
HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TABLE = ROOT / "Sources/RuntimeModel/Generated/HelperFingerprints.swift"
HELPERS = ROOT / "Sources/RuntimeModel/Cython/CythonHelpers.swift"
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"))

# Fixtures that use helpers which no probe uses: of classes, exceptions, generators and imports.
FIXTURES = ["closures", "coroutines", "definitions", "exceptions", "imports", "modules"]
# Names of one meaning, with the same arguments; the first one is written.
SYNONYMS = [
    ["__Pyx_PyInt_As_long", "__Pyx_PyLong_As_long"],
    ["__Pyx_PyInt_As_int", "__Pyx_PyLong_As_int"],
    ["__Pyx_PyNumber_IntOrLong", "__Pyx_PyNumber_Long"],
    ["__Pyx_PyObject_CallOneArg", "__Pyx__PyObject_CallOneArg"],
    ["__Pyx_GetException", "__Pyx__GetException"],
    ["__Pyx_ReturnWithStopIteration", "__Pyx__ReturnWithStopIteration"],
]
# Names that share what they touch and that callers tell apart by the arguments.
AMBIGUOUS = [{"__Pyx_Py3ClassCreate", "__Pyx_PyObject_FastCallDict"}]


# Helpers that end what a step before them began, and are understood with it where they are called.
ENDINGS = {"__Pyx_GetAttr3Default", "__Pyx_PyIter_Next2Default"}


def cython(version):
    folder = CACHE / "decython-corpus" / f"cy-{version}"
    if not (folder / "bin/cython").exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        packages = [f"cython=={version}", "setuptools"]
        subprocess.run([folder / "bin/pip", "-q", "install", *packages], check=True)
    return folder / "bin/cython"


def build(folder, probe, version, compiler, level):
    """One probe, compiled with its symbols; None if this Cython refuses it."""
    target = folder / f"{version}-{compiler}{level}" / f"{probe.stem}.so"
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    source = folder / version / f"{probe.stem}.c"
    if not source.exists():
        source.parent.mkdir(parents=True, exist_ok=True)
        made = subprocess.run([cython(version), "-3", "-o", source, probe], capture_output=True)
        if made.returncode:
            source.unlink(missing_ok=True)
            return None
    include = sysconfig.get_paths()["include"]
    flags = [level, "-fPIC", "-shared", "-fwrapv", "-DNDEBUG", "-w", f"-I{include}"]
    subprocess.run([compiler, *flags, source, "-o", target], check=True)
    return target


def features(decython, module):
    text = subprocess.run([decython, "features", module], capture_output=True, text=True)
    rows = [line.split("\t") for line in text.stdout.split("\n") if line]
    if text.returncode or not rows:
        print(f"{module}: {text.stderr.strip()}", file=sys.stderr)
    return [(name, mark) for name, mark, _, _ in rows]


def helper(symbol):
    """The helper that a symbol names, as HelperCatalog.swift reads it; None if it is no helper."""
    parts = symbol.split(".")
    if not parts[0].startswith("__Pyx"):
        return None
    return parts[0] + (".part" if "part" in parts or "cold" in parts else "")


def is_called(symbol):
    """Whether a symbol is a function: others are parts that functions jump to, as `f.cold` is."""
    return "cold" not in symbol.split(".") or symbol.startswith("__Pyx")


def known_helpers():
    """The helpers that passes know the meaning of; the others are read where they are called."""
    rows = [line.split() for line in HELPERS.read_text().splitlines()]
    return {row[0] for row in rows if len(row) == 3 and row[0].startswith("__Pyx")} - ENDINGS


def written():
    """What each fingerprint means by the table as it stands."""
    rows = (line.split() for line in TABLE.read_text().splitlines() if line.startswith("    __Pyx"))
    return {mark: row[0] for row in rows for mark in row[1:]}


def settle(names):
    """The one name that stands for several with the same features; None if there is none."""
    names = {next((s[0] for s in SYNONYMS if name in s), name) for name in names}
    if len(names) == 1:
        return names.pop()
    return "|".join(sorted(names)) if names in AMBIGUOUS else None


def table(marks):
    lines = []
    for name in sorted(marks):
        row = f"    {name}"
        for mark in sorted(marks[name]):
            if len(row) + 1 + len(mark) > 100:
                lines.append(row)
                row = f"    {name}"
            row += f" {mark}"
        lines.append(row)
    return "\n".join([
        "// Generated by Tools/fingerprints/generate.py; do not edit.", "",
        "extension CythonHelperTable {",
        "  /// One helper a line, with the fingerprints of its features in the builds of the matrix.",
        '  static let rows = """', *lines, '    """', "}", ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("decython", type=pathlib.Path)
    parser.add_argument("builds", type=pathlib.Path)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("-j", type=int, default=1)
    options = parser.parse_args()
    for version in VERSIONS:
        cython(version)
    sources = sorted((HERE / "probes").glob("*.py"))
    sources += [ROOT / "Tests/Fixtures" / f"{name}.py" for name in FIXTURES]
    jobs = [(options.builds, source, version, compiler, level) for version in VERSIONS
            for source in sources for compiler in COMPILERS for level in LEVELS]
    meanings, others = collections.defaultdict(set), collections.defaultdict(set)
    with concurrent.futures.ThreadPoolExecutor(options.j) as pool:
        modules = [m for m in pool.map(lambda job: build(*job), jobs) if m]
        for rows in pool.map(lambda m: features(options.decython.resolve(), m), modules):
            for symbol, mark in rows:
                if is_called(symbol):
                    meanings[mark].add(helper(symbol))
                    if helper(symbol) is None:
                        others[mark].add(symbol)
    before, known = written(), known_helpers()
    marks = collections.defaultdict(set)
    for mark in sorted({*meanings, *before}):
        names = meanings[mark]
        name = before.get(mark) or (None if None in names else settle(names))
        if name in known or mark in before:
            marks[name].add(mark)
        if not name and names != {None} or mark in before and names - set(name.split("|")):
            what = "contradicted:" if name else "dropped:"
            print(what, mark, name or "", "<-", *sorted(names - {None}), *sorted(others[mark])[:3],
                  file=sys.stderr)
    if options.write:
        TABLE.write_text(table(marks))
    print(f"{len(modules)} builds, {len(marks)} helpers, {sum(map(len, marks.values()))} marks, "
          f"{len(before)} before")


if __name__ == "__main__":
    main()
