extension Processor {
  /// x86-64 under the System V calling convention, as on Linux and macOS.
  static let x8664 = Processor(
    name: "x86-64",
    description: "x86-64.sla",
    context: [("addrsize", 2), ("opsize", 1), ("rexprefix", 0), ("longMode", 1)],
    stackPointer: "RSP",
    threadPointer: "FS_OFFSET",
    splitsAddresses: false,
    arguments: "RDI RSI RDX RCX R8 R9",
    floatArguments: "XMM0 XMM1 XMM2 XMM3 XMM4 XMM5 XMM6 XMM7",
    result: "RAX",
    floatResult: "XMM0",
    preserved: "RBX RSP RBP R12 R13 R14 R15",
    others: "R10 R11 XMM8 XMM9 XMM10 XMM11 XMM12 XMM13 XMM14 XMM15",
    flags: "CF PF AF ZF SF DF OF",
    clearFlags: "DF",
    returnAddressSize: 8)
}
