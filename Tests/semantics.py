#!/usr/bin/env python3
"""Compares what instructions do according to Decython's lifter with what Unicorn makes of them.

    semantics.py PROGRAM [--cpu NAME]... [--count N] [--seed N] [--show N] [--table FILE]
    semantics.py PROGRAM --harvest NAME FILE...

PROGRAM is `semantics`, which decodes and runs single instructions as the product does. Instructions are those
of Tests/Fixtures/instructions, which `--harvest` takes from modules, with bits changed at random;
registers and memory are random, too, and lean to limits and to pointers. What must be equal afterwards:
the next address, every register and flag, and all memory that was touched. What is not compared has
a reason in `DIFFERENCES`. Instances depend on the seed alone.

Exit status: 0; 1 if there are differences that nothing explains.
"""
import argparse
import collections
import os
import pathlib
import random
import re
import struct
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
UNICORN = "2.1.1"


def ensure_unicorn():
    """Starts again with Unicorn, which lives in a virtual environment of its own."""
    try:
        import unicorn  # noqa: F401
        return
    except ImportError:
        cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
        home = cache / "decython-corpus" / "tools" / f"unicorn-{UNICORN}"
    if pathlib.Path(sys.prefix) == home:
        raise SystemExit("Unicorn cannot be imported from " + str(home))
    if not (home / "done").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", home], check=True)
        subprocess.run([home / "bin" / "pip", "install", "--quiet", f"unicorn=={UNICORN}"], check=True)
        (home / "done").touch()
    os.execv(home / "bin" / "python", [home / "bin" / "python", *sys.argv])


# MARK: Instances

def number(generator, size):
    """A number that is random, or one of those at which things change."""
    bits = 8 * size
    top = 1 << bits - 1
    choice = generator.random()
    if choice < 0.35:
        return generator.choice((0, 1, 2, top - 1, top, top + 1, 2 * top - 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000,
                                 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)) & 2 * top - 1
    if choice < 0.6:
        return generator.randrange(-64, 65) & 2 * top - 1
    return generator.getrandbits(bits) >> generator.choice((0, 0, 0, bits // 2))


def pointer(generator):
    """An address in one of a few stretches of memory."""
    return 0x2000_0000 + 0x0100_0000 * generator.randrange(4) + generator.randrange(0x2000)


def vector(generator, size):
    """Floating-point numbers or integers side by side."""
    lanes = []
    kind = generator.choice("dfqiz")
    for _ in range(size // 8):
        if kind == "d":
            lanes.append(struct.pack("<d", real(generator)))
        elif kind == "f":
            lanes.append(struct.pack("<ff", single(generator), single(generator)))
        elif kind == "i":
            lanes.append(b"".join(number(generator, 2).to_bytes(2, "little") for _ in range(4)))
        elif kind == "z":
            lanes.append(bytes(generator.choice((0, 255)) for _ in range(8)))
        else:
            lanes.append(number(generator, 8).to_bytes(8, "little"))
    return int.from_bytes(b"".join(lanes).ljust(size, b"\0")[:size], "little")


def real(generator):
    return generator.choice((
        0.0, -0.0, 1.0, -1.0, 0.5, 1.5, 2.5, float("inf"), float("-inf"), float("nan"), 1e300, -1e-300, 5e-324,
        float(generator.randrange(-1000, 1000)), generator.uniform(-1e6, 1e6), generator.gauss(0, 1e18)))


def single(generator):
    value = real(generator)
    return value if value != value or abs(value) < 3e38 or abs(value) == float("inf") else 3e38


def values(generator, processor, calm):
    """What registers hold at first; calm ones make addresses that exist."""
    found = {}
    for register in processor.registers:
        if register.kind == "zero":
            value = 0
        elif register.kind == "flag":
            value = generator.getrandbits(register.width)
        elif register.kind == "field":
            value = 1 << generator.randrange(4)
        elif register.kind == "vector":
            value = vector(generator, register.size)
        elif register.kind == "pointer" or generator.random() < (0.8 if calm else 0.4):
            value = pointer(generator) if not calm or generator.random() < 0.7 else generator.randrange(64)
        else:
            value = number(generator, register.size) if not calm else generator.randrange(64)
        found[register.name] = value
    return found


def mutate(generator, code):
    """The code of an instruction that is much like another one."""
    if generator.random() < 0.2:
        return code
    changed = bytearray(code)
    for _ in range(generator.choice((1, 1, 2, 3, 5))):
        bit = generator.randrange(8 * len(changed))
        changed[bit // 8] ^= 1 << bit % 8
    if len(changed) > 4 and generator.random() < 0.3:
        size = generator.choice((1, 4))
        changed[-size:] = number(generator, size).to_bytes(size, "little")
    return bytes(changed)


# MARK: The program's side

class Bench:
    """The program under test."""

    def __init__(self, program, processor, folder):
        self.processor = processor
        self.module = pathlib.Path(folder) / (processor.name + ".so")
        self.module.write_bytes(processor.module())
        self.command = [program, self.module, *(register.name for register in processor.registers)]

    def ask(self, lines):
        text = "".join(line + "\n" for line in lines)
        done = subprocess.run(self.command, input=text, capture_output=True, text=True)
        answers = done.stdout.splitlines()
        if done.returncode or len(answers) != len(lines):
            last = lines[len(answers)] if len(answers) < len(lines) else ""
            raise SystemExit(f"{self.processor.name}: the program failed at {last}\n{done.stderr}")
        return answers

    def sizes(self, codes, addresses):
        """The number of bytes of each instruction and its text; None if it is none."""
        mode = 1 if self.processor.thumb else 0
        answers = self.ask([f"{address | mode:x} {code.hex()}" for code, address in zip(codes, addresses)])
        for answer in answers:
            kind, _, rest = answer.partition(" ")
            size, _, text = rest.partition(" ")
            yield (int(size), text) if kind == "decoded" else None

    def line(self, address, code, state, memory):
        mode = 1 if self.processor.thumb else 0
        fields = [f"{address | mode:x}", code.hex(), self.pack(state)]
        return " ".join(fields + [f"{start:x}:{before.hex()}" for start, before, _ in memory])

    def pack(self, state):
        return "".join(state[register.name].to_bytes(register.size, "little").hex()
                       for register in self.processor.registers)

    def unpack(self, text):
        found, at = {}, 0
        for register in self.processor.registers:
            end = at + 2 * register.size
            found[register.name] = int.from_bytes(bytes.fromhex(text[at:end]), "little")
            at = end
        return found


Instance = collections.namedtuple("Instance", "address code text before pc after memory")


def instances(processor, bench, generator, count, refused):
    """Instructions, with what Unicorn makes of them."""
    import emulators
    from differences import unsuitable
    pool = b"".join(number(generator, 8).to_bytes(8, "little") if generator.random() < 0.7
                    else struct.pack("<d", real(generator)) for _ in range(1 << 14))
    machine = emulators.Machine(processor, pool)
    seeds = [bytes.fromhex(line.split()[0]) for line in seed_file(processor.seeds).read_text().splitlines()]
    known = {mnemonic(text) for _, text in filter(None, bench.sizes(
        seeds, [emulators.CODE + index * emulators.STRIDE for index in range(len(seeds))]))}
    made, serial = 0, len(seeds)
    while made < count:
        if sum(refused.values()) > 40 * count + 40000:
            raise SystemExit(f"{processor.name}: hardly anything can be run: {refused.most_common(3)}")
        codes = [mutate(generator, generator.choice(seeds)) + generator.randbytes(12 if processor.unit == 1 else 4)
                 for _ in range(count - made + 100)]
        addresses = []
        for _ in codes:
            addresses.append(emulators.CODE + serial * emulators.STRIDE % emulators.CODE_SIZE)
            serial += 1
        for code, address, decoded in zip(codes, addresses, list(bench.sizes(codes, addresses))):
            if decoded is None or not 0 < decoded[0] <= len(code) or mnemonic(decoded[1]) not in known:
                continue
            size, text = decoded
            reason = unsuitable(processor, code[:size], text)
            if reason:
                refused[reason] += 1
                continue
            for attempt in range(4):
                state = values(generator, processor, calm=attempt > 0 or generator.random() < 0.5)
                repeated = limit_repetition(processor, text, state, generator)
                steps = 64 if repeated else 2 if processor.delay and size == 8 else 1
                try:
                    pc, after, memory = machine.run(address, code[:size], state, steps)
                except (emulators.unicorn.UcError, emulators.Unsuitable) as error:
                    reason = str(error)
                    continue
                made += 1
                yield Instance(address, code[:size], text, state, pc, after, memory)
                break
            else:
                refused[f"{mnemonic(text)}: {reason}"] += 1
            if made >= count:
                return


def limit_repetition(processor, text, state, generator):
    """Lets repeated instructions of x86 come to an end soon."""
    if ".REP" not in text:
        return False
    state["RCX" if processor.bits == 64 else "ECX"] = generator.randrange(5)
    return True


def mnemonic(text):
    return text.split()[0] if text else ""


def seed_file(name):
    return HERE / "Fixtures" / "instructions" / (name + ".txt")


# MARK: Comparison

class Tally:
    """What became of the instances of one processor."""

    def __init__(self, name):
        self.name = name
        self.compared = 0
        self.agreed = 0
        self.explained = collections.Counter()
        self.open = collections.Counter()
        self.refused = collections.Counter()
        self.wrong = []

    def add(self, instance, answer, processor, bench):
        from differences import cause
        status, *rest = answer.split()
        detail, rest = (rest[0], rest[1:]) if status in ("done", "mute", "open", "fault", "lost") else ("", rest)
        state = bench.unpack(rest[0]) if rest else {}
        if status == "open":
            missing = self.silent(instance, rest[-1], processor)
            reason = missing and cause(processor, instance, missing, "silent")
            if missing and not reason:
                self.wrong.append((instance, f"open {detail}", {name: "" for name in missing}))
                return
            self.open[mnemonic(instance.text)] += 1
            return
        if status == "fault" and self.is_alias(int(detail, 16), instance, processor):
            self.refused["addresses beyond those that the emulator has"] += 1
            return
        self.compared += 1
        found = self.difference(instance, status, detail, state, rest, processor)
        if not found:
            self.agreed += 1
            return
        reason = cause(processor, instance, found, status)
        if reason:
            self.explained[reason] += 1
        else:
            self.wrong.append((instance, status, found))

    @staticmethod
    def is_alias(address, instance, processor):
        """Whether the emulator took a long address for a short one that it has memory at.

        Memory ends at 52 bits; on MIPS, the upper half of 32 bits shows the lowest 29 again.
        """
        short = address & (1 << (29 if processor.name == "MIPS32" else 52)) - 1
        return short != address and any(start <= short < start + len(before) for start, before, _ in instance.memory)

    def difference(self, instance, status, detail, state, rest, processor):
        """What is not the same: names, and the two values, the emulator's first."""
        if status not in ("done", "mute"):
            return {status: ("", detail)}
        found = {}
        if int(detail, 16) != instance.pc:
            found["pc"] = (f"{instance.pc:x}", detail)
        for register in processor.registers:
            theirs, ours = instance.after[register.name], state[register.name]
            if theirs != ours:
                found[register.name] = (f"{theirs:x}", f"{ours:x}")
        for (start, _, theirs), ours in zip(instance.memory, rest[1:]):
            if theirs.hex() != ours:
                found[f"memory {start:x}"] = (theirs.hex(), ours)
        return found

    @staticmethod
    def silent(instance, outputs, processor):
        """Registers that an instruction without a meaning changes and that no step puts anything out to."""
        found = [register.name for register, digit in zip(processor.registers, outputs)
                 if digit == "0" and instance.after[register.name] != instance.before[register.name]]
        if outputs[-1] == "0" and any(before != after for _, before, after in instance.memory):
            found.append("memory")
        return {name: ("", "") for name in found}

    def show(self, limit):
        groups = collections.Counter((mnemonic(instance.text), status, " ".join(sorted(found)))
                                     for instance, status, found in self.wrong)
        for (name, status, places), times in groups.most_common(limit):
            places = re.sub(r"memory \w+", "memory", places)
            print(f"  {times:5} {name} {status}: {places}")
            example = next(wrong for wrong in self.wrong
                           if (mnemonic(wrong[0].text), wrong[1]) == (name, status)
                           and re.sub(r"memory \w+", "memory", " ".join(sorted(wrong[2]))) == places)
            instance, _, found = example
            print(f"        {instance.code.hex()} {instance.text} at {instance.address:x}")
            for place, values in sorted(found.items())[:3]:
                print(f"        {place}: {' '.join(values)[:200]} before {instance.before.get(place, 0):x}")


def compare(program, processor, count, seed):
    generator = random.Random(f"{processor.name} {seed}")
    tally = Tally(processor.name)
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(program, processor, folder)
        while tally.compared < count:
            batch = list(instances(processor, bench, generator, count - tally.compared, tally.refused))
            answers = bench.ask([bench.line(one.address, one.code, one.before, one.memory) for one in batch])
            for one, answer in zip(batch, answers):
                tally.add(one, answer, processor, bench)
    return tally


# MARK: The table

def table(tallies):
    """What docs/SEMANTICS.md says."""
    lines = ["# What instructions do", "",
             "Instructions that compilers emit, with bits changed at random, as the lifter reads them and as Unicorn",
             f"{UNICORN} runs them; `make sweep` writes this page. Next address, registers, flags and memory are compared.",
             "MIPS64 and PowerPC 64 are not there: Unicorn starts no program of 64 bits on MIPS, and knows big-endian",
             "PowerPC only. Instructions that overrun the tables of the decoder, such as lists of more than nineteen single",
             "registers on ARM, which no compiler writes, are none.",
             "", "| processor | compared | agree | explained | differ | without a meaning |", "|---|---|---|---|---|---|"]
    for tally in tallies:
        lines.append(f"| {tally.name} | {tally.compared} | {tally.agreed} | {sum(tally.explained.values())} | "
                     f"{len(tally.wrong)} | {sum(tally.open.values())} |")
    lines += ["", "## Explained", ""]
    for tally in tallies:
        lines += [f"- {tally.name}: {reason} ({times})" for reason, times in tally.explained.most_common()]
    lines += ["", "## Without a meaning", "",
              "Steps that SLEIGH gives a name only, or that nothing computes with concretely. Their results count as",
              "unknown: no register that such an instruction changes keeps its old value.", ""]
    for tally in tallies:
        if tally.open:
            lines.append(f"- {tally.name}: " + ", ".join(
                f"`{name}` {times}" for name, times in sorted(tally.open.items())))
    lines += ["", "## Not compared", ""]
    for tally in tallies:
        reasons = collections.Counter()
        for reason, times in tally.refused.items():
            reasons[re.sub(r"^\S+: ", "", reason)] += times
        lines += [f"- {tally.name}: {reason} ({times})" for reason, times in reasons.most_common()]
    return "\n".join(lines) + "\n"


# MARK: Harvesting

NUMBERS = re.compile(r"-?\b0x[0-9a-f]+\b|\b\d+\b|(?<=[A-Za-z])\d+")
X86_NAMES = re.compile(r"\b([ER]?)([ABCD]X|[SD]I|[SB]P|(?<=R)[0-9]+[DWB]?|[ABCD][HL]|[SD]IL|[SB]PL)\b")


def harvest(program, name, *files, limit=1500):
    """Keeps one instruction of each form that modules have, the most frequent first."""
    forms, examples = collections.Counter(), {}
    for file in files:
        option = "--harvest-alternate" if name == "thumb" else "--harvest"
        listing = subprocess.run([program, file, option], capture_output=True, text=True)
        for line in listing.stdout.splitlines():
            code, _, text = line.partition(" ")
            form = X86_NAMES.sub(r"\1", NUMBERS.sub("#", text))
            forms[form] += 1
            examples.setdefault(form, code)
    seed_file(name).parent.mkdir(exist_ok=True)
    seed_file(name).write_text("".join(examples[form] + "\n" for form, _ in forms.most_common(limit)))
    print(f"{name}: {len(forms)} forms of {sum(forms.values())} instructions")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--cpu", action="append")
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=20)
    parser.add_argument("--table", type=pathlib.Path)
    parser.add_argument("--harvest", nargs="+", metavar=("NAME", "FILE"))
    options = parser.parse_args()
    if options.harvest:
        return harvest(options.program, *options.harvest)
    ensure_unicorn()
    from emulators import EXPLAINED, PROCESSORS
    tallies = []
    for name in options.cpu or EXPLAINED:
        tally = compare(options.program, PROCESSORS[name], options.count, options.seed)
        print(f"{name}: {tally.compared} compared, {tally.agreed} agree, {sum(tally.explained.values())} explained, "
              f"{len(tally.wrong)} differ; {sum(tally.open.values())} without a meaning", flush=True)
        tally.show(options.show)
        tallies.append(tally)
    if options.table:
        options.table.write_text(table(tallies))
    return 1 if any(tally.wrong for tally in tallies) else 0


if __name__ == "__main__":
    sys.exit(main())
