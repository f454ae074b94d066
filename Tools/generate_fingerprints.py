#!/usr/bin/env python3
"""Adds the helpers of modules with a symbol table to the table of fingerprints.

usage: generate_fingerprints.py DECYTHON MODULE.so...

A fingerprint stands for what a helper touches, so that every CPython, compiler and processor adds
some. One that two helpers share, or that stands for a single feature, tells nothing.
"""
import collections
import pathlib
import subprocess
import sys

TABLE = (
    pathlib.Path(__file__).parent.parent
    / "Sources/RuntimeModel/Generated/HelperFingerprints.swift"
)


def main(decython, modules):
    lines = TABLE.read_text().split("\n")
    first = next(i for i, line in enumerate(lines) if line.endswith('"""')) + 1
    last = next(i for i, line in enumerate(lines) if line.strip() == '"""')
    rows = collections.defaultdict(set)
    for line in lines[first:last]:
        name, *values = line.split()
        rows[name].update(values)
    known = {value for values in rows.values() for value in values}
    helpers = {part for name in rows for part in name.split("|")}
    found = collections.defaultdict(set)
    for module in modules:
        run = subprocess.run([decython, "fingerprints", module], capture_output=True, text=True)
        for line in run.stdout.splitlines():
            name, value, count = line.split()
            if int(count) > 2:
                found[value].add(name)
    for value, names in found.items():
        if value not in known and len(names) == 1 and names <= helpers:
            rows[names.pop()].add(value)
    text = []
    for name in sorted(rows):
        values = sorted(rows[name])
        line = name
        for value in values:
            if line != name and len(line) + len(value) + 5 > 100:
                text.append("    " + line)
                line = name
            line += " " + value
        text.append("    " + line)
    TABLE.write_text("\n".join(lines[:first] + text + lines[last:]))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
