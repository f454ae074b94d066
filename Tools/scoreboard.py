#!/usr/bin/env python3
"""Measures decython on the development modules and keeps the figures.

    scoreboard.py [--fast] [--check] [--set NAME]... [--binary PATH] [--keep FOLDER]

Every set is fetched or built where it is missing, decompiled, and compared with its sources by
score.py. The figures go into Scoreboard.json and SCOREBOARD.md, and what changed against the
committed ones is printed. Sets of random functions (`--set fuzz-3.0.12`, --fast for a few modules) are
measured only when named, and not kept. With --check nothing is written, and a figure below the committed one
fails. A set that cannot be had is a failure, too.

Figures, as score.py defines them: `found` units, `signature`s, `bodies` (class and module bodies
exact), `defs` (definitions exact), `named` (exact ones that have all names of locals, too), `lines`,
`annotations`, `docstrings`. From the reports: how many functions are structured, partial, outline;
`wrong` is how many are called structured and are not exact. `cpu` is the time of decompiling over
the time of lifting all machine code alone; `memory` is the highest peak of a module, in MB.

Exit status: 0 done; 1 a figure fell, with --check, or a module or a function of one crashed, or a module
does not parse; 2 a set is missing.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import corpus
import score

ROOT = corpus.ROOT
FIGURES = ROOT / "Scoreboard.json"
TABLE = ROOT / "SCOREBOARD.md"
MARKS = ("<!-- figures: made by Tools/scoreboard.py -->", "<!-- end of figures -->")
TIMEOUT = 300

# Figures that should not fall, with what each is a part of.
SHARES = (("found", "units"), ("signature", "units"), ("bodies", "bodies_total"), ("defs", "defs_total"),
          ("named", "exact"), ("lines", "lines_total"), ("annotations", "annotations_total"),
          ("docstrings", "docstrings_total"))
RUNGS = ("structured", "partial", "outline")
OBSTACLES = 40


# ------------------------------------------------------------------------------------ running decython

def run(command):
    """Runs a command; its exit status, CPU seconds and peak memory in MB."""
    # A child's peak counts from its parent's size: nothing large is loaded before all have run.
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    timer = concurrent.futures.ThreadPoolExecutor(1)
    waiting = timer.submit(os.wait4, process.pid, 0)
    try:
        _, status, usage = waiting.result(TIMEOUT)
    except concurrent.futures.TimeoutError:
        process.kill()
        _, status, usage = waiting.result()
    process.returncode = os.waitstatus_to_exitcode(status)
    timer.shutdown()
    return process.returncode, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def decompile(binary, sample, folder):
    """Decompiles a module, and lifts it alone for comparison."""
    stem = folder / sample.name
    status, cpu, memory = run([binary, "-q", str(sample.binary), "-o", f"{stem}.py", "--json", f"{stem}.json"])
    _, lifting, _ = run([binary, "lift", str(sample.binary)])
    return {"status": status, "cpu": cpu, "lifting": lifting, "memory": memory}


# ------------------------------------------------------------------------------------------ comparing

def crashed(function):
    """Whether the program itself fell on a function of a report, which then comes back as an outline."""
    return (function.get("reason") or "").startswith("internal error")


def compare(sample, folder, measured):
    """The figures of one module; the lists of what is wrong and why."""
    sys.setrecursionlimit(20000)
    output, report = folder / (sample.name + ".py"), folder / (sample.name + ".json")
    original = score.read(sample.original)
    result, failures = score.compare(original, score.read(output) if output.exists() else "(")
    rows = json.loads(report.read_text())["modules"] if report.exists() else []
    functions = rows[0]["functions"] if rows else []
    bodies = sum(1 for unit in score.units(score.parse(original)).values() if unit.kind != "def")
    bad = {name for name, why in failures if why == "body" or why.startswith("missing")}
    wrong = [f["name"] for f in functions if f["rung"] == "structured" and f["name"] in bad]
    figures = {
        "modules": 1, "units": result["units"], "found": result["found"], "signature": result["signature"],
        "bodies": result["exact"] - result["defs_exact"], "bodies_total": bodies,
        "defs": result["defs_exact"], "defs_total": result["defs"],
        "exact": result["exact"], "named": result["named"],
        "lines": result["lines"], "lines_total": result["lines_total"],
        "annotations": result["annot"], "annotations_total": result["annot_total"],
        "docstrings": result["doc"], "docstrings_total": result["doc_total"],
        "wrong": len(wrong), "unparsable": int(not result["parses"]),
        "crashed": int(measured["status"] != 0 or any(crashed(f) for f in functions)),
    }
    figures.update({rung: sum(f["rung"] == rung for f in functions) for rung in RUNGS})
    obstacles = [(f["reason"] or "?", f"{sample.name}: {f['name']}") for f in functions if f["rung"] != "structured"]
    return figures, [f"{sample.name}: {name}" for name in wrong], obstacles


def measure(name, fast, binary, keep, obstacles):
    """The figures of a set."""
    samples = corpus.samples(name, fast)
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(keep, name) if keep else pathlib.Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        with concurrent.futures.ThreadPoolExecutor(corpus.WORKERS) as pool:
            measured = list(pool.map(lambda sample: decompile(binary, sample, folder), samples))
        with concurrent.futures.ProcessPoolExecutor(corpus.WORKERS) as pool:
            compared = list(pool.map(compare, samples, [folder] * len(samples), measured))
    total = collections.Counter()
    wrong = []
    for figures, names, reasons in compared:
        total.update(figures)
        wrong += names
        for reason, example in reasons:
            obstacles[reason].append(f"{name}: {example}")
    result = {key: total[key] for key in compared[0][0]}
    result["cpu"] = round(sum(m["cpu"] for m in measured) / max(sum(m["lifting"] for m in measured), 0.01), 1)
    result["memory"] = round(max(m["memory"] for m in measured))
    result["wrong_names"] = wrong
    for sample, m in zip(samples, measured):
        if m["status"]:
            print(f"{name}: {sample.name}: exit status {m['status']}")
    return result


# ------------------------------------------------------------------------------------------- writing

def percent(part, whole):
    return f"{100 * part / whole:.1f} %" if whole else "–"


def table(sets):
    lines = ["| set | " + " | ".join(name for name, _ in SHARES) + " | structured / partial / outline | wrong | cpu | memory |",
             "|---" * (len(SHARES) + 5) + "|"]
    for name, f in sets.items():
        cells = [f"{name} ({f['modules']})"]
        cells += [f"{percent(f[part], f[whole])}" for part, whole in SHARES]
        cells += [" / ".join(str(f[rung]) for rung in RUNGS), str(f["wrong"]), f"{f['cpu']} ×", f"{f['memory']} MB"]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def obstacle_table(obstacles):
    lines = ["| functions | reason | example |", "|---|---|---|"]
    for row in obstacles:
        cells = [str(row["count"]), row["reason"], row["example"]]
        lines.append("| " + " | ".join(cell.replace("|", "\\|").replace("<", "&lt;") for cell in cells) + " |")
    return lines


def ranked(obstacles):
    """The most frequent reasons, with the first example of each."""
    rows = sorted(obstacles.items(), key=lambda item: (-len(item[1]), item[0]))
    return [{"reason": reason, "count": len(examples), "example": examples[0]} for reason, examples in rows[:OBSTACLES]]


def write(figures):
    FIGURES.write_text(json.dumps(figures, indent=1, sort_keys=False) + "\n")
    text = TABLE.read_text()
    if any(mark not in text for mark in MARKS):
        raise SystemExit("SCOREBOARD.md has lost the marks of the table")
    lines = [MARKS[0], ""]
    if "full" in figures:
        lines += table(figures["full"]) + ["", "What keeps functions from being structured, by frequency:", ""]
        lines += obstacle_table(figures["obstacles"])
    if "fast" in figures:
        lines += ["", "The part that continuous integration measures:", ""] + table(figures["fast"])
    lines += ["", MARKS[1]]
    before, rest = text.split(MARKS[0])
    TABLE.write_text(before + "\n".join(lines) + rest.split(MARKS[1])[1])


def show_changes(old, new):
    """Prints each figure that changed; whether one is worse."""
    worse = False
    for name, figures in new.items():
        known = old.get(name)
        if known is None:
            print(f"{name}: not measured before")
            continue
        for key, value in figures.items():
            before = known.get(key)
            if value == before or key in ("wrong_names", "cpu", "memory"):
                continue
            print(f"{name}: {key} {before} → {value}")
            if before is not None and key in [part for part, _ in SHARES] and value < before:
                worse = True
        for item in sorted(set(figures["wrong_names"]) - set(known.get("wrong_names", []))):
            print(f"{name}: newly wrong: {item}")
    return worse


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--fast", action="store_true", help="measure the small part")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a figure fell")
    parser.add_argument("--set", action="append", metavar="NAME", help="measure these sets only")
    parser.add_argument("--binary", default=str(ROOT / ".build/release/decython"))
    parser.add_argument("--keep", metavar="FOLDER", help="keep what is decompiled there")
    options = parser.parse_args()
    part = "fast" if options.fast else "full"
    names = options.set or corpus.sets(options.fast)
    committed = json.loads(FIGURES.read_text()) if FIGURES.exists() else {}
    obstacles = collections.defaultdict(list)
    measured = {}
    for name in names:
        try:
            measured[name] = measure(name, options.fast, options.binary, options.keep, obstacles)
        except corpus.Missing as error:
            print(f"{name} is missing: {error}", file=sys.stderr)
            return 2
        print("\n".join(table({name: measured[name]})[2:]), flush=True)
    worse = show_changes(committed.get(part, {}), measured)
    broken = any(f["crashed"] or f["unparsable"] for f in measured.values())
    measured = {name: figures for name, figures in measured.items() if name in corpus.sets()}
    if not options.check and measured:
        figures = dict(committed)
        figures[part] = {**committed.get(part, {}), **measured}
        if part == "full" and not options.set:
            figures["obstacles"] = ranked(obstacles)
        write(figures)
    return 1 if broken or (options.check and worse) else 0


if __name__ == "__main__":
    sys.exit(main())
