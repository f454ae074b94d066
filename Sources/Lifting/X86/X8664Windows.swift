extension Processor {
  /// x86-64 under Microsoft's *x64 calling convention*: four arguments in registers, for which callers
  /// leave 32 bytes on the stack.
  static let x8664Windows = Processor(
    name: "x86-64, Windows",
    description: "x86-64.sla",
    context: [("addrsize", 2), ("opsize", 1), ("rexprefix", 0), ("longMode", 1)],
    stackPointer: "RSP",
    threadPointer: "GS_OFFSET",
    arguments: "RCX RDX R8 R9",
    floatArguments: "XMM0 XMM1 XMM2 XMM3",
    result: "RAX",
    floatResult: "XMM0",
    preserved: """
      RBX RSP RBP RSI RDI R12 R13 R14 R15 XMM6 XMM7 XMM8 XMM9 XMM10 XMM11 XMM12 XMM13 XMM14 XMM15
      """,
    others: "R10 R11 XMM4 XMM5",
    flags: "CF PF AF ZF SF DF OF",
    clearFlags: "DF",
    returnAddressSize: 8,
    stackArgumentOffset: 32,
    sharesArgumentPlaces: true,
    longSize: 4,
    transparentCode: [securityCheck, stackProbe, stackProbeOfMinGW],
    callsThroughTable: true)

  /// `__security_check_cookie`, which ends the program if the frame was written over.
  ///
  /// ```
  /// cmp rcx, [cookie]; jne .+16; rol rcx, 16; test cx, 0xffff; jne .+1; ret
  /// ```
  private static let securityCheck: [UInt8?] = [
    0x48, 0x3B, 0x0D, nil, nil, nil, nil, 0x75, 0x10, 0x48, 0xC1, 0xC1, 0x10, 0x66, 0xF7, 0xC1,
    0xFF,
    0xFF, 0x75, 0x01, 0xC3,
  ]

  /// `__chkstk`, which touches each page of a large frame; the caller then makes the frame itself.
  ///
  /// ```
  /// sub rsp, 16; mov [rsp], r10; mov [rsp + 8], r11; xor r11, r11; lea r10, [rsp + 24]; sub r10, rax
  /// ```
  private static let stackProbe: [UInt8?] = [
    0x48, 0x83, 0xEC, 0x10, 0x4C, 0x89, 0x14, 0x24, 0x4C, 0x89, 0x5C, 0x24, 0x08, 0x4D, 0x33, 0xDB,
    0x4C, 0x8D, 0x54, 0x24, 0x18, 0x4C, 0x2B, 0xD0,
  ]

  /// `___chkstk_ms` of MinGW, the same.
  ///
  /// ```
  /// push rcx; push rax; cmp rax, 4096; lea rcx, [rsp + 24]
  /// ```
  private static let stackProbeOfMinGW: [UInt8?] = [
    0x51, 0x50, 0x48, 0x3D, 0x00, 0x10, 0x00, 0x00, 0x48, 0x8D, 0x4C, 0x24, 0x18,
  ]
}
