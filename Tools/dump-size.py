#!/usr/bin/env python3
"""Compares the length of `decython dump` with the C that angr writes for the same functions.

    dump-size.py PROGRAM MODULE... [--timeout SECONDS] [--json FILE]

For every function of a module, counts the lines of the dump's C and those that angr's decompiler writes of the
machine's function around it; blank lines and lines that are nothing but a comment do not count. What angr
does not finish within the time, or has no function for, counts on neither side and is listed. Every file
of the dump must pass `clang -fsyntax-only`.

Needs angr 9.2.213 with pycparser 3.0 and bitstring below 4.3 (later ones break it):

    pip install angr==9.2.213 pycparser==3.0 'bitstring<4.3'

Exit status: 0 done; 1 a file of the dump is not C; 2 a module could not be read.
"""
import argparse
import json
import logging
import os
import pathlib
import select
import shutil
import signal
import subprocess
import sys
import tempfile


def lines_of(text):
    """How many lines of C there are; a number at the left, in a comment of its own, makes none a comment."""
    lines = (line.strip() for line in text.splitlines())
    return sum(1 for line in lines
               if line and not line.startswith("#include") and not (line.startswith("/*") and line.endswith("*/")))


def dumped(program, module, folder):
    """The functions of the dump: rows of its index, with the lines of each; and whether all is C."""
    subprocess.run([program, "dump", module, "-o", folder], check=True, capture_output=True)
    rows = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    for row in rows:
        row["lines"] = lines_of((folder / row["file"]).read_text(encoding="utf-8"))
    checked = subprocess.run(["clang", "-fsyntax-only", *sorted(map(str, folder.glob("*.c")))],
                             capture_output=True, text=True)
    if checked.returncode:
        print(checked.stderr, file=sys.stderr)
    return rows, checked.returncode == 0


class Baseline:
    """angr's decompiler on a module."""

    def __init__(self, module, starts):
        import angr
        logging.disable(logging.CRITICAL)
        self.project = angr.Project(module, auto_load_libs=False)
        main = self.project.loader.main_object
        self.offset = main.mapped_base - main.linked_base
        # Tables of methods alone lead to most functions.
        self.cfg = self.project.analyses.CFGFast(
            normalize=True, data_references=True, function_starts=[start + self.offset for start in starts])

    def owner(self, address):
        """The start of the machine's function around an address: bodies often lie in what calls them."""
        node = self.cfg.model.get_any_node(address + self.offset, anyaddr=True)
        return node.function_address if node else None

    def lines(self, start, timeout):
        """The lines of a function's C, or nothing, and the reason."""
        # A process of its own: angr passes over exceptions, so that nothing else stops it.
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.write(writer, json.dumps(self.decompiled(start)).encode())
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader, "rb") as answer:
            is_done = select.select([answer], [], [], timeout)[0]
            text = answer.read() if is_done else b""
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        if not is_done:
            return None, "angr takes more than %d s" % timeout
        return json.loads(text) if text else (None, "angr crashed")

    def decompiled(self, start):
        try:
            function = self.cfg.kb.functions.get_by_addr(start)
            decompiler = self.project.analyses.Decompiler(function, cfg=self.cfg.model)
        except Exception as error:  # angr fails in many ways; which one is told.
            return None, "angr failed: " + type(error).__name__
        text = decompiler.codegen.text if decompiler.codegen else None
        return (lines_of(text), None) if text else (None, "angr wrote nothing")


def starts(program, module):
    """Where the machine's functions start that belong to the module itself."""
    document = subprocess.run([program, "export", module, "--to", "json", "-o", "-"], check=True, capture_output=True)
    return [row["address"] for row in json.loads(document.stdout)["functions"] if row["kind"] == "function"]


def measure(program, module, timeout):
    """The sums for a module, by the machine's functions."""
    with tempfile.TemporaryDirectory() as folder:
        rows, is_c = dumped(program, module, pathlib.Path(folder))
        # angr keeps a file beside what it reads.
        baseline = Baseline(shutil.copy(module, folder), starts(program, module))
        groups = {}
        for row in rows:
            groups.setdefault(baseline.owner(row["address"]), []).append(row)
        compared, left_out = [], []
        for start, group in groups.items():
            lines, reason = baseline.lines(start, timeout) if start else (None, "angr finds no function")
            entry = [" ".join(row["function"] for row in group), sum(row["lines"] for row in group)]
            if lines is None:
                left_out.append(entry + [len(group), reason])
            else:
                compared.append(entry + [len(group), lines])
    return {"module": pathlib.Path(module).name, "is_c": is_c, "functions": len(rows),
            "covered": sum(row[2] for row in compared), "dump": sum(row[1] for row in compared),
            "angr": sum(row[3] for row in compared), "compared": compared, "left_out": left_out}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program")
    parser.add_argument("modules", nargs="+")
    parser.add_argument("--timeout", type=int, default=300, help="seconds for a function of angr's")
    parser.add_argument("--json", help="where the figures of every function go")
    options = parser.parse_args()
    results = []
    for module in options.modules:
        try:
            results.append(measure(options.program, module, options.timeout))
        except (OSError, subprocess.CalledProcessError) as error:
            print("%s: %s" % (module, error), file=sys.stderr)
            return 2
        last = results[-1]
        print("%s: %d of %d functions compared; %d of %d lines, %.1f %%; C: %s" % (
            last["module"], last["covered"], last["functions"], last["dump"], last["angr"],
            100 * last["dump"] / max(last["angr"], 1), "yes" if last["is_c"] else "NO"), flush=True)
        if options.json:
            pathlib.Path(options.json).write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    return 0 if all(result["is_c"] for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
