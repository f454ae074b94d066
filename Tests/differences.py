"""Why the lifter and Unicorn may differ: every case has a reason, and all others count as wrong."""
import re


def x86(processor, instance, places, status):
    name = instance.text.split()[0].removesuffix(".LOCK")
    flags = UNDEFINED_FLAGS.get(name, frozenset()) | {"AF"}
    if places <= {"AF"}:
        return "AF is no part of SLEIGH's model; no compiled code reads it"
    if places <= flags:
        return "flags that the instruction leaves undefined"
    rest = places - flags
    if name in ("BSF", "BSR") and len(rest) == 1 and instance.after["ZF"]:
        return "what `bsf` and `bsr` make of zero is undefined"
    if b"\x66" in instance.code[:2] and re.match("J|CALL|RET|LOOP", name):
        return "branches with an operand-size prefix, in which processors of Intel and AMD differ"
    if name == "XADD" and re.search(r"\[.*R?E?(\w+).*\],R?E?\1$", instance.text):
        return "`xadd` of a register that is part of the address"
    if re.match("F[A-Z]", name):
        return "numbers of 80 bits, which nothing computes with here"
    if name == "XCHG" and re.match(rb"[\x40-\x4f]\x90", instance.code):
        return "a no-operation with a prefix for registers"
    if name == "RET" and places == {processor.stack} and instance.code[-1] & 0x80:
        return "Unicorn takes the number of bytes that `ret` drops for signed"
    return None


def x86_unsuitable(code, text):
    for pattern, reason in (
            (r"(MOV|PUSH|POP) (.*,)?[CDEFGS]S(,|$)", "segment registers"),
            (r".*\b[CD]R\d", "control and debug registers"),
            (r".*\bMM\d", "MMX, which no compiler of today uses by itself"),
            (r".*\b[XY]MM(1[6-9]|[23]\d)", "a prefix that extends no register, taken for one of AVX-512")):
        if re.match(pattern, text):
            return reason
    prefixes = re.match(rb"[\x66\x67\xf2\xf3\xf0\x2e\x36\x3e\x26\x64\x65]*", code)[0]
    if len(set(prefixes)) < len(prefixes):
        return "the same prefix twice"
    if re.match(r"(MOVS|CMPS|STOS|LODS|SCAS)[BWDQ]\b", text) and re.search(rb"[\x2e\x36\x3e\x26\x64\x65]", prefixes):
        return "string instructions with a segment"
    if text.startswith("BSWAP") and b"\x66" in prefixes:
        return "`bswap` of 16 bits, which is undefined"
    return None


# *Intel 64 and IA-32 Architectures Software Developer's Manual*, volume 2: flags that are undefined behind an
# instruction. Those of shifts and rotations are defined for a distance of 1 only.
UNDEFINED_FLAGS = {}
for names, flags in (
        ("MUL IMUL", "SF ZF AF PF"),
        ("DIV IDIV", "CF OF SF ZF AF PF"),
        ("BT BTS BTR BTC", "OF SF AF PF"),
        ("BSF BSR", "CF OF SF AF PF"),
        ("TZCNT LZCNT", "OF SF AF PF"),
        ("SHL SAL SHR SAR ROL ROR RCL RCR SHLD SHRD", "OF AF"),
        ("AND OR XOR TEST", "AF")):
    UNDEFINED_FLAGS.update(dict.fromkeys(names.split(), frozenset(flags.split())))



def writes_back_badly(text):
    """Whether an address is written back to the program counter or to a register that is loaded or stored."""
    found = re.match(r"(?:ld|st)\S* (.*)\[(\w+)(.*)", text)
    if not found or not re.search(r"\]!|\],", text):
        return False
    names, base, rest = found.groups()
    numbers = {name.lstrip("xwr") for name in re.findall(r"\b[xwr]\d+\b|\b(?:sp|lr)\b", names)}
    return base == "pc" or base.lstrip("xwr") in numbers or any(
        name.lstrip("xwr") in numbers for name in re.findall(r"\br\d+\b", rest))


def arm_unsuitable(code, text, thumb=False):
    if text.startswith("vmrs"):
        return "flags of floating-point comparisons, which Unicorn does not set"
    if re.match(r"str\S* pc\b", text):
        return "a stored program counter, which processors see in different places"
    if thumb and len(code) == 4 and re.search(r"\bpc\b", text) and not re.match(r"v?ldr|pop|ldm|b(?!ic)|tb|adr", text):
        return "the program counter as an operand, which is unpredictable in T32"
    if not thumb and re.match(r"(clz|rev|rbit|mul|mla|mls|sm|um|[su]div|[su]xt|[su]bfx|bf|[su]sat).*\bpc\b", text):
        return "the program counter as an operand of such as `clz` and `mul`, which is unpredictable in A32"
    if text.endswith("^"):
        return "registers of other modes"
    if re.match(r"ldpsw|ldp", text) and len(set(re.findall(r"\b[wxqds](?:\d+|zr)\b", text.split("[")[0]))) == 1:
        return "two loads of one register, which is unpredictable"
    if writes_back_badly(text):
        return "write-back to a register that is loaded or stored, which is unpredictable"
    if re.match(r"stm\S* (\w+),\{.*\b\1\b.*\}", text):
        return "`stm` of the register that holds the address, which is deprecated"
    if re.match(r"rev|clz|rbit", text) and len(code) == 4 and code[1] == 0xFA and code[0] & 15 != code[2] & 15:
        return "an instruction of one operand with two to read, which is unpredictable"
    return None


def arm(processor, instance, places, status):
    name = instance.text.split()[0]
    if places == {"pc"} and re.match(r"pop|ldm|bx|mov|ldr|add", name):
        return "the bit of a target that tells the instruction set, which returns and jumps leave out"
    if processor.thumb and places == {"CY"} and re.match(r"(and|orr|eor|bic|orn|mov|mvn)s|tst|teq", name):
        return "SLEIGH leaves the carry of a shifted operand alone in T32; no compiler reads it there"
    if re.match(r"v(push|pop)\w* \{s", instance.text):
        return "SLEIGH reads lists of single registers backwards in `vpush` and `vpop`; compilers save double ones"
    if processor.thumb and re.match(r"ldrsb\S* \w+,\[0x", instance.text):
        return "SLEIGH follows `ldrsb` of a literal twice; compilers put no single bytes there"
    return None


def aarch64(processor, instance, places, status):
    if re.match(r"ld[1-4] \{.*\.(8B|4H|2S|1D)", instance.text):
        return "SLEIGH leaves the upper halves alone where `ld1` loads the lower ones of several registers"
    if re.match(r"[su]cvtf .*#0x40$", instance.text):
        return "numbers of 64 bits behind the point, for which SLEIGH divides by another power"
    return None


def mips_unsuitable(code, text):
    if re.search(r"\bf\d+\b|^bc1|^[cm][tf]c1", text):
        return "floating-point numbers, whose registers Unicorn does not show"
    words = [int.from_bytes(code[at:at + 4], "little") for at in range(0, len(code), 4)]
    if any(word >> 26 in (0x38, 0x3C) for word in words):
        return "`sc` without `ll`, which stores nothing"
    first = words[0]
    if first & 0xFFFF in (0, 0xFFFF) and first >> 26 in (1, 4, 5, 6, 7, 20, 21, 22, 23):
        return "branches to themselves or to their own delay slot, behind which Unicorn tells no address"
    return None


def riscv(processor, instance, places, status):
    if places == {"pc"} and re.match(r"c\.jr|c\.jalr|jalr|ret", instance.text):
        return "the lowest bit of a target, which is never set in an address of code"
    if re.search(r",(rne|rtz|rdn|rup|rmm)$", instance.text) and places <= {r.name for r in processor.registers}:
        return "rounding that the instruction chooses, which SLEIGH leaves out"
    return None


FAMILIES = {"x86-64": x86, "i386": x86, "AArch64": aarch64, "ARM A32": arm, "ARM T32": arm,
            "RISC-V 64": riscv}
UNSUITABLE = {
    "x86-64": x86_unsuitable, "i386": x86_unsuitable, "AArch64": arm_unsuitable, "ARM A32": arm_unsuitable,
    "ARM T32": lambda code, text: arm_unsuitable(code, text, thumb=True), "MIPS32": mips_unsuitable, "MIPS64": mips_unsuitable}


def unsuitable(processor, code, text):
    """Why an instruction cannot be compared at all; None if it can."""
    return UNSUITABLE.get(processor.name, lambda *_: None)(code, text)


def cause(processor, instance, found, status):
    """Why an instance differs; None if nothing explains it.

    `found` are the places that differ, `status` is what the lifter made of the instruction.
    """
    places = {re.sub(r"^memory .*", "memory", place) for place in found}
    if all(is_nan(*values) for values in found.values()):
        return "which of two NaNs comes out"
    return FAMILIES.get(processor.name, lambda *_: None)(processor, instance, places, status)


def is_nan(theirs, ours):
    """Whether two vectors differ in nothing but the bits of numbers that are none, on both sides."""
    if not theirs or not ours:
        return False
    theirs, ours = int(theirs, 16), int(ours, 16)

    def lanes(size, exponent, fraction):
        mask = (1 << size) - 1
        pairs = [(theirs >> at & mask, ours >> at & mask) for at in range(0, 128, size)]
        return all(one == other or all((value >> fraction & exponent) == exponent and value & (1 << fraction) - 1
                                       for value in (one, other)) for one, other in pairs)

    return lanes(64, 0x7FF, 52) or lanes(32, 0xFF, 23)
