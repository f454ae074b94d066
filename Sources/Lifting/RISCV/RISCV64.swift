extension Processor {
  /// 64-bit RISC-V under the *RISC-V ELF psABI*, lp64d.
  static let riscV64 = Processor(
    name: "RISC-V 64",
    description: "riscv.lp64d.sla",
    context: [
      ("MXL", 2), ("RVA", 1), ("RVC", 1), ("RVD", 1), ("RVF", 1), ("RVH", 1), ("RVI", 1),
      ("RVM", 1),
    ],
    stackPointer: "sp",
    threadPointer: "tp",
    linkRegister: "ra",
    zeroRegister: "zero",
    arguments: "a0 a1 a2 a3 a4 a5 a6 a7",
    floatArguments: "fa0 fa1 fa2 fa3 fa4 fa5 fa6 fa7",
    result: "a0",
    floatResult: "fa0",
    preserved: """
      s0 s1 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 sp fs0 fs1 fs2 fs3 fs4 fs5 fs6 fs7 fs8 fs9 fs10 fs11
      """,
    others: """
      gp t0 t1 t2 t3 t4 t5 t6 ft0 ft1 ft2 ft3 ft4 ft5 ft6 ft7 ft8 ft9 ft10 ft11
      """,
    flags: "")
}
