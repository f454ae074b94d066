"""Fetches and builds the development modules that the scoreboard measures.

A set is a folder of stripped extension modules, each beside the source it was compiled from. Three
kinds are known: wheels that carry both, modules of CPython's standard library that are compiled
here, and modules of random functions (fuzz.py), which the scoreboard measures when asked for by name.
Everything lands in ${XDG_CACHE_HOME:-~/.cache}/decython-corpus and is made once.
"""
import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import zipfile

import fuzz

ROOT = pathlib.Path(__file__).resolve().parent.parent
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "decython-corpus"
WORKERS = 2

CYTHONS = ("0.29.37", "3.0.12", "3.1.8", "3.2.9", "3.3.1")
# Version of pydantic, version of CPython and ABI tag of its wheel.
WHEELS = (("1.8.2", "3.6.9", "cp36m"), ("1.10.18", "311", "cp311"), ("1.10.26", "311", "cp311"))

# Small enough to be fetched and compiled within three minutes on two cores.
FAST_MODULES = ("cmd", "queue", "reprlib", "shlex", "token")
FAST_WHEELS = ("1.10.18", "1.10.26")
FAST_FUZZ = 4


class Missing(Exception):
    """A part of the corpus that could not be fetched or built."""


class Sample:
    """A stripped module and its source."""

    def __init__(self, folder, name, suffix=".so"):
        self.name = name
        self.binary = folder / (name + suffix)
        self.original = folder / (name + ".py")


def sets(fast=False):
    """Names of the sets, in the order of the scoreboard."""
    wheels = ["pydantic-" + version for version, _, _ in WHEELS]
    if fast:
        wheels = ["pydantic-" + version for version in FAST_WHEELS]
    return wheels + ["stdlib-" + version for version in CYTHONS]


def samples(name, fast=False):
    """The modules of a set, fetched or built where they are missing."""
    kind, version = name.split("-", 1)
    folder = CACHE / "sets" / name
    folder.mkdir(parents=True, exist_ok=True)
    if kind == "pydantic":
        return _from_wheel(version, folder)
    if version not in CYTHONS:
        raise Missing("no Cython %s is known" % version)
    if kind == "fuzz":
        return _generated(version, folder, FAST_FUZZ if fast else fuzz.MODULES)
    modules = list(FAST_MODULES) if fast else _standard_library()
    return _compiled(version, folder, modules)


def _run(command, **options):
    try:
        done = subprocess.run(command, capture_output=True, text=True, **options)
    except OSError as error:
        raise Missing("%s: %s" % (command[0], error)) from error
    if done.returncode:
        raise Missing("%s failed: %s" % (" ".join(map(str, command[:3])), done.stderr.strip()[-400:]))


def _strip(source, target):
    """Writes a stripped copy, whole or not at all."""
    part = target.with_suffix(".part")
    _run(["strip", "-s", "-o", str(part), str(source)])
    part.replace(target)


# ------------------------------------------------------------------------------------------ wheels

def _from_wheel(version, folder):
    done = folder / "with-tags"
    if not done.exists():
        _, python, abi = next(row for row in WHEELS if row[0] == version)
        with tempfile.TemporaryDirectory() as temporary:
            _run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:",
                  "--implementation", "cp", "--python-version", python, "--abi", abi,
                  "--platform", "manylinux2014_x86_64", "--dest", temporary, "pydantic==" + version])
            wheels = list(pathlib.Path(temporary).glob("*.whl"))
            if len(wheels) != 1:
                raise Missing("no wheel of pydantic " + version)
            _unpack(wheels[0], folder, pathlib.Path(temporary))
        done.touch()
    files = sorted(file.name for file in folder.glob("*.cpython-*.so"))
    if len(files) < 20:
        raise Missing("%s holds %d modules only" % (folder, len(files)))
    names = [(file.partition(".cpython-")[0], file) for file in files]
    return [Sample(folder, name, file[len(name):]) for name, file in names]


def _unpack(wheel, folder, temporary):
    with zipfile.ZipFile(wheel) as archive:
        members = set(archive.namelist())
        for member in sorted(members):
            source = member.split(".")[0] + ".py"
            if not member.endswith(".so") or source not in members:
                continue
            name = source[:-3].partition("/")[2].replace("/", ".")
            tag = pathlib.Path(member).name.partition(".")[2]
            (folder / (name + ".py")).write_bytes(archive.read(source))
            raw = temporary / (name + ".so")
            raw.write_bytes(archive.read(member))
            _strip(raw, folder / (name + "." + tag))


# -------------------------------------------------------------------------------- standard library

def _standard_library():
    return (ROOT / "Tools" / "Corpus" / "standard-library.txt").read_text().split()


def python():
    """The CPython 3.11 whose standard library and headers are used."""
    if sys.version_info[:2] == (3, 11):
        return sys.executable
    found = shutil.which("python3.11")
    if not found:
        raise Missing("CPython 3.11 is needed to build the standard library's modules")
    return found


def _paths():
    if sys.version_info[:2] == (3, 11):
        return sysconfig.get_path("stdlib"), sysconfig.get_path("include")
    query = "import sysconfig as s; print(s.get_path('stdlib')); print(s.get_path('include'))"
    return subprocess.check_output([python(), "-c", query], text=True).split()


def cython(version):
    """A Cython of a version, in a virtual environment of its own."""
    home = CACHE / ("cy-" + version)
    program = home / "bin" / "cython"
    if not program.exists():
        _run([python(), "-m", "venv", str(home)])
        _run([str(home / "bin" / "pip"), "--quiet", "install", "cython==" + version, "setuptools"])
    return program


def _compiled(version, folder, modules, library=None):
    """Modules of a folder of sources, the standard library's unless told."""
    wanted = [(module, module.replace("/", ".")) for module in modules]
    missing = [(m, n) for m, n in wanted if not (folder / (n + ".so")).exists()]
    if missing:
        standard, include = _paths()
        library = library or standard
        if not (pathlib.Path(include) / "Python.h").exists():
            raise Missing("Python.h is missing: install the development files of CPython 3.11")
        program = cython(version)
        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            jobs = [pool.submit(_compile, program, pathlib.Path(library) / (m + ".py"), include, folder, n)
                    for m, n in missing]
            for job in jobs:
                job.result()
    return [Sample(folder, name) for _, name in wanted]


def _generated(version, folder, count):
    """Modules of random functions; one that the generator writes otherwise now is made again."""
    texts = fuzz.modules(count, family="0.29" if version.startswith("0.29") else "3")
    for name, text in texts.items():
        known = folder / (name + ".py")
        if not known.exists() or known.read_text(encoding="utf-8") != text:
            (folder / (name + ".so")).unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        for name, text in texts.items():
            pathlib.Path(temporary, name + ".py").write_text(text, encoding="utf-8")
        return _compiled(version, folder, list(texts), temporary)


def _compile(program, source, include, folder, name):
    with tempfile.TemporaryDirectory() as temporary:
        c, binary = os.path.join(temporary, name + ".c"), os.path.join(temporary, name + ".so")
        _run([str(program), "-3", "-o", c, str(source)])
        _run(["gcc", "-O2", "-fPIC", "-shared", "-fwrapv", "-DNDEBUG", "-w", "-I" + include, c, "-o", binary],
             env={key: value for key, value in os.environ.items()
                  if key not in ("CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH", "LIBRARY_PATH", "CFLAGS")})
        shutil.copyfile(source, folder / (name + ".py"))
        _strip(binary, folder / (name + ".so"))
