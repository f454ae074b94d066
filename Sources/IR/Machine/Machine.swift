/// What analyses need to know of a processor and its calling convention.
///
/// An architecture is a value of this type, made from a table in `Lifting`; no analysis asks for
/// an architecture by name.
package struct Machine: Sendable {
  package var name: String
  /// Width of a pointer in bytes.
  package var pointerSize: Int
  package var stackPointer: Varnode
  /// Where the address of the thread's own data is kept, on machines that have such a register.
  package var threadPointer: Varnode?
  /// Where a call leaves the return address, on machines that do not push it.
  package var linkRegister: Varnode?
  /// What holds a function's own address at its entry, where the convention says so.
  package var functionPointer: Varnode?
  /// What points at the table of addresses all through a module, where the convention says so.
  package var tablePointer: Varnode?
  /// Whether instructions are too short for addresses.
  package var splitsAddresses: Bool
  /// The flags that instructions depend on which have a condition of their own, on machines that have
  /// comparisons among them.
  package var conditionFlags: [Varnode]
  /// Where integer and pointer arguments are passed, in order; the rest is on the stack.
  package var argumentRegisters: [Varnode]
  /// Where floating-point arguments are passed, in order.
  package var floatArgumentRegisters: [Varnode]
  package var resultRegister: Varnode
  package var floatResultRegister: Varnode
  /// Registers that a call leaves as they were, the stack pointer included.
  package var preservedRegisters: [Varnode]
  /// One-byte condition flags; no convention keeps them over a call.
  package var flags: [Varnode]
  /// Those of them that are clear wherever compiled code runs.
  package var clearFlags: Set<Varnode>
  /// How many bytes a call pushes: the return address, on machines that keep it on the stack.
  package var returnAddressSize: Int
  /// Whether compilers put registers on the stack only to make room there.
  package var pushesMakeRoom: Bool
  /// How far above the stack pointer of a call its first argument on the stack lies, the return
  /// address aside.
  package var stackArgumentOffset: Int
  /// Whether an argument takes a place among the integers and among the floating-point ones, whichever
  /// it is.
  package var sharesArgumentPlaces: Bool
  /// Width of C's `long` in bytes.
  package var longSize: Int
  /// The code of functions of the compiler's own that leave everything as it was; nil is any byte.
  package var transparentCode: [[UInt8?]]
  /// Whether imported functions are called through pointers in memory, not through stubs.
  package var callsThroughTable: Bool
  /// Whether arguments that a prototype does not name are on the stack, all of them.
  package var hasVariadicsOnStack: Bool
  /// What stubs of imported functions expect a pointer to the table of addresses in, on machines where
  /// that is not kept all through a module.
  package var stubPointer: Varnode?
  /// The code of functions that give back the address they return to, and where they leave it.
  package var addressThunks: [(code: [UInt8], result: Varnode)]
  /// Where the compiler passes arguments of functions that nobody else can call, if elsewhere.
  package var localArgumentRegisters: [Varnode]
  /// The bit of a code address that tells between two instruction sets, or 0.
  package var modeBit: UInt64
  /// Whether a `double` takes two registers for integers.
  package var passesFloatsAsIntegers: Bool
  /// How wide the pieces of the register file and of the frame are that are followed by themselves.
  package var cellSize: Int
  /// Register names for people, whole registers only.
  package var registerNames: [Varnode: String]

  package init(
    name: String, pointerSize: Int, stackPointer: Varnode, threadPointer: Varnode?,
    linkRegister: Varnode?, functionPointer: Varnode?, tablePointer: Varnode?,
    splitsAddresses: Bool, conditionFlags: [Varnode],
    argumentRegisters: [Varnode],
    floatArgumentRegisters: [Varnode], resultRegister: Varnode, floatResultRegister: Varnode,
    preservedRegisters: [Varnode], flags: [Varnode], clearFlags: Set<Varnode>,
    returnAddressSize: Int, pushesMakeRoom: Bool, stackArgumentOffset: Int,
    sharesArgumentPlaces: Bool, longSize: Int,
    transparentCode: [[UInt8?]], callsThroughTable: Bool, hasVariadicsOnStack: Bool,
    stubPointer: Varnode?, addressThunks: [(code: [UInt8], result: Varnode)],
    localArgumentRegisters: [Varnode], modeBit: UInt64, passesFloatsAsIntegers: Bool, cellSize: Int,
    registerNames: [Varnode: String]
  ) {
    self.name = name
    self.pointerSize = pointerSize
    self.stackPointer = stackPointer
    self.threadPointer = threadPointer
    self.linkRegister = linkRegister
    self.functionPointer = functionPointer
    self.tablePointer = tablePointer
    self.splitsAddresses = splitsAddresses
    self.conditionFlags = conditionFlags
    self.argumentRegisters = argumentRegisters
    self.floatArgumentRegisters = floatArgumentRegisters
    self.resultRegister = resultRegister
    self.floatResultRegister = floatResultRegister
    self.preservedRegisters = preservedRegisters
    self.flags = flags
    self.clearFlags = clearFlags
    self.returnAddressSize = returnAddressSize
    self.pushesMakeRoom = pushesMakeRoom
    self.stackArgumentOffset = stackArgumentOffset
    self.sharesArgumentPlaces = sharesArgumentPlaces
    self.longSize = longSize
    self.transparentCode = transparentCode
    self.callsThroughTable = callsThroughTable
    self.hasVariadicsOnStack = hasVariadicsOnStack
    self.stubPointer = stubPointer
    self.addressThunks = addressThunks
    self.localArgumentRegisters = localArgumentRegisters
    self.modeBit = modeBit
    self.passesFloatsAsIntegers = passesFloatsAsIntegers
    self.cellSize = cellSize
    self.registerNames = registerNames
  }
}

extension Machine {
  /// Where a function that anybody can call finds an argument at its entry.
  package func argumentCell(_ index: Int) -> Cell {
    if index < argumentRegisters.count {
      return Cell(
        .register, offset: Int32(truncatingIfNeeded: argumentRegisters[index].offset))
    }
    let place = (index - argumentRegisters.count) * pointerSize
    return Cell(
      .stack, offset: Int32(clamping: returnAddressSize + stackArgumentOffset + place))
  }
}
