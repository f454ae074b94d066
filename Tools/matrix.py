#!/usr/bin/env python3
"""Measures decython on real modules of other people's, by CPython and Cython.

    matrix.py LIST FILES [--each N] [--where COLUMN=REGEX]... [--binary PATH] [--keep FOLDER] [--table FILE]

LIST is a table with tabs between its columns, one row a module: `file` is a wheel or Debian package
below FILES, `module_path` and `source_path` are members of it, `source_in` names a source distribution
below FILES/sdists if the source is not in the package itself, `arch`, `format`, `cpython` and `cython`
tell what the module is, and `package` and `version` whose. Modules are stripped before they are read.

A module counts as crashed if the program ends in another way than its exit statuses say or falls on one
of its functions, as refused if it says that it cannot read the module, and as slow if it needs longer
than --timeout seconds. Only sources in plain Python are compared; the other modules are run all the same.

Exit status: 0; 1 if a module crashed, was slow, or came out as a file that does not parse.
"""
import argparse
import ast
import collections
import concurrent.futures
import csv
import io
import json
import pathlib
import re
import resource
import subprocess
import sys
import tarfile
import tempfile
import zipfile

import score
from scoreboard import crashed, percent

ROOT = pathlib.Path(__file__).resolve().parent.parent
MEMORY = 6 << 30
REFUSED = range(10, 16)
HEALTH = ("crashed", "slow", "refused", "unparsable")
SHARES = (("found", "units"), ("signature", "units"), ("bodies", "bodies_total"), ("defs", "defs_total"))
RUNGS = ("structured", "partial", "outline")


# ------------------------------------------------------------------------------------------- reading

def member(archive, name):
    """A member of a wheel, a source distribution or a Debian package; None if it has no such member."""
    if archive.suffix == ".whl" or archive.suffix == ".zip":
        with zipfile.ZipFile(archive) as opened:
            return opened.read(name) if name in opened.namelist() else None
    content = archive.read_bytes()
    if archive.suffix == ".deb":
        content = debian_data(content)
    with tarfile.open(fileobj=io.BytesIO(content)) as opened:
        for entry in opened:
            path = entry.name.removeprefix("./")
            inner = path.partition("dist-packages/" if archive.suffix == ".deb" else "/")[2]
            if name in (path, inner):
                return opened.extractfile(entry).read()
    return None


def debian_data(content):
    """The data archive in a Debian package, which is an archive of `ar`."""
    place = 8
    while place + 60 <= len(content):
        name, size = content[place:place + 16].strip(), int(content[place + 48:place + 58])
        if name.startswith(b"data.tar"):
            return content[place + 60:place + 60 + size]
        place += 60 + size + size % 2
    raise ValueError("no data in the Debian package")


def find(files, name):
    """The file of a name, or one that differs only in how old a Linux it runs on; None if there is none."""
    path = files / name
    if path.exists() or path.suffix != ".whl":
        return path if path.exists() else None
    distribution, version, python, _, platform = path.stem.split("-")
    machine = platform.rpartition("linux")[2].partition("_")[2].split(".")[0]
    machine = re.sub(r"^\d+_\d+_|^20\d\d_", "", machine)
    family = "musllinux" if "musllinux" in platform else "manylinux"
    found = sorted(path.parent.glob(f"{distribution}-{version}-{python}-*{family}*_{machine}.whl"))
    return found[0] if found else None


def rows(options):
    """The rows that are wanted and whose files are there."""
    with open(options.list, newline="") as file:
        wanted = [row for row in csv.DictReader(file, delimiter="\t")
                  if all(re.fullmatch(pattern, row[column]) for column, pattern in options.where)]
    for row in wanted:
        row["found"] = find(options.files, row["file"])
    wanted = [row for row in wanted
              if row["found"] and member(row["found"], row["module_path"]) is not None]
    groups = collections.defaultdict(list)
    for row in wanted:
        groups[row["file"]].append(row)
    return [row for group in groups.values() for row in spread(group, options.each)]


def spread(group, count):
    """So many rows of a group, as far apart as can be."""
    if not count or len(group) <= count:
        return group
    return [group[(2 * i + 1) * len(group) // (2 * count)] for i in range(count)]


# ----------------------------------------------------------------------------------------- measuring

def limit():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def run(options, module, output, report):
    command = [options.binary, "-q", str(module), "-o", str(output), "--json", str(report)]
    try:
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                              timeout=options.timeout, preexec_fn=limit)
    except subprocess.TimeoutExpired:
        return "slow", ""
    words = done.stderr.decode(errors="replace").strip()[-200:]
    if done.returncode in REFUSED:
        return "refused", words
    return ("crashed" if done.returncode else None), words


def figures(original, text, functions):
    """What score.py says of a module, and what is claimed and not so."""
    result, failures = score.compare(original, text)
    bodies = sum(1 for unit in score.units(score.parse(original)).values() if unit.kind != "def")
    bad = {name for name, why in failures if why == "body" or why.startswith("missing")}
    wrong = [f["name"] for f in functions if f["rung"] == "structured" and f["name"] in bad]
    return {"compared": 1, "units": result["units"], "found": result["found"], "signature": result["signature"],
            "bodies": result["exact"] - result["defs_exact"], "bodies_total": bodies,
            "defs": result["defs_exact"], "defs_total": result["defs"], "wrong": len(wrong)}


def measure(job):
    """The figures of one module, and words on what went wrong."""
    options, row, folder = job
    sys.setrecursionlimit(20000)
    stem = folder / re.sub(r"[^\w.-]", "_", f"{row['file']}/{row['module_path']}")
    stem.mkdir(parents=True, exist_ok=True)
    module, output, report = stem / pathlib.Path(row["module_path"]).name, stem / "out.py", stem / "out.json"
    module.write_bytes(member(row["found"], row["module_path"]))
    subprocess.run([options.strip, "--strip-all", str(module)], check=True)
    result = collections.Counter(modules=1)
    trouble, words = run(options, module, output, report)
    if trouble:
        result[trouble] = 1
    text = output.read_text(errors="replace") if output.exists() else ""
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError) as error:
        result["unparsable"] = 1
        words += f" {error}"
    reported = json.loads(report.read_text())["modules"] if report.exists() else []
    functions = reported[0]["functions"] if reported else []
    result.update(collections.Counter(f["rung"] for f in functions))
    fallen = [f["name"] for f in functions if crashed(f)]
    if fallen and not trouble:
        trouble, words = "crashed", f"{words} {', '.join(fallen)}"
        result[trouble] = 1
    if row["source_kind"] == ".py":
        holder = row["found"]
        if row["source_in"] != "same package":
            holder = options.files / "sdists" / row["source_in"]
        original = member(holder, row["source_path"]) if holder.exists() else None
        if original is not None:
            result.update(figures(original.decode(), text or "(", functions))
    reasons = collections.Counter(f["reason"] or "?" for f in functions if f["rung"] != "structured")
    return row, result, trouble and f"{trouble} {words}".strip(), reasons


# ------------------------------------------------------------------------------------------- writing

def family(row):
    """Where a module's figures go: its CPython, its Cython, its processor and format."""
    limited = " limited" if "limited" in row["cython"] or "abi3" in row["abi"] else ""
    return (row["cpython"] + limited, ".".join(row["cython"].split("_")[:2]), row["arch"], row["format"])


def table(groups):
    names = ["CPython", "Cython", "processor", "format", "modules", *HEALTH, *(name for name, _ in SHARES),
             " / ".join(RUNGS), "wrong"]
    lines = ["| " + " | ".join(names) + " |", "|---" * len(names) + "|"]
    for key in sorted(groups):
        f = groups[key]
        cells = [*key, f["modules"], *(f[name] for name in HEALTH)]
        cells += [percent(f[part], f[whole]) for part, whole in SHARES]
        cells += [" / ".join(str(f[rung]) for rung in RUNGS), f["wrong"]]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("list")
    parser.add_argument("files", type=pathlib.Path)
    parser.add_argument("--each", type=int, default=0, metavar="N", help="N modules of each file")
    parser.add_argument("--where", action="append", default=[], metavar="COLUMN=REGEX",
                        type=lambda text: text.split("=", 1), help="rows whose column matches as a whole")
    parser.add_argument("--binary", default=str(ROOT / ".build/release/decython"))
    parser.add_argument("--strip", default="strip", metavar="PROGRAM", help="strip, or llvm-strip")
    parser.add_argument("--timeout", type=int, default=300, metavar="SECONDS")
    parser.add_argument("--keep", type=pathlib.Path, metavar="FOLDER", help="keep what is decompiled there")
    parser.add_argument("--table", type=pathlib.Path, metavar="FILE", help="write the table there, too")
    parser.add_argument("-j", type=int, default=2, metavar="JOBS")
    return parser.parse_args()


def main():
    options = arguments()
    groups, reasons = collections.defaultdict(collections.Counter), collections.Counter()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or pathlib.Path(temporary)
        jobs = [(options, row, folder) for row in rows(options)]
        with concurrent.futures.ProcessPoolExecutor(options.j) as pool:
            for row, result, trouble, why in pool.map(measure, jobs):
                groups[family(row)].update(result)
                reasons.update(why)
                if trouble or result["unparsable"]:
                    print(f"{row['file']}: {row['module_path']}: {trouble or 'does not parse'}", flush=True)
    text = table(groups)
    print(text)
    for reason, count in reasons.most_common(25):
        print(f"{count:6} {reason}")
    if options.table:
        options.table.write_text(text + "\n")
    return int(any(f["crashed"] or f["slow"] or f["unparsable"] for f in groups.values()))


if __name__ == "__main__":
    sys.exit(main())
