package import BinaryFormats
package import IR

/// A processor with its calling convention, as a table: SLEIGH's description of it, and what its
/// registers are for.
///
/// Registers have SLEIGH's names, separated by spaces.
package struct Processor: Sendable {
  let name: String
  /// The file name of SLEIGH's compiled description.
  package let description: String
  /// Defaults of the decoder's context variables, as in the processor's `.pspec`.
  var context: [(name: String, value: UInt32)] = []
  var pointerSize = 8
  let stackPointer: String
  var threadPointer: String?
  /// Where a call leaves the return address, on processors that do not push it.
  var linkRegister: String?
  /// What a function finds its own address in.
  var functionPointer: String?
  /// What points at the table of addresses all through a module.
  var tablePointer: String?
  /// What reads as zero and takes what nobody wants.
  var zeroRegister: String?
  /// Whether instructions are too short for addresses.
  var splitsAddresses = true
  /// The flags that instructions depend on that have a condition of their own.
  var conditionFlags = ""
  let arguments: String
  let floatArguments: String
  let result: String
  let floatResult: String
  let preserved: String
  /// Other registers that values live in.
  let others: String
  let flags: String
  /// Those of them that the calling convention keeps clear.
  var clearFlags = ""
  /// How many bytes a call pushes.
  var returnAddressSize = 0
  /// Whether compilers put registers on the stack only to make room there.
  var pushesMakeRoom = false
  /// How far above the stack pointer of a call its first argument on the stack lies, the return
  /// address aside.
  var stackArgumentOffset = 0
  /// Whether an argument takes a place among the integers and among the floating-point ones, whichever
  /// it is.
  var sharesArgumentPlaces = false
  /// At multiples of how many bytes C keeps integers of eight bytes.
  package var longLongAlignment = 8
  /// Width of C's `long`, if it is not that of a pointer.
  var longSize: Int?
  /// The code of functions of the compiler's own that leave everything as it was; nil is any byte.
  var transparentCode: [[UInt8?]] = []
  /// Whether imported functions are called through pointers in memory, not through stubs.
  var callsThroughTable = false
  /// Whether arguments that a prototype does not name are on the stack, all of them.
  var hasVariadicsOnStack = false
  /// What stubs of imported functions expect a pointer to the table of addresses in.
  var stubPointer: String?
  /// The code of functions that give back the address they return to, and where they leave it.
  var addressThunks: [(code: [UInt8], result: String)] = []
  /// Where the compiler passes arguments of functions that nobody else can call, if elsewhere.
  var localArguments = ""
  /// The context variable for one of two instruction sets, and the register that follows it; the
  /// lowest bit of a code address is the same.
  var mode: (variable: String, register: String)?
  /// Whether a `double` takes two registers for integers.
  var passesFloatsAsIntegers = false
  /// How wide the pieces of the register file are that are followed by themselves.
  var cellSize = 8

  /// The processor and the conventions of a module, if there is a table for them.
  package static func of(_ image: BinaryImage) -> Processor? {
    guard !image.isBigEndian else { return nil }
    let isWindows = image.format == .portableExecutable
    switch image.architecture {
    case .x8664: return isWindows ? x8664Windows : x8664
    case .aarch64:
      return isWindows ? aarch64Windows : image.format == .machO ? aarch64Apple : aarch64
    case .i386: return isWindows ? i386Windows : i386
    case .arm: return isWindows ? nil : image.hasHardwareFloats ? armHardwareFloats : arm
    case .mips32: return mips32
    case .mips64: return mips64
    case .powerpc64: return powerPC64
    case .riscv64: return riscV64
    case .s390x: return nil
    }
  }

  /// The processor as analyses see it.
  package func machine(_ decoder: borrowing Decoder) throws(LiftingError) -> Machine {
    var names: [Varnode: String] = [:]
    func registers(_ list: String) throws(LiftingError) -> [Varnode] {
      var all: [Varnode] = []
      for name in list.split(separator: " ") {
        let varnode = try decoder.register(String(name))
        names[varnode] = String(name)
        all.append(varnode)
      }
      return all
    }
    func register(_ name: String) throws(LiftingError) -> Varnode {
      let found = try registers(name)
      guard let first = found.first else { throw .register(name) }
      return first
    }
    func optional(_ name: String?) throws(LiftingError) -> Varnode? {
      guard let name else { return nil }
      return try register(name)
    }
    _ = try registers(others)
    var thunks: [(code: [UInt8], result: Varnode)] = []
    for thunk in addressThunks { thunks.append((thunk.code, try register(thunk.result))) }
    return Machine(
      name: self.name,
      pointerSize: pointerSize,
      stackPointer: try register(stackPointer),
      threadPointer: try optional(threadPointer),
      linkRegister: try optional(linkRegister),
      functionPointer: try optional(functionPointer),
      tablePointer: try optional(tablePointer),
      splitsAddresses: splitsAddresses,
      conditionFlags: try registers(conditionFlags),
      argumentRegisters: try registers(arguments),
      floatArgumentRegisters: try registers(floatArguments),
      resultRegister: try register(result),
      floatResultRegister: try register(floatResult),
      preservedRegisters: try registers(preserved + (threadPointer.map { " " + $0 } ?? "")),
      flags: try registers(flags),
      clearFlags: Set(try registers(clearFlags)),
      returnAddressSize: returnAddressSize,
      pushesMakeRoom: pushesMakeRoom || returnAddressSize > 0,
      stackArgumentOffset: stackArgumentOffset,
      sharesArgumentPlaces: sharesArgumentPlaces,
      longSize: longSize ?? pointerSize,
      transparentCode: transparentCode,
      callsThroughTable: callsThroughTable,
      hasVariadicsOnStack: hasVariadicsOnStack,
      stubPointer: try optional(stubPointer),
      addressThunks: thunks,
      localArgumentRegisters: try registers(localArguments),
      modeBit: mode == nil ? 0 : 1,
      passesFloatsAsIntegers: passesFloatsAsIntegers,
      cellSize: cellSize,
      registerNames: names)
  }
}
