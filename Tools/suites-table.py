#!/usr/bin/env python3
"""Sets what `suites.py --json` wrote for several sets side by side, as Markdown.

    suites-table.py NAME=RESULT.json... > docs/SUITES.md
"""
import json
import pathlib
import sys

HEAD = """# Suites of the originals

Made by `Tools/suites-table.py` of what `Tools/suites.py` measured; do not edit. The tests are CPython's and
pydantic's own. *Recovered* counts the tests that pass with the recovered files in place of the modules, as they
are: CPython's for one module at a time, pydantic's for all modules at once. *Hybrid* counts those that pass with
the originals of which every function that is graded structured was replaced by the recovered one. A function is
*wrong* if putting the original back makes tests pass; *reached* are the replaced functions that tests call.
Functions inside others count with the outermost one, and stay where one inside them is of a lower rung.

| set | tests | recovered | hybrid | functions | replaced | reached | wrong | modules that pass whole |
|---|---|---|---|---|---|---|---|---|
"""


def main():
    sets = [(name, json.loads(pathlib.Path(path).read_text())) for name, path in
            (argument.split("=", 1) for argument in sys.argv[1:])]
    print(HEAD, end="")
    for name, rows in sets:
        rows = [row for row in rows if row["tests"]]
        columns = [sum(row[key] for row in rows)
                   for key in ("tests", "recovered", "hybrid", "functions", "replaced", "reached")]
        whole = sum(row["tests"] == row["recovered"] for row in rows)
        wrong = sum(len(row["wrong"]) for row in rows)
        print("|", " | ".join(map(str, [name, *columns, wrong, f"{whole} of {len(rows)}"])), "|")
    print("\n## Wrong functions\n")
    found = [(name, functions, tests) for name, rows in sets for row in rows for functions, tests in row["wrong"]]
    for name, functions, tests in found:
        print(f"- {name} `{' '.join(functions)}`: {len(tests)} tests, as `{tests[0] if tests else '?'}`")
    if not found:
        print("None.")
    print("\n## Recovered modules as they are\n\nTests that pass, of those that pass with the original.\n")
    print("| module |", " | ".join(name for name, _ in sets), "|\n|---" * 1 + "|---" * len(sets) + "|")
    cells = {}
    for name, rows in sets:
        for row in rows:
            if row["tests"]:
                module = row["modules"][0] if len(row["modules"]) == 1 else "all together"
                cells.setdefault(module, {})[name] = f"{row['recovered']}/{row['tests']}"
    for module in sorted(cells):
        print("|", module, "|", " | ".join(cells[module].get(name, "") for name, _ in sets), "|")


if __name__ == "__main__":
    main()
