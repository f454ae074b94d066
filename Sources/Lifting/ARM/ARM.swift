extension Processor {
  /// 32-bit ARM, A32 and T32, under the *Procedure Call Standard for the Arm Architecture* with
  /// floating-point numbers in registers of their own.
  static let armHardwareFloats = Processor(
    name: "ARM",
    description: "ARM8_le.sla",
    context: [("TMode", 0)],
    pointerSize: 4,
    stackPointer: "sp",
    linkRegister: "lr",
    conditionFlags: "NG ZR CY OV",
    arguments: "r0 r1 r2 r3",
    floatArguments: "d0 d1 d2 d3 d4 d5 d6 d7",
    result: "r0",
    floatResult: "d0",
    preserved: "r4 r5 r6 r7 r8 r9 r10 r11 sp d8 d9 d10 d11 d12 d13 d14 d15",
    others: """
      r12 pc d16 d17 d18 d19 d20 d21 d22 d23 d24 d25 d26 d27 d28 d29 d30 d31
      """,
    flags: "NG ZR CY OV tmpNG tmpZR tmpCY tmpOV shift_carry TB Q ISAModeSwitch",
    pushesMakeRoom: true,
    mode: ("TMode", "ISAModeSwitch"),
    cellSize: 4)

  /// The same with floating-point numbers in registers for integers.
  static let arm: Processor = {
    var processor = armHardwareFloats
    processor.passesFloatsAsIntegers = true
    return processor
  }()
}
