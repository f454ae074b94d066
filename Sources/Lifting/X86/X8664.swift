package import IR

extension Machine {
  /// x86-64 under the System V calling convention, as on Linux and macOS.
  package static func x8664SystemV(_ decoder: borrowing Decoder) throws(LiftingError) -> Machine {
    var names: [Varnode: String] = [:]
    func register(_ name: String) throws(LiftingError) -> Varnode {
      let varnode = try decoder.register(name)
      names[varnode] = name
      return varnode
    }
    func registers(_ list: String) throws(LiftingError) -> [Varnode] {
      var all: [Varnode] = []
      for name in list.split(separator: " ") { all.append(try register(String(name))) }
      return all
    }
    let vectors = try registers("XMM0 XMM1 XMM2 XMM3 XMM4 XMM5 XMM6 XMM7")
    _ = try registers("R10 R11 XMM8 XMM9 XMM10 XMM11 XMM12 XMM13 XMM14 XMM15")
    return Machine(
      name: "x86-64",
      pointerSize: 8,
      stackPointer: try register("RSP"),
      threadPointer: try register("FS_OFFSET"),
      argumentRegisters: try registers("RDI RSI RDX RCX R8 R9"),
      floatArgumentRegisters: vectors,
      resultRegister: try register("RAX"),
      floatResultRegister: vectors[0],
      preservedRegisters: try registers("RBX RSP RBP R12 R13 R14 R15"),
      flags: try registers("CF PF AF ZF SF DF OF"),
      returnAddressSize: 8,
      registerNames: names)
  }
}

extension Decoder {
  /// Context defaults of 64-bit mode, from SLEIGH's `x86-64.pspec`.
  package static let x8664Context: [(name: String, value: UInt32)] = [
    ("addrsize", 2), ("opsize", 1), ("rexprefix", 0), ("longMode", 1),
  ]
}
