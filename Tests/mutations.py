#!/usr/bin/env python3
"""Damages modules of every Cython family and checks that decython takes it.

    mutations.py PROGRAM [--count N] [--seed N] [--keep FOLDER] [--start N]

Each case changes one byte, a few, or many of a small module, in the headers half of the time, and
runs the program on it. It must end by itself, in time, with a documented exit code, with one line on
standard error at most, and leave a file that parses or none. Cases depend on the seed alone.
"""
import argparse
import ast
import concurrent.futures
import pathlib
import random
import re
import resource
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "Tools"))
import corpus  # noqa: E402

DOCUMENTED = {0, 10, 11, 12, 13, 14, 15}
# A function that crashed in a worker is reported with this reason.
CRASH = re.compile(r"internal error|took too long")
# Seconds of a processor's time, so that a busy machine changes nothing; the clock is the last fuse.
CPU_LIMIT = 60
TIMEOUT = 900
HEADERS = 4096


def modules():
    """Fixtures, and one small module of each Cython family."""
    found = sorted((ROOT / "Tests" / "Fixtures").glob("*.so")) + sorted((ROOT / "Examples").glob("*.so"))
    for version in corpus.CYTHONS:
        names = {sample.name: sample.binary for sample in corpus.samples("stdlib-" + version, fast=True)}
        found += [names["token"], names["queue"]]
    return found


def mutate(content, generator):
    """A damaged copy."""
    changed = bytearray(content)
    kind = generator.choice(("byte", "byte", "few", "many", "cut", "copy"))
    if kind == "cut":
        return bytes(changed[:generator.randrange(len(changed))])
    if kind == "copy":
        size = generator.choice((8, 64, 512))
        source, target = generator.randrange(len(changed)), generator.randrange(len(changed))
        changed[target:target + size] = changed[source:source + size]
        return bytes(changed)
    limit = HEADERS if generator.random() < 0.5 else len(changed)
    for _ in range({"byte": 1, "few": 4, "many": 64}[kind]):
        changed[generator.randrange(limit)] = generator.choice((0, 1, 0x7F, 0x80, 0xFF, generator.randrange(256)))
    return bytes(changed)


def check(program, path, number, seed, keep):
    """Runs one case; what is wrong with it, or nothing."""
    content = mutate(path.read_bytes(), random.Random(f"{seed}/{number}"))
    with tempfile.TemporaryDirectory() as folder:
        name = path.name if "cpython" in path.name else path.stem + ".cpython-311-x86_64-linux-gnu.so"
        module, output = pathlib.Path(folder, name), pathlib.Path(folder, "out.py")
        module.write_bytes(content)
        problem = run(program, module, output)
        if problem and keep:
            kept = pathlib.Path(keep, f"{number}-{name}")
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_bytes(content)
    return f"case {number}, {path.name} of {path.parent.name}: {problem}" if problem else None


def run(program, module, output):
    try:
        done = subprocess.run([program, "-q", "--timeout-per-function", "800", str(module), "-o", str(output)], capture_output=True,
                              text=True, errors="replace", timeout=TIMEOUT,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (CPU_LIMIT, CPU_LIMIT)))
    except subprocess.TimeoutExpired:
        return "hangs"
    if done.returncode not in DOCUMENTED:
        return f"exit status {done.returncode}: {done.stderr.strip()[:300]}"
    if len(done.stderr.splitlines()) > 1:
        return f"says too much: {done.stderr[:300]}"
    if output.exists() != (done.returncode == 0):
        return f"exit status {done.returncode}, and the file is {'there' if output.exists() else 'missing'}"
    if output.exists():
        text = output.read_text(encoding="utf-8")
        crash = CRASH.search(text)
        if crash:
            return f"a function crashed: {text[crash.start() - 40:crash.end() + 100]!r}"
        try:
            ast.parse(text)
        except (SyntaxError, ValueError) as error:
            return f"does not parse: {error}"
        except RecursionError:
            return "is nested too deeply"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program")
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--start", type=int, default=0, help="the number of the first case")
    parser.add_argument("--keep", metavar="FOLDER", help="keep the modules of cases that fail")
    options = parser.parse_args()
    paths = modules()
    problems = []
    with concurrent.futures.ThreadPoolExecutor(corpus.WORKERS) as pool:
        jobs = [pool.submit(check, options.program, paths[number % len(paths)], number, options.seed, options.keep)
                for number in range(options.start, options.start + options.count)]
        for job in jobs:
            if job.result():
                problems.append(job.result())
                print(problems[-1], flush=True)
    print(f"{options.count} damaged modules, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
