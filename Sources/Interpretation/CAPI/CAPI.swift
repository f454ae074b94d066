import Basics
import BigInt
import IR
import RuntimeModel

/// The model of the C functions that module initialisation calls, by name.
///
/// A model reads its arguments from where the calling convention puts them, and leaves its result
/// there. What is not modelled stops the run.
enum CAPI {
  typealias Model = @Sendable (Interpreter) -> Void

  static let models: [String: Model] = {
    var models: [String: Model] = [:]
    let tables = [
      text, numbers, containers, dictionaries, attributes, modules, imports, types, codeObjects,
      errors, runtime, cLibrary, arguments, exports, sharedHelpers,
    ]
    for table in tables { models.merge(table) { first, _ in first } }
    return models
  }()
}

// MARK: - Arguments and results

extension Interpreter {
  /// An integer argument of the imported function that is being called.
  func argument(_ index: Int) -> UInt64 {
    let registers = machine.argumentRegisters.prefix(namedArguments ?? .max)
    if index < registers.count { return read(registers[index]) }
    let offset =
      machine.returnAddressSize + machine.stackArgumentOffset
      + (index - registers.count) * machine.pointerSize
    return load(read(machine.stackPointer) &+ UInt64(offset))
  }

  /// A floating-point argument.
  func doubleArgument(_ index: Int) -> Double {
    if machine.passesFloatsAsIntegers || machine.floatArgumentRegisters.isEmpty {
      // Two words each.
      return Double(bitPattern: argument(2 * index) | argument(2 * index + 1) << 32)
    }
    guard index < machine.floatArgumentRegisters.count else { return 0 }
    return Double(bitPattern: read(machine.floatArgumentRegisters[index]))
  }

  func signedArgument(_ index: Int) -> Int64 {
    Opcode.signed(argument(index), machine.pointerSize)
  }

  /// An argument that the function takes as a C `long`.
  func longArgument(_ index: Int) -> Int64 { Opcode.signed(argument(index), machine.longSize) }

  /// An argument of eight bytes, which takes two registers where those have four.
  func wideArgument(_ index: Int) -> UInt64 {
    machine.pointerSize == 8
      ? argument(index) : argument(index) | argument(index + 1) << 32
  }

  /// An argument that the function takes as a C `int`.
  func intArgument(_ index: Int) -> Int {
    Int(Int32(truncatingIfNeeded: argument(index)))
  }

  func finish(_ result: UInt64) { write(machine.resultRegister, result) }

  func finish(status: Int) { finish(UInt64(bitPattern: Int64(status))) }

  func finish(double: Double) { write(machine.floatResultRegister, double.bitPattern) }

  /// Gives an object back as a new reference.
  func finishNew(_ object: UInt64) {
    addReference(object)
    finish(object)
  }

  func addReference(_ object: UInt64) {
    guard object != 0 else { return }
    // Only the low half counts in 3.12 and later.
    let place = object &+ world.layout.referenceCount
    store(references(to: object) &+ 1, place, size: 4)
  }

  /// An object's count.
  func references(to object: UInt64) -> UInt64 {
    memory.integer(at: object &+ world.layout.referenceCount, size: 4) ?? 0
  }

  /// Gives a new object its count; every object is owned by the one thread that there is.
  func setReferences(of object: UInt64, to count: UInt64) {
    store(count, object &+ world.layout.referenceCount, size: 4)
  }

  /// Sets the error indicator and returns null.
  func fail(_ exception: String) {
    setError(exceptionType(exception))
    finish(0)
  }

  /// The type of the current error, or 0.
  package var error: UInt64 {
    let current = load(world.threadState + world.layout.currentError)
    return world.layout.keepsExceptions && current != 0
      ? load(current + world.layout.type) : current
  }

  func setError(_ type: UInt64) {
    var current = type
    if world.layout.keepsExceptions, type != 0 {
      current = make(.opaque("exception"), type: "PyBaseObject_Type")
      store(type, current + world.layout.type)
    }
    store(current, world.threadState + world.layout.currentError)
  }
}
