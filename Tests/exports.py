#!/usr/bin/env python3
"""Tests of `export --to pe` and `--to dsym`, by tools that read what they write.

Usage: exports.py PROGRAM

llvm-nm, llvm-symbolizer, objdump and gdb must be there, and LIEF in .deps/test: `make test-deps`. The Mach-O
modules come out of pinned wheels, which are fetched once into ${XDG_CACHE_HOME:-~/.cache}/decython-tests.
"""
import glob
import os
import pathlib
import plistlib
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
import zipfile

from analysts import MODULE, ROOT, Exports, load, run

WINDOWS = os.path.join(ROOT, "Tests", "Fixtures", "machines.cp311-win_amd64.pyd")
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "decython-tests"
# One for a single processor without symbols, one for two with symbols.
WHEELS = [("pydantic==1.10.26", "macosx_11_0_arm64", "pydantic/parse.cpython-311-darwin.so"),
          ("propcache==0.3.2", "macosx_10_9_universal2", "propcache/_helpers_c.cpython-311-darwin.so")]
ARCHITECTURES = {"x86-64": "x86_64", "aarch64": "arm64"}
UNSUPPORTED, DAMAGED = 14, {11, 12, 13, 14, 15}


def fetch(requirement, platform, member):
    """A module of a wheel."""
    folder = CACHE / f"{requirement}-{platform}"
    target = folder / os.path.basename(member)
    if not target.exists():
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:",
             "--implementation", "cp", "--python-version", "3.11", "--abi", "cp311", "--platform", platform,
             "--dest", folder, requirement], check=True)
        with zipfile.ZipFile(*glob.glob(f"{folder}/*.whl")) as wheel:
            target.write_bytes(wheel.read(member))
    return str(target)


def show(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def read(path):
    return pathlib.Path(path).read_bytes()


def sections(bytes_):
    """The section table of a PE file: address, size, place in the file, size in the file, by name."""
    start = struct.unpack_from("<I", bytes_, 0x3C)[0]
    count, optional = (struct.unpack_from("<H", bytes_, start + place)[0] for place in (6, 20))
    table = start + 24 + optional
    rows = [struct.unpack_from("<8sIIII", bytes_, table + 40 * number) for number in range(count)]
    return {name.rstrip(b"\0").decode(): (address, size, place, length)
            for name, size, address, length, place in rows}


def commands(bytes_):
    """The load commands of a Mach-O file: what each is, and where it stands."""
    place = 32
    for _ in range(struct.unpack_from("<I", bytes_, 16)[0]):
        kind, size = struct.unpack_from("<II", bytes_, place)
        yield kind, place
        place += size


def names(*command):
    """What nm shows at each address: names with their kinds."""
    shown = {}
    for line in show(*command).splitlines():
        if len(line.split()) == 3:
            address, kind, name = line.split()
            shown.setdefault(int(address, 16), {})[name] = kind
    return shown


def without_symbols(module):
    """A copy of a Mach-O module whose symbol table is empty."""
    bytes_ = bytearray(read(module))
    for kind, place in commands(bytes_):
        if kind == 0x2:
            bytes_[place + 12:place + 16] = bytes(4)
        elif kind == 0xB:
            bytes_[place + 8:place + 32] = bytes(24)
    path = CACHE / "bare" / os.path.basename(module)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(bytes_)
    return str(path)


class Companions:
    """What every format must give; `made` holds modules, what was written, and the neutral file."""

    prefix = ""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.said = []
        cls.made = [cls.make(module, str(number)) for number, module in enumerate(cls.modules())]

    @classmethod
    def make(cls, module, name):
        folder = os.path.join(cls.folder.name, name)
        copy, symbols = cls.place(folder, module), os.path.join(folder, "symbols.json")
        for target, path in ((cls.target, copy), ("json", symbols)):
            result = run("export", module, "--to", target, "-o", path)
            assert result.returncode == 0, result.stderr
            cls.said.append(result.stderr)
        return module, cls.inside(copy, module), load(symbols)

    def expected(self, module, document):
        """The names that each address may have: those of the module's own symbols, or else decython's."""
        own = names("llvm-nm", *self.options(document), module)
        return {row["address"]: set(own.get(row["address"], {self.prefix + row["name"]: "t"}))
                for row in document["functions"] + document["data"]}

    @staticmethod
    def inside(copy, module):
        """The file that tools read."""
        return copy

    # Parts of what LIEF reads are freed with the whole.
    kept = []

    @staticmethod
    def options(document):
        """What makes nm look at the part of a module that is analysed."""
        return []

    def test_nothing_is_said_but_of_parts_that_are_left_out(self):
        for number, (module, copy, document) in enumerate(self.made):
            said, nothing = self.said[2 * number:2 * number + 2]
            self.assertEqual(nothing, "")
            self.assertEqual("the dSYM is for its x86-64 part" in said, "universal" in module)
            self.assertEqual(said.count("\n"), "universal" in module)

    def test_llvm_nm_shows_every_name(self):
        for module, copy, document in self.made:
            shown = names("llvm-nm", copy)
            for address, wanted in self.expected(module, document).items():
                self.assertTrue(wanted & set(shown[address]), (wanted, shown[address]))
            for row in document["functions"]:
                self.assertEqual(set(shown[row["address"]].values()), {"t"})

    def test_llvm_symbolizer_shows_the_recovered_line_of_every_function(self):
        for module, copy, document in self.made:
            rows = Exports.functions(document)
            self.assertGreater(len(rows), 3)
            shown = show("llvm-symbolizer", "--obj=" + copy, "--no-inlines",
                         *(hex(row["address"]) for row in rows)).strip().split("\n\n")
            expected = self.expected(module, document)
            for row, (name, place) in zip(rows, (text.split("\n") for text in shown), strict=True):
                self.assertIn(self.prefix + name, expected[row["address"]])
                path, line, _ = place.rsplit(":", 2)
                if row["name"].startswith("__pyx_pw_"):
                    self.assertEqual(int(line), row["line"])
                    definition = f"def {row['comment'].split('.')[-1]}("
                    source = read(path).decode()
                    # Cython's own methods for pickle are not written.
                    if definition in source:
                        self.assertIn(definition, source.split("\n")[int(line) - 1])

    def test_lief_reads_it(self):
        import lief
        for module, copy, document in self.made:
            shown = {str(symbol.name) for symbol in self.lief(lief, copy).symbols}
            for wanted in self.expected(module, document).values():
                self.assertTrue(wanted & shown, wanted)

    def test_is_the_same_each_time(self):
        for number, (module, copy, document) in enumerate(self.made):
            folder = os.path.join(self.folder.name, str(number))
            path = self.place(folder, module)
            before = read(copy)
            run("export", module, "--to", self.target, "-o", path)
            self.assertEqual(read(self.inside(path, module)), before)

    def test_a_damaged_file_is_refused_or_read(self):
        """Whatever a file says, the program ends by itself, and writes all or nothing."""
        generator = random.Random(1)
        module = self.modules()[0]
        for case in range(32):
            bytes_ = bytearray(read(module))
            if case % 4 == 0:
                bytes_ = bytes_[:generator.randrange(len(bytes_))]
            for _ in range(case % 4):
                bytes_[generator.randrange(0x600)] = generator.choice((0, 1, 0x7F, 0x80, 0xFF))
            with self.subTest(case), tempfile.TemporaryDirectory() as folder:
                damaged = os.path.join(folder, os.path.basename(module))
                pathlib.Path(damaged).write_bytes(bytes_)
                copy = self.place(os.path.join(folder, "out"), module)
                result = run("export", damaged, "--to", self.target, "-o", copy, "--no-cache")
                self.assertIn(result.returncode, DAMAGED | {0}, result.stderr)
                self.assertLessEqual(len(result.stderr.splitlines()), 1)
                self.assertEqual(os.path.exists(copy), result.returncode == 0, result.stderr)

    def test_other_formats_are_refused_with_the_right_one(self):
        for target in {"elf", "pe", "dsym"} - {self.target}:
            with tempfile.TemporaryDirectory() as folder:
                result = run("export", self.made[0][0], "--to", target, "-o", os.path.join(folder, "copy"))
                self.assertEqual(result.returncode, UNSUPPORTED)
                self.assertIn("use --to " + self.target, result.stderr)
                self.assertEqual(os.listdir(folder), [])
        self.assertIn("use --to elf", run("export", MODULE, "--to", self.target, "-o", "copy").stderr)


class PortableExecutables(Companions, unittest.TestCase):
    """`export --to pe`: a symbol table and DWARF behind the end of a copy."""

    target = "pe"

    @staticmethod
    def modules():
        return [WINDOWS]

    @staticmethod
    def place(folder, module):
        return os.path.join(folder, "copy.pyd")

    @classmethod
    def lief(cls, lief, path):
        cls.kept.append(lief.PE.parse(path))
        return cls.kept[-1]

    def export(self, bytes_, name):
        """Exports a changed module: what was said, and the copy."""
        folder = os.path.join(self.folder.name, name)
        os.makedirs(folder)
        changed, copy = os.path.join(folder, os.path.basename(WINDOWS)), os.path.join(folder, "copy.pyd")
        pathlib.Path(changed).write_bytes(bytes_)
        result = run("export", changed, "--to", "pe", "-o", copy)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stderr, copy

    def test_objdump_shows_every_name(self):
        module, copy, document = self.made[0]
        ends = {line.split()[-1] for line in show("objdump", "-t", copy).splitlines() if "(sec" in line}
        self.assertTrue({row["name"] for row in document["functions"] + document["data"]} <= ends)
        self.assertIn(".debug_line", show("objdump", "-h", copy))

    def test_gdb_lists_the_recovered_python(self):
        module, copy, document = self.made[0]
        row = next(r for r in Exports.functions(document) if r["name"].startswith("__pyx_pw_"))
        shown = show("gdb", "-nx", "-batch", "-ex", f"info line *{row['address']}",
                     "-ex", f"list *{row['address']}", copy)
        self.assertIn(row["name"], shown)
        self.assertIn(f"def {row['comment'].split('.')[-1]}(", shown)

    def test_what_is_mapped_is_unchanged(self):
        module, copy, document = self.made[0]
        old, new = read(module), read(copy)
        start = struct.unpack_from("<I", old, 0x3C)[0]
        header, optional = start + 4, start + 24
        table = optional + struct.unpack_from("<H", old, start + 20)[0]
        rows = sections(old)
        # The number of sections, the symbol table, flags; the image's size and sum; new headers.
        places = {*range(header + 2, header + 4), *range(header + 8, header + 16), *range(header + 18, header + 20),
                  *range(optional + 56, optional + 60), *range(optional + 64, optional + 68),
                  *range(table + 40 * len(rows), table + 40 * (len(rows) + 3))}
        self.assertEqual([i for i in range(len(old)) if old[i] != new[i] and i not in places], [])

    def test_the_loader_takes_the_sections(self):
        module, copy, document = self.made[0]
        bytes_ = read(copy)
        optional = struct.unpack_from("<I", bytes_, 0x3C)[0] + 24
        end = None
        for address, size, place, length in sections(bytes_).values():
            self.assertEqual(address, end or address)
            self.assertEqual(place % 0x200, 0)
            self.assertLessEqual(place + length, len(bytes_))
            end = address + -(-size // 0x1000) * 0x1000
        self.assertEqual(struct.unpack_from("<I", bytes_, optional + 56)[0], end)

    def test_the_sum_is_right(self):
        import lief
        for path in self.made[0][:2]:
            binary = lief.PE.parse(path)
            self.assertEqual(binary.optional_header.checksum, binary.compute_checksum())

    def test_without_room_there_are_names_alone(self):
        bytes_ = bytearray(read(WINDOWS))
        start = struct.unpack_from("<I", bytes_, 0x3C)[0]
        end = start + 24 + struct.unpack_from("<H", bytes_, start + 20)[0] + 40 * len(sections(bytes_))
        bytes_[end + 100] = 1
        said, copy = self.export(bytes_, "full")
        self.assertIn("names without lines, for its headers have no room", said)
        self.assertIn(" t __pyx_pw_", show("llvm-nm", copy))
        self.assertEqual(list(sections(read(copy))), list(sections(bytes_)))

    def test_a_signature_goes(self):
        bytes_ = bytearray(read(WINDOWS))
        place = struct.unpack_from("<I", bytes_, 0x3C)[0] + 24 + 112 + 4 * 8
        signature = struct.pack("<IHH", 16, 0x200, 2) + bytes(8)
        struct.pack_into("<II", bytes_, place, len(bytes_), len(signature))
        said, copy = self.export(bytes_ + signature, "signed")
        self.assertEqual(read(copy)[place:place + 8], bytes(8))
        self.assertEqual(read(copy)[len(bytes_):len(bytes_) + 16], signature)

    def test_names_that_are_there_stay(self):
        said, copy = self.export(read(self.made[0][1]), "twice")
        self.assertIn("it has debug information of its own", said)
        self.assertEqual(show("llvm-nm", copy), show("llvm-nm", self.made[0][1]))


class DebugSymbolBundles(Companions, unittest.TestCase):
    """`export --to dsym`: a folder that debuggers find beside the module."""

    target = "dsym"
    prefix = "_"

    @staticmethod
    def modules():
        bare, universal = (fetch(*wheel) for wheel in WHEELS)
        return [without_symbols(bare), universal]

    @staticmethod
    def place(folder, module):
        return os.path.join(folder, os.path.basename(module) + ".dSYM")

    @staticmethod
    def inside(copy, module):
        return os.path.join(copy, "Contents", "Resources", "DWARF", os.path.basename(module))

    @staticmethod
    def options(document):
        return ["--arch=" + ARCHITECTURES[document["module"]["architecture"]]]

    @classmethod
    def lief(cls, lief, path):
        """The part of a file that is analysed: x86-64's where there is one."""
        lief.logging.disable()
        binary = lief.MachO.parse(path)
        cls.kept.append(binary)
        parts = [binary.at(number) for number in range(binary.size)]
        chosen = [part for part in parts if part.header.cpu_type == lief.MachO.Header.CPU_TYPE.X86_64]
        return (chosen or parts)[0]

    def test_it_is_the_modules_own(self):
        import lief
        for module, copy, document in self.made:
            part, made = self.lief(lief, module), self.lief(lief, copy)
            self.assertEqual(made.header.file_type, lief.MachO.Header.FILE_TYPE.DSYM)
            self.assertEqual(made.header.cpu_type, part.header.cpu_type)
            self.assertEqual(list(made.uuid.uuid), list(part.uuid.uuid))
            segments = {segment.name: segment for segment in made.segments}
            self.assertEqual(list(segments), [segment.name for segment in part.segments] + ["__DWARF"])
            for segment in part.segments:
                mine = segments[segment.name]
                self.assertEqual(mine.virtual_address, segment.virtual_address)
                self.assertEqual([(s.name, s.virtual_address, s.size) for s in mine.sections],
                                 [(s.name, s.virtual_address, s.size) for s in segment.sections])
                if segment.name != "__LINKEDIT":
                    self.assertEqual((mine.file_offset, mine.file_size), (0, 0))
            ranges = sorted((s.virtual_address, s.virtual_address + s.virtual_size) for s in made.segments)
            for (_, end), (start, _) in zip(ranges, ranges[1:]):
                self.assertLessEqual(end, start)
            self.assertEqual([s.name for s in segments["__DWARF"].sections],
                             ["__debug_abbrev", "__debug_info", "__debug_line"])

    def test_tools_find_it_beside_the_module(self):
        for number, (module, copy, document) in enumerate(self.made):
            beside = os.path.join(self.folder.name, str(number), os.path.basename(module))
            shutil.copyfile(module, beside)
            row = next(r for r in Exports.functions(document) if r["name"].startswith("__pyx_pw_"))
            architecture = ARCHITECTURES[document["module"]["architecture"]]
            shown = show("llvm-symbolizer", "--obj=" + beside, "--default-arch=" + architecture,
                         hex(row["address"]))
            self.assertIn(f".py:{row['line']}:", shown)

    def test_the_folder_is_a_bundle(self):
        for number, (module, copy, document) in enumerate(self.made):
            bundle = self.place(os.path.join(self.folder.name, str(number)), module)
            properties = plistlib.loads(read(os.path.join(bundle, "Contents", "Info.plist")))
            self.assertEqual(properties["CFBundlePackageType"], "dSYM")

    def test_without_a_uuid_there_is_none(self):
        module = self.modules()[0]
        bytes_ = bytearray(read(module))
        struct.pack_into("<I", bytes_, dict(commands(bytes_))[0x1B], 0x99)
        with tempfile.TemporaryDirectory() as folder:
            bare = os.path.join(folder, os.path.basename(module))
            pathlib.Path(bare).write_bytes(bytes_)
            result = run("export", bare, "--to", "dsym", "-o", bare + ".dSYM")
            self.assertEqual(result.returncode, UNSUPPORTED)
            self.assertIn("no UUID", result.stderr)
            self.assertEqual(os.listdir(folder), [os.path.basename(module)])


if __name__ == "__main__":
    unittest.main()
