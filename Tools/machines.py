#!/usr/bin/env python3
"""Measures decython on the same sources compiled for several processors.

    machines.py [MACHINE]... [--binary PATH] [--headers FOLDER] [--modules FILE]

Modules of CPython's standard library are compiled by Cython 0.29.32 with `-O2 -fPIC` for CPython 3.8, as
the boards of printers have them, for x86-64 and for each MACHINE below; without any, for all whose
cross compiler is installed. Signatures and definitions that come back exactly are set beside those of
x86-64, with what keeps most of the others from being understood.

Headers are those of a CPython 3.8 for x86-64; for 32 bits, the widths in its `pyconfig.h` are changed.
Everything lands in ${XDG_CACHE_HOME:-~/.cache}/decython-corpus/sets/machine-NAME and is made once.

Exit status: 0; 1 if a module did not come out as a file that parses.
"""
import argparse
import collections
import concurrent.futures
import glob
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import corpus
import score

CYTHON = "0.29.32"
# The target's name in its compiler, the width of a pointer, and further flags.
MACHINES = {
    "x86_64": ("x86_64-linux-gnu", 64, ()),
    "mipsel": ("mipsel-linux-gnu", 32, ()),
    "aarch64": ("aarch64-linux-gnu", 64, ()),
    "armhf": ("arm-linux-gnueabihf", 32, ()),
    "i386": ("i686-linux-gnu", 32, ()),
    "mips64el": ("mips64el-linux-gnuabi64", 64, ()),
    "ppc64el": ("powerpc64le-linux-gnu", 64, ()),
    "riscv64": ("riscv64-linux-gnu", 64, ()),
}
MODULES = """
    asyncio/locks base64 cmd email/header fractions glob json/encoder poplib py_compile queue reprlib
    shlex sunau urllib/robotparser wave
    """.split()
WORDS = ("LONG", "SIZE_T", "VOID_P", "UINTPTR_T", "TIME_T", "PTHREAD_T")


def headers(folder, bits):
    """CPython's headers for a width of pointers."""
    source = folder or next(iter(sorted(glob.glob(
        os.path.expanduser("~/.pyenv/versions/3.8.*/include/python3.8")))), "/usr/include/python3.8")
    if not (pathlib.Path(source) / "Python.h").exists():
        raise corpus.Missing("no headers of CPython 3.8; name their folder with --headers")
    target = corpus.CACHE / f"python3.8-{bits}"
    if not target.exists():
        part = target.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        shutil.copytree(source, part)
        text = (part / "pyconfig.h").read_text()
        # What belongs to x86-64 alone.
        text = re.sub(r".*(HAVE_GCC_ASM_FOR_X(64|87)|VA_LIST_IS_ARRAY).*", "", text)
        if bits == 32:
            text = re.sub(r"(#define SIZEOF_(%s)) 8" % "|".join(WORDS), r"\1 4", text)
            text = re.sub(r"(#define SIZEOF_LONG_DOUBLE) 16", r"\1 8", text)
            text = re.sub(r".*HAVE_GCC_UINT128_T.*", "", text)
        (part / "pyconfig.h").write_text(text)
        part.replace(target)
    return target


def build(machine, module, include):
    """A stripped module, and its source beside it."""
    triple, _, flags = MACHINES[machine]
    folder = corpus.CACHE / "sets" / f"machine-{machine}"
    folder.mkdir(parents=True, exist_ok=True)
    sample = corpus.Sample(folder, module.replace("/", "."))
    if sample.binary.exists() and sample.original.exists():
        return sample
    library, _ = corpus._paths()
    source = pathlib.Path(library) / (module + ".py")
    clean = {key: value for key, value in os.environ.items()
             if key not in ("CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH", "LIBRARY_PATH", "CFLAGS")}
    with tempfile.TemporaryDirectory() as temporary:
        c, binary = os.path.join(temporary, sample.name + ".c"), os.path.join(temporary, "module.so")
        corpus._run([str(corpus.cython(CYTHON)), "-3", "-o", c, str(source)])
        corpus._run([triple + "-gcc", "-O2", "-fPIC", "-shared", "-fwrapv", "-DNDEBUG", "-w", *flags,
                     f"-I{include}", c, "-o", binary], env=clean)
        corpus._run([triple + "-strip", "-s", binary])
        shutil.copyfile(source, sample.original)
        shutil.copyfile(binary, sample.binary)
    return sample


def measure(sample, binary):
    """Figures of one module, and why its functions are not understood."""
    with tempfile.TemporaryDirectory() as temporary:
        output, report = os.path.join(temporary, "out.py"), os.path.join(temporary, "out.json")
        subprocess.run([binary, str(sample.binary), "-o", output, "--json", report],
                       capture_output=True, timeout=600, check=False)
        recovered = score.read(output) if os.path.exists(output) else "("
        figures, _ = score.compare(score.read(str(sample.original)), recovered)
        reasons = collections.Counter()
        if os.path.exists(report):
            with open(report, encoding="utf-8") as file:
                for function in json.load(file)["modules"][0]["functions"]:
                    if function["rung"] != "structured":
                        reasons[function.get("reason") or "?"] += 1
    return figures, reasons


def main():
    sys.setrecursionlimit(20_000)
    parser = argparse.ArgumentParser(description="Measures decython by processor.")
    parser.add_argument("machines", nargs="*", metavar="MACHINE")
    parser.add_argument("--binary", default=str(corpus.ROOT / ".build" / "release" / "decython"))
    parser.add_argument("--headers", help="the headers of a CPython 3.8 for x86-64")
    parser.add_argument("--modules", help="a file with other modules of the standard library")
    options = parser.parse_args()
    modules = pathlib.Path(options.modules).read_text().split() if options.modules else MODULES
    wanted = options.machines or [m for m in MACHINES if shutil.which(MACHINES[m][0] + "-gcc")]
    failed = False
    for machine in dict.fromkeys(["x86_64", *wanted]):
        include = headers(options.headers, MACHINES[machine][1])
        total, reasons = collections.Counter(), collections.Counter()
        with concurrent.futures.ThreadPoolExecutor(corpus.WORKERS) as pool:
            samples = list(pool.map(lambda m: build(machine, m, include), modules))
            for figures, why in pool.map(lambda s: measure(s, options.binary), samples):
                failed = failed or not figures["parses"]
                total.update({k: v for k, v in figures.items() if type(v) is int})
                reasons += why
        share = {name: "%.1f %%" % (100 * total[part] / max(1, total[whole])) for name, part, whole in (
            ("found", "found", "units"), ("signatures", "signature", "units"),
            ("defs exact", "defs_exact", "defs"), ("lines", "lines", "lines_total"))}
        print(f"{machine:9}", *(f"{name} {value:8}" for name, value in share.items()))
        for reason, count in reasons.most_common(3):
            print(f"{count:12} {reason}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
