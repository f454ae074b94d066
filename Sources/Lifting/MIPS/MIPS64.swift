extension Processor {
  /// MIPS64, little-endian, position-independent code under the N64 convention.
  static let mips64 = Processor(
    name: "MIPS64",
    description: "mips64le.sla",
    context: [("RELP", 1)],
    stackPointer: "sp",
    linkRegister: "ra",
    functionPointer: "t9",
    tablePointer: "gp",
    zeroRegister: "zero",
    arguments: "a0 a1 a2 a3 t0 t1 t2 t3",
    floatArguments: "f12 f13 f14 f15 f16 f17 f18 f19",
    result: "v0",
    floatResult: "f0",
    preserved: "s0 s1 s2 s3 s4 s5 s6 s7 s8 sp f24 f25 f26 f27 f28 f29 f30 f31",
    others: """
      v1 at t4 t5 t6 t7 t8 k0 k1 hi lo f1 f2 f3 f4 f5 f6 f7 f8 f9 f10 f11 f20 f21 f22 f23
      """,
    flags: "ISAModeSwitch",
    callsThroughTable: true)
}
