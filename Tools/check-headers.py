#!/usr/bin/env python3
"""Compares the fields of `decython header` with the real headers' `offsetof` and `sizeof`.

Usage: check-headers.py PROGRAM [VERSION=INCLUDE-FOLDER ...]

Without folders, those of the Pythons that pyenv and the system have are taken. Structures of Cython
are compared with Cython's own templates where a virtual environment `cy-VERSION` of the corpus has them.
"""
import glob
import os
import re
import subprocess
import sys
import tempfile

# What the real headers need, and which of our names they call otherwise.
PREFIX = """
#include <Python.h>
#include <structmember.h>
#include <frameobject.h>
"""
RENAMED = {"PyUnicodeObject.data": None, "PyASCIIObject.state": None, "PyThreadState._status": None,
           "PyLongObject.lv_tag": "long_value.lv_tag", "PyLongObject.ob_digit": None,
           "PySliceObject.start": "start"}


def fields(header):
    """Structures with the names of their fields, as our header has them."""
    result = {}
    text = re.sub(r"/\*.*?\*/", "", header, flags=re.S)
    for match in re.finditer(
            r"(?:typedef struct(?: \w+)?|struct (\w+)) \{\n(.*?)\n\} ?(\w*);", text, flags=re.S):
        name = match.group(3) or {"_object": "PyObject", "_typeobject": "PyTypeObject"}.get(match.group(1))
        if not name:
            continue
        names = []
        for line in match.group(2).split("\n"):
            line = line.strip().rstrip(";")
            if not line:
                continue
            pointer = re.search(r"\(\*(\w+)\)", line)
            if pointer:
                names.append(pointer.group(1))
                continue
            if line.startswith("struct {"):
                names.append(line.split()[-1])
                continue
            for part in line.split(","):
                names.append(re.search(r"(\w+)(\[\d+\])?$", part.strip()).group(1))
        result[name] = names
    return result


def offsets(prefix, options, wanted, folder):
    """The offsets that a compiler has for fields; None for those that it does not know."""
    # Fields that a header does not have are found one by one.
    rows = []
    known = {}
    source = os.path.join(folder, "probe.c")
    for structure, field in wanted:
        rows.append(f"{structure}.{field}")
    pending = list(wanted)
    while True:
        with open(source, "w", encoding="utf-8") as file:
            file.write(prefix + "\n#include <stddef.h>\n#include <stdio.h>\nint main(void) {\n")
            for number, (structure, field) in enumerate(pending):
                expression = f"sizeof({structure})" if field == "sizeof" else f"offsetof({structure}, {field})"
                file.write(f'#line {number + 100000}\nprintf("%zu\\n", (size_t) {expression});\n')
            file.write("return 0; }\n")
        made = subprocess.run(
            ["gcc", "-w", *options, source, "-o", source + ".out"], capture_output=True, text=True)
        if made.returncode == 0:
            break
        bad = {int(number) - 100000 for number in re.findall(r":(\d{6}):\d+: error", made.stderr)}
        bad |= {int(number) - 100000 for number in re.findall(r":(\d{6}): error", made.stderr)}
        if not bad:
            raise SystemExit(made.stderr[:2000])
        for number in sorted(bad, reverse=True):
            known[pending.pop(number)] = None
    values = subprocess.run([source + ".out"], capture_output=True, text=True, check=True).stdout.split()
    known.update(zip(pending, map(int, values)))
    return known


def compare(program, version, include, folder):
    header = subprocess.run(
        [program, "header", "--python", version, "--cython", "3.0"], capture_output=True, text=True,
        check=True).stdout
    ours_path = os.path.join(folder, "ours.h")
    with open(ours_path, "w", encoding="utf-8") as file:
        file.write(header)
    structures = {k: v for k, v in fields(header).items() if not k.startswith("__")}
    wanted = [(s, f) for s, names in structures.items() for f in names]
    wanted += [(s, "sizeof") for s in structures if s != "PyThreadState"]
    ours = offsets('#include "ours.h"', ["-I", folder], wanted, folder)
    theirs_names = {}
    for structure, field in wanted:
        new = RENAMED.get(f"{structure}.{field}", field)
        if structure == "PyLongObject" and version < "3.12" and field != "lv_tag":
            new = field
        if new is not None:
            theirs_names[(structure, new)] = (structure, field)
    real = offsets(PREFIX, ["-I", include], list(theirs_names), folder)
    equal, unknown, wrong = 0, [], []
    for (structure, new), key in theirs_names.items():
        value = real[(structure, new)]
        if value is None:
            unknown.append(".".join(key))
        elif value == ours[key]:
            equal += 1
        else:
            wrong.append(f"{'.'.join(key)}: {ours[key]} instead of {value}")
    print(f"CPython {version}: {equal} places equal, {len(wrong)} wrong; "
          f"not in the public headers: {', '.join(sorted(unknown)) or 'none'}")
    for row in wrong:
        print("  WRONG", row)
    return not wrong


def compare_cython(program, cython, folder):
    """Compares Cython's structures with those in C that Cython writes, for the Python it runs in."""
    version = re.search(r"cy-([\d.]+)/", cython).group(1)
    python = os.path.join(os.path.dirname(cython), "python")
    run = "import sys, sysconfig; print('%d.%d' % sys.version_info[:2], sysconfig.get_paths()['include'])"
    number, include = subprocess.run(
        [python, "-c", run], capture_output=True, text=True, check=True).stdout.split()
    source = os.path.join(folder, "sample.py")
    with open(source, "w", encoding="utf-8") as file:
        file.write("def f(x):\n    def g(): yield x\n    return g\n")
    made = source[:-3] + ".c"
    subprocess.run([cython, "-3", source, "-o", made], capture_output=True, check=True)
    header = subprocess.run(
        [program, "header", "--python", number, "--cython", version], capture_output=True, text=True,
        check=True).stdout
    with open(os.path.join(folder, "ours.h"), "w", encoding="utf-8") as file:
        file.write(header)
    wanted = [(s, f) for s, names in fields(header).items() if s.startswith("__p") or s.startswith("__P")
              for f in names]
    ours = offsets('#include "ours.h"', ["-I", folder], wanted, folder)
    # Three fields of the generator's exception stand in a structure of their own.
    inner = {"exc_type", "exc_value", "exc_traceback", "previous_item"}
    with open(made, "a", encoding="utf-8") as file:
        file.write("\n#include <stddef.h>\n")
        for structure, field in wanted:
            place = "gi_exc_state." + field if "Coroutine" in structure and field in inner else field
            file.write(f"_Static_assert(offsetof({structure}, {place}) == {ours[structure, field]}, "
                       f'"{structure}.{field}");\n')
    checked = subprocess.run(
        ["gcc", "-fsyntax-only", "-w", "-I", include, made], capture_output=True, text=True)
    wrong = re.findall(r"error: (.*)", checked.stderr)
    print(f"Cython {version}, CPython {number}: {len(wanted)} places compared, {len(wrong)} wrong")
    for row in wrong:
        print("  WRONG", row)
    return not wrong


def main():
    program = os.path.abspath(sys.argv[1])
    found = dict(argument.split("=", 1) for argument in sys.argv[2:])
    if not found:
        for path in glob.glob(os.path.expanduser("~/.pyenv/versions/3.*/include/python3.*")) + \
                glob.glob("/usr/include/python3.*"):
            version = re.search(r"python(3\.\d+)m?$", path)
            if version and os.path.exists(os.path.join(path, "Python.h")):
                found[version.group(1)] = path
    good = bool(found)
    with tempfile.TemporaryDirectory() as folder:
        for version in sorted(found, key=lambda v: int(v.split(".")[1])):
            good = compare(program, version, found[version], folder) and good
        for cython in sorted(glob.glob(os.path.expanduser("~/.cache/decython-corpus/cy-*/bin/cython"))):
            good = compare_cython(program, cython, folder) and good
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
