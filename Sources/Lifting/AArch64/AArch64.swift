extension Processor {
  /// AArch64 under the *Procedure Call Standard for the Arm 64-bit Architecture*.
  static let aarch64 = Processor(
    name: "AArch64",
    description: "AARCH64.sla",
    stackPointer: "sp",
    threadPointer: "tpidr_el0",
    linkRegister: "x30",
    conditionFlags: "NG ZR CY OV",
    arguments: "x0 x1 x2 x3 x4 x5 x6 x7",
    floatArguments: "d0 d1 d2 d3 d4 d5 d6 d7",
    result: "x0",
    floatResult: "d0",
    preserved: """
      x19 x20 x21 x22 x23 x24 x25 x26 x27 x28 x29 sp d8 d9 d10 d11 d12 d13 d14 d15
      """,
    others: """
      x8 x9 x10 x11 x12 x13 x14 x15 x16 x17 x18 q0 q1 q2 q3 q4 q5 q6 q7 q8 q9 q10 q11 q12 q13 q14 \
      q15 q16 q17 q18 q19 q20 q21 q22 q23 q24 q25 q26 q27 q28 q29 q30 q31
      """,
    flags: "NG ZR CY OV tmpNG tmpZR tmpCY tmpOV shift_carry")
}
