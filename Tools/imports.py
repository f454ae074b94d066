#!/usr/bin/env python3
"""Which recovered modules of the standard library can be imported?

    imports.py FOLDER... [--originals FOLDER]

Each FOLDER holds NAME.py files, named as the modules are (`email.header.py`). Every file is run in a
sandbox (bubblewrap) as the module of its name, by the interpreter that runs this; what it raises is
printed. With --originals, files are left out whose originals cannot be imported here either.
Exit status: 0 when all can be imported, 1 when one cannot, 2 without bubblewrap.
"""
import argparse
import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys

LOADER = """
import importlib.util, sys
path, name = sys.argv[1:3]
sys.argv = [path]
is_package = name.endswith(".__init__")
name = name.removesuffix(".__init__")
if "." in name:
    __import__(name.rpartition(".")[0])
sys.modules.pop(name, None)
places = [path.rpartition("/")[0]] if is_package else None
spec = importlib.util.spec_from_file_location(name, path, submodule_search_locations=places)
module = importlib.util.module_from_spec(spec)
sys.modules[name] = module
spec.loader.exec_module(module)
"""


def attempt(path):
    """What importing a file raises, in one line; nothing if it can be imported."""
    command = ["bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/run", "--unshare-all",
               "--die-with-parent", sys.executable, "-B", "-c", LOADER, str(path.resolve()), path.stem]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return "it does not end"
    if done.returncode == 0:
        return ""
    lines = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
    place = [line.strip() for line in lines if str(path.name) in line][-1:]
    return " ".join([lines[-1], *place])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folders", nargs="+", type=pathlib.Path)
    parser.add_argument("--originals", type=pathlib.Path)
    options = parser.parse_args()
    if shutil.which("bwrap") is None:
        print("bubblewrap is missing: nothing is imported outside of a sandbox", file=sys.stderr)
        return 2
    failed = count = 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for folder in options.folders:
            paths = sorted(folder.glob("*.py"))
            if options.originals:
                there = [options.originals / path.name for path in paths]
                paths = [p for p, why in zip(paths, pool.map(attempt, there)) if not why]
            for path, why in zip(paths, pool.map(attempt, paths)):
                count += 1
                if why:
                    failed += 1
                    print(f"{folder.name} {path.stem}: {why}", flush=True)
    print(f"{count - failed} of {count} can be imported")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
