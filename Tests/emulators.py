"""Processors as Unicorn emulates them, set beside SLEIGH's names of their registers."""
import dataclasses
import struct

import unicorn
from unicorn import arm64_const, arm_const, mips_const, riscv_const, x86_const

PAGE = 4096
# Where instructions stand, each at an address of its own: decoders remember what they saw.
CODE, CODE_SIZE, STRIDE = 0x0100_0000, 0x0080_0000, 64


@dataclasses.dataclass(frozen=True)
class Register:
    """A register, or some bits of one."""
    name: str          # SLEIGH's name
    size: int          # in bytes, as SLEIGH has it
    unicorn: int       # Unicorn's number
    kind: str          # general, pointer, vector, flag or field (four bits); zero if Unicorn has it as a zero only
    bit: int = None    # the lowest of the bits, if it is not the whole
    width: int = 1     # how many bits there are


@dataclasses.dataclass
class Processor:
    """What a test needs to know of a processor."""
    name: str
    seeds: str         # the name of the list of instructions
    elf: tuple         # class, machine and flags in the header of an ELF file
    mode: tuple        # Unicorn's architecture and mode
    pc: int
    registers: list
    words: dict = dataclasses.field(default_factory=dict)  # other bits of registers that hold flags
    unit: int = 1      # instructions are multiples of so many bytes
    delay: bool = False
    thumb: bool = False
    setup: object = None  # what switches floating-point numbers on
    model: int = None

    @property
    def stack(self):
        return next(register.name for register in self.registers if register.kind == "pointer")

    @property
    def bits(self):
        return 64 if self.elf[0] == 2 else 32

    def module(self):
        """The least ELF file for the processor: one segment, and a dynamic section without rows."""
        kind, machine, flags = self.elf
        ident = b"\x7fELF" + bytes([kind, 1, 1]) + bytes(9)
        if kind == 2:
            header = ident + struct.pack("<HHIQQQIHHHHHH", 3, machine, 1, 0, 64, 0, flags, 64, 56, 2, 0, 0, 0)
            rows = [struct.pack("<IIQQQQQQ", tag, 5, 0, 0x10000 + at, 0, size, size, 16)
                    for tag, at, size in ((1, 0, 256), (2, 192, 16))]
        else:
            header = ident + struct.pack("<HHIIIIIHHHHHH", 3, machine, 1, 0, 52, 0, flags, 52, 32, 2, 0, 0, 0)
            rows = [struct.pack("<IIIIIIII", tag, 0, 0x10000 + at, 0, size, size, 5, 16)
                    for tag, at, size in ((1, 0, 256), (2, 192, 16))]
        return (header + b"".join(rows)).ljust(256, b"\0")


class Unsuitable(Exception):
    """An instance that tells nothing."""


class Machine:
    """An emulator whose memory is there wherever it is touched, filled from a pool."""

    def __init__(self, processor, pool):
        self.processor, self.pool = processor, pool
        self.pages = set()
        self.open()

    def open(self):
        self.engine = unicorn.Uc(*self.processor.mode)
        if self.processor.model is not None:
            self.engine.ctl_set_cpu_model(self.processor.model)
        self.engine.mem_map(CODE, CODE_SIZE)
        self.pages = set()
        self.engine.hook_add(unicorn.UC_HOOK_MEM_UNMAPPED, self._map)
        self.engine.hook_add(unicorn.UC_HOOK_MEM_READ | unicorn.UC_HOOK_MEM_WRITE, self._touch)
        if self.processor.setup:
            self.processor.setup(self.engine)
        self.fresh = self.engine.context_save()

    def _map(self, engine, access, address, size, value, data):
        # Unicorn never comes back from an access that goes around the end of memory.
        if address + size > (1 << min(self.processor.bits, 52)) - PAGE:
            return False
        for page in {address // PAGE, (address + size - 1) // PAGE}:
            try:
                if page not in self.pages:
                    engine.mem_map(page * PAGE, PAGE)
                    engine.mem_write(page * PAGE, self.content(page * PAGE, PAGE))
                    self.pages.add(page)
            except unicorn.UcError:
                return False
        return True

    def _touch(self, engine, access, address, size, value, data):
        self.touched.append((address, size))

    def content(self, address, size):
        """What memory holds at first; where instructions stand, nothing else does."""
        if CODE <= address < CODE + CODE_SIZE:
            return bytes(size)
        start = address // PAGE * 2654435761 % (len(self.pool) - PAGE) + address % PAGE
        return self.pool[start:start + size]

    def run(self, address, code, values, count):
        """Runs one instruction.

        Returns its next address, the registers, and what was touched: address, bytes before, bytes after.
        """
        if len(self.pages) > 2000:
            self.open()
        engine, self.touched = self.engine, []
        engine.context_restore(self.fresh)
        engine.mem_write(address, code)
        engine.ctl_remove_cache(address, address + STRIDE)
        self.write(values)
        done = False
        start = address | (1 if self.processor.thumb else 0)
        try:
            engine.emu_start(start, address + len(code), count=count)
            pc = engine.reg_read(self.processor.pc)
            if self.processor.delay and pc == start + 4:
                pc -= 4
            if self.processor.delay and pc == start:
                # Unicorn counts up the address behind branches only; what raises an exception has raised one.
                pc += len(code)
            if self.processor.mode[0] == unicorn.UC_ARCH_ARM:
                pc |= engine.reg_read(arm_const.UC_ARM_REG_CPSR) >> 5 & 1
            done = pc != start
        finally:
            # What was interrupted leaves traces.
            if not done:
                self.open()
        if not done:
            raise Unsuitable("raises an exception, or goes to itself")
        after = self.read()
        memory = [(start, self.before(start, size), bytes(engine.mem_read(start, size)))
                  for start, size in self.stretches()]
        for start, before, now in memory:
            if before != now:
                engine.mem_write(start, before)
        engine.mem_write(address, bytes(len(code)))
        if any(start // PAGE not in self.pages and not CODE <= start < CODE + CODE_SIZE for start, _ in self.touched):
            self.open()
            raise Unsuitable("touches memory that the emulator does not have")
        if any(start <= address < start + len(before) for start, before, _ in memory):
            raise Unsuitable("touches its own code")
        return pc, after, memory

    def before(self, start, size):
        parts = []
        while size:
            part = min(size, PAGE - start % PAGE)
            parts.append(self.content(start, part))
            start, size = start + part, size - part
        return b"".join(parts)

    def stretches(self):
        """What was touched, as far as it is mapped, in whole lines of 64 bytes."""
        lines = sorted({line for address, size in self.touched
                        for line in range(address // 64, (address + size - 1) // 64 + 1)
                        if line * 64 // PAGE in self.pages or CODE <= line * 64 < CODE + CODE_SIZE})
        found = []
        for line in lines:
            if found and found[-1][0] + found[-1][1] == line * 64:
                found[-1][1] += 64
            else:
                found.append([line * 64, 64])
        return found

    def write(self, values):
        words = dict(self.processor.words)
        for register in self.processor.registers:
            if register.bit is not None:
                words[register.unicorn] = words.get(register.unicorn, 0) | values[register.name] << register.bit
        # First of all, for they choose between banks of registers.
        for register, word in words.items():
            self.engine.reg_write(register, word)
        for register in self.processor.registers:
            if register.bit is None and register.kind != "zero":
                self.engine.reg_write(register.unicorn, values[register.name])

    def read(self):
        words, found = {}, {}
        for register in self.processor.registers:
            if register.kind == "zero":
                found[register.name] = 0
            elif register.bit is None:
                number = self.engine.reg_read(register.unicorn)
                found[register.name] = number & (1 << 8 * register.size) - 1
            else:
                if register.unicorn not in words:
                    words[register.unicorn] = self.engine.reg_read(register.unicorn)
                found[register.name] = words[register.unicorn] >> register.bit & (1 << register.width) - 1
        return found


# MARK: The processors

def _x86():
    flags = [Register(name, 1, x86_const.UC_X86_REG_EFLAGS, "flag", bit)
             for name, bit in (("CF", 0), ("PF", 2), ("AF", 4), ("ZF", 6), ("SF", 7), ("DF", 10), ("OF", 11))]

    def registers(general, stack, size, vectors):
        found = [Register(name, size, getattr(x86_const, "UC_X86_REG_" + name),
                          "pointer" if name == stack else "general") for name in general.split()]
        found += [Register(f"XMM{number}", 16, getattr(x86_const, f"UC_X86_REG_XMM{number}"), "vector")
                  for number in range(vectors)]
        return found + flags

    words = {x86_const.UC_X86_REG_EFLAGS: 2}
    wide = registers("RAX RBX RCX RDX RSI RDI RBP RSP R8 R9 R10 R11 R12 R13 R14 R15", "RSP", 8, 16)
    narrow = registers("EAX EBX ECX EDX ESI EDI EBP ESP", "ESP", 4, 8)
    wide += [Register(name + "_OFFSET", 8, getattr(x86_const, f"UC_X86_REG_{name}_BASE"), "pointer")
             for name in ("FS", "GS")]
    narrow += [Register(name + "_OFFSET", 4, None, "zero") for name in ("FS", "GS")]
    return [
        Processor("x86-64", "x86-64", (2, 62, 0), (unicorn.UC_ARCH_X86, unicorn.UC_MODE_64),
                  x86_const.UC_X86_REG_RIP, wide, words),
        Processor("i386", "i386", (1, 3, 0), (unicorn.UC_ARCH_X86, unicorn.UC_MODE_32),
                  x86_const.UC_X86_REG_EIP, narrow, words),
    ]


def _aarch64():
    def number(name):
        return getattr(arm64_const, "UC_ARM64_REG_" + name)

    def setup(engine):
        engine.reg_write(number("CPACR_EL1"), 3 << 20)

    registers = [Register("sp", 8, number("SP"), "pointer")]
    registers += [Register(f"x{index}", 8, number(f"X{index}"), "general") for index in range(31)]
    registers += [Register(f"q{index}", 16, number(f"Q{index}"), "vector") for index in range(32)]
    registers += [Register(name, 1, number("NZCV"), "flag", bit)
                  for name, bit in (("NG", 31), ("ZR", 30), ("CY", 29), ("OV", 28))]
    registers += [Register("tpidr_el0", 8, number("TPIDR_EL0"), "pointer")]
    return Processor("AArch64", "aarch64", (2, 183, 0), (unicorn.UC_ARCH_ARM64, unicorn.UC_MODE_ARM),
                     number("PC"), registers, unit=4, setup=setup)


def _arm():
    def number(name):
        return getattr(arm_const, "UC_ARM_REG_" + name)

    def setup(engine):
        # CPACR, coprocessor 15: c1, c0, 0, 2
        engine.reg_write(number("CP_REG"), (15, 0, 0, 1, 0, 0, 2, 0xF << 20))
        engine.reg_write(number("FPEXC"), 1 << 30)

    registers = [Register("sp", 4, number("SP"), "pointer"), Register("lr", 4, number("LR"), "general")]
    registers += [Register(f"r{index}", 4, number(f"R{index}"), "general") for index in range(13)]
    registers += [Register(f"d{index}", 8, number(f"D{index}"), "vector") for index in range(32)]
    registers += [Register(name, 1, number("CPSR"), "flag", bit)
                  for name, bit in (("NG", 31), ("ZR", 30), ("CY", 29), ("OV", 28), ("Q", 27))]
    # System mode; bit 5 tells the instruction set.
    return [Processor(name, seeds, (1, 40, 0x5000400), (unicorn.UC_ARCH_ARM, mode), number("PC"), registers,
                      {number("CPSR"): 0x1F | state << 5}, unit=unit, thumb=state == 1, setup=setup,
                      model=arm_const.UC_CPU_ARM_CORTEX_A15)
            for name, seeds, mode, unit, state in (
                ("ARM A32", "arm", unicorn.UC_MODE_ARM, 4, 0), ("ARM T32", "thumb", unicorn.UC_MODE_THUMB, 2, 1))]


def _mips():
    def number(name):
        return getattr(mips_const, "UC_MIPS_REG_" + name)

    def registers(general, size, status):
        found = [Register("sp", size, number("SP"), "pointer"), Register("zero", size, None, "zero")]
        found += [Register(name, size, number(name.upper()), "general") for name in general.split()]
        return found, {number("CP0_STATUS"): status}

    # Unicorn shows no register for floating-point numbers. An error level takes addresses for those of
    # memory; in 64 bits, addresses have as many.
    general = """
        at v0 v1 a0 a1 a2 a3 t0 t1 t2 t3 t4 t5 t6 t7 s0 s1 s2 s3 s4 s5 s6 s7 t8 t9 k0 k1 gp s8 ra hi lo"""
    narrow = registers(general, 4, 0x400004)
    wide = registers(general, 8, 0x4000E4)
    return [
        Processor("MIPS32", "mips32", (1, 8, 0x70001007), (unicorn.UC_ARCH_MIPS, unicorn.UC_MODE_MIPS32),
                  number("PC"), *narrow, unit=4, delay=True, model=mips_const.UC_CPU_MIPS32_24KF),
        Processor("MIPS64", "mips64", (2, 8, 0x80000007), (unicorn.UC_ARCH_MIPS, unicorn.UC_MODE_MIPS64),
                  number("PC"), *wide, unit=4, delay=True, model=mips_const.UC_CPU_MIPS64_MIPS64R2_GENERIC),
    ]


def _riscv():
    def number(name):
        return getattr(riscv_const, "UC_RISCV_REG_" + name.upper())

    general = "ra gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6"
    floats = ([f"ft{index}" for index in range(12)] + [f"fs{index}" for index in range(12)]
              + [f"fa{index}" for index in range(8)])
    registers = [Register("sp", 8, number("sp"), "pointer")]
    registers += [Register(name, 8, number(name), "general") for name in general.split()]
    registers += [Register(name, 8, number(name), "vector") for name in floats]
    # The floating-point unit is on.
    return Processor("RISC-V 64", "riscv64", (2, 243, 5), (unicorn.UC_ARCH_RISCV, unicorn.UC_MODE_RISCV64),
                     number("PC"), registers, {number("MSTATUS"): 3 << 13}, unit=2)


PROCESSORS = {processor.name: processor for processor in
              [*_x86(), _aarch64(), *_arm(), *_mips(), _riscv()]}
# Those that are compared. Unicorn 2.1.1 starts no program on MIPS64 (its issue 2109: the program counter is
# written as half a register), and the PowerPC that it has is big-endian.
EXPLAINED = [name for name in PROCESSORS if name != "MIPS64"]
