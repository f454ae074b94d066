extension Processor {
  /// i386 under the System V calling convention: all arguments are on the stack.
  ///
  /// GCC passes those of functions that nobody else can call in registers.
  static let i386 = Processor(
    name: "i386",
    description: "x86.sla",
    context: [("addrsize", 1), ("opsize", 1)],
    pointerSize: 4,
    stackPointer: "ESP",
    threadPointer: "GS_OFFSET",
    arguments: "",
    floatArguments: "",
    result: "EAX",
    floatResult: "ST0",
    preserved: "EBX ESP EBP ESI EDI",
    others: "ECX EDX XMM0 XMM1 XMM2 XMM3 XMM4 XMM5 XMM6 XMM7",
    flags: "CF PF AF ZF SF DF OF",
    clearFlags: "DF",
    returnAddressSize: 4,
    longLongAlignment: 4,
    stubPointer: "EBX",
    addressThunks: [
      ([0x8B, 0x04, 0x24, 0xC3], "EAX"), ([0x8B, 0x0C, 0x24, 0xC3], "ECX"),
      ([0x8B, 0x14, 0x24, 0xC3], "EDX"), ([0x8B, 0x1C, 0x24, 0xC3], "EBX"),
      ([0x8B, 0x34, 0x24, 0xC3], "ESI"), ([0x8B, 0x3C, 0x24, 0xC3], "EDI"),
      ([0x8B, 0x2C, 0x24, 0xC3], "EBP"),
    ],
    localArguments: "EAX EDX ECX",
    cellSize: 4)

  /// i386 as on Windows, where code lies at an address that is known.
  static let i386Windows: Processor = {
    var processor = i386
    processor.threadPointer = "FS_OFFSET"
    processor.longLongAlignment = 8
    processor.stubPointer = nil
    processor.addressThunks = []
    processor.localArguments = "ECX EDX"
    processor.callsThroughTable = true
    return processor
  }()
}
