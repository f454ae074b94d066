import BinaryFormats
import IR
import Interpretation
import ModuleRecovery
import Raising
import RuntimeModel
import Simplification

// What tests of types and flags are about.
extension Raiser {
  /// What a load of the number by which C code asks for `__debug__` is compared with where that holds.
  enum DebugFlag {
    /// CPython's number of `-O` options.
    case zero
    /// What `__Pyx_init_assertions_enabled` in `Cython/Utility/Exceptions.c` has found, in a static variable.
    case one
  }

  /// Which number says whether `__debug__` holds, if a value is one of these.
  func debugFlag(_ id: Instruction.ID) -> DebugFlag? {
    guard function[id].operation == .machine(.load) else { return nil }
    let place = function.operand(0, of: id)
    if function.variable(place, view) == "Py_OptimizeFlag" { return .zero }
    // Before the module's own code runs, nothing else in static memory is set that starts at 0.
    guard function.size(id) == 4, let address = function.constant(place),
      program.state.word(at: address, size: 4) == 1,
      program.image.integer(at: address, size: 4) == 0
    else { return nil }
    return .one
  }

  /// The object from whose type a value is loaded as `Py_TYPE`.
  func typeOwner(_ id: Instruction.ID) -> Instruction.ID? {
    guard function[id].operation == .machine(.load), function.isWord(id) else { return nil }
    let (base, offset) = function.offset(function.operand(0, of: id))
    return offset == function.layout.type ? base : nil
  }

  /// The object that a test of its type is about.
  func testedObject(_ id: Instruction.ID) -> Instruction.ID? {
    guard function[id].operation == .machine(.load) else { return nil }
    return typeOwner(id) ?? callSlotOwner(id) ?? typeFlags(id)?.object
  }

  /// The object whose type's `tp_call` a value is.
  func callSlotOwner(_ id: Instruction.ID) -> Instruction.ID? {
    guard function[id].operation == .machine(.load), function.isWord(id) else { return nil }
    let (type, offset) = function.offset(function.operand(0, of: id))
    return offset == function.layout.offset(of: .call) ? typeOwner(type) : nil
  }

  /// The object whose type's flags a value is, and by how many bits they are shifted.
  func typeFlags(_ id: Instruction.ID) -> (object: Instruction.ID, shift: UInt64)? {
    var id = id
    while let (opcode, inner, position) = function.machine(id) {
      guard opcode == .zeroExtend || (opcode == .extract && function.constant(position) == 0)
      else { return nil }
      id = inner
    }
    guard function[id].operation == .machine(.load) else { return nil }
    let (type, offset) = function.offset(function.operand(0, of: id))
    let flags = function.layout.typeFlags
    guard offset >= flags, offset < flags + 4, let object = typeOwner(type) else { return nil }
    return (object, (offset - flags) * 8)
  }
}
