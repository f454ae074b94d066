import BinaryFormats
import IR
import Interpretation
import ModuleRecovery
import Simplification

extension CallRule {
  /// `__Pyx_Raise(type, value, traceback, cause)` → `raise type`.
  static let statements: [String: CallRule] = [
    "_PyDict_GetItem_KnownHash": CallRule { raiser, call, arguments in
      guard arguments.count >= 2, let name = raiser.name(arguments[1]) else { return false }
      return raiser.become(call, .global(name), [])
    },
    "PyDict_GetItem": CallRule { raiser, call, arguments in
      guard arguments.count >= 2, raiser.isModuleDictionary(arguments[0]),
        let name = raiser.name(arguments[1])
      else { return false }
      return raiser.become(call, .global(name), [])
    },
    // What lookups ask for themselves.
    "PyErr_ExceptionMatches": .simple(.exceptMatch, 0),
    "__Pyx_PyErr_ExceptionMatchesInState": .simple(.exceptMatch, 1),
    "__Pyx_Raise": CallRule { $0.raiseException($1, $2) },
    "PyErr_SetObject": CallRule { raiser, call, arguments in
      guard arguments.count >= 2, raiser.isAssertionError(arguments[0]) else { return false }
      if raiser.failAssertion(call, with: arguments[1]) { return true }
      return raiser.become(call, .failAssertion, [arguments[1]])
    },
    "PyErr_SetNone": CallRule { raiser, call, arguments in
      guard let type = arguments.first else { return false }
      // The end of a generator.
      if raiser.closure?.generator != nil,
        raiser.function.exceptionName(type, raiser.view) == "PyExc_StopIteration"
          || raiser.object(type) == .builtin("StopAsyncIteration")
          || raiser.function.exceptionName(type, raiser.view) == "PyExc_StopAsyncIteration"
      {
        raiser.function.replace(call, with: .undefined, [])
        return true
      }
      guard raiser.isAssertionError(type) else { return false }
      return raiser.become(call, .failAssertion, [])
    },
  ]
}

extension Raiser {
  func isAssertionError(_ id: Instruction.ID) -> Bool {
    function.exceptionName(id, view) == "PyExc_AssertionError"
      || object(id) == .builtin("AssertionError")
  }

  /// A raised class and value are one instance, as in `raise E(value)`… of Python 2 only.
  func raiseException(_ call: Instruction.ID, _ arguments: [Instruction.ID]) -> Bool {
    // What a clone of the helper does not read is left over from before.
    let count = function.constant(function.operand(0, of: call)).flatMap {
      program.certainParameterCount(of: $0)
    }
    let arguments = Array(arguments.prefix(max(1, count ?? arguments.count)))
    guard let type = arguments.first else { return false }
    func isLeftover(_ id: Instruction.ID) -> Bool {
      self.isLeftover(id, beside: type, isRead: count != nil)
    }
    let value = arguments.count > 1 ? arguments[1] : null
    // `assert` hands the type over as CPython has it, other statements what the name means.
    if function.exceptionName(type, view) == "PyExc_AssertionError" {
      if failAssertion(call, with: value) { return true }
      return become(call, .failAssertion, isNull(value) ? [] : [value])
    }
    // No other statement hands over a value beside the type; 3.0 packs messages that may be tuples.
    if object(type) == .builtin("AssertionError"), !isNull(value), !isLeftover(value) {
      guard object(value) != .tuple else { return false }
      if operation(value) == .tuple, function.operandCount(of: value) == 1 {
        function.forward(value, to: function.operand(0, of: value))
      }
      return become(call, .failAssertion, [function.resolve(value)])
    }
    // Clones of the helper leave unused parameters out, with the cause at the end.
    if arguments.count == 2, !isNull(value), !isLeftover(value) {
      return become(call, .raise, [type, value])
    }
    // No statement of Python 3 gives a traceback.
    let traceback = arguments.count > 3 ? arguments[2] : null
    let cause = arguments.count > 2 ? arguments[arguments.count - 1] : null
    func isMissing(_ id: Instruction.ID) -> Bool { isNull(id) || isLeftover(id) }
    guard isMissing(value), isMissing(traceback) else { return false }
    return become(call, .raise, isMissing(cause) ? [type] : [type, cause])
  }

  /// Reads a failed assertion whose exception was made before it was raised, as `__Pyx_Raise` does.
  fileprivate func failAssertion(_ call: Instruction.ID, with value: Instruction.ID) -> Bool {
    guard case .call? = operation(value), isAssertionError(function.operand(0, of: value)),
      function.operandCount(of: value) <= 2
    else { return false }
    become(call, .failAssertion, Array(function.operands(of: value).dropFirst()))
    forgetCounts(of: value)
    if isUnread(value) { function.replace(value, with: .undefined, []) }
    return true
  }

  /// Takes the reference counts of an exception away that nobody made by name.
  private func forgetCounts(of exception: Instruction.ID) {
    for block in function.reversePostorder() {
      for id in function[block].instructions {
        guard case .referenceCount = function[id].operation,
          function.operands(of: id).contains(exception)
        else { continue }
        function.remove(id)
      }
    }
  }

  /// Whether a value is what some call left in a register, which no argument is.
  ///
  /// `isRead` is whether the helper is known to read it: `raise E(e) from e`.
  private func isLeftover(
    _ id: Instruction.ID, beside exception: Instruction.ID, isRead: Bool
  ) -> Bool {
    // No exception is its own cause; where it was made it may still be in a register, or its argument.
    if id == exception { return true }
    if !isRead, function.operands(of: exception).contains(id) { return true }
    return switch function[id].operation {
    case .after, .undefined, .entry: true
    default: false
    }
  }
}
