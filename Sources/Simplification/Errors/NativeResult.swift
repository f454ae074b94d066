package import IR

/// What a C function gives back to its caller.
package enum NativeResult: Sendable {
  /// An object; null says that an error is set.
  case object
  /// Nothing but whether there was an error: 0 or -1, as `tp_init` does.
  case status
  /// Nothing at all: `cdef void`.
  case nothing
  /// A truth value, as `nb_bool` and `sq_contains` give it.
  case truth
  /// A C integer, or a truth value that is declared as `bint`.
  case number
  /// What it gives back after errors tells.
  case unknown
}

extension Function {
  /// What a function gives back, by what it gives back after errors: null in the place of an object, -1 in
  /// that of a number (`except -1`, `except? -1`), and anything where nobody looks at it
  /// (`CFuncDefNode.error_value` and `generate_function_definitions` in `Cython/Compiler/Nodes.py`).
  package func nativeResult(_ errors: ErrorPaths) -> NativeResult {
    var values: Set<UInt64?> = []
    for block in reversePostorder() {
      guard case .return(let value) = self[block].terminator else { continue }
      let result = resolve(value)
      if errors.isFailing(block) {
        values.insert(valueAfterError(result, errors))
      } else if isPhi(result), self[result].block == block {
        for (edge, from) in self[block].predecessors.enumerated() where errors.isFailing(from) {
          values.insert(valueAfterError(operand(edge, of: result), errors))
        }
      }
    }
    switch values {
    case []: return .unknown
    case [0]: return .object
    case [.max]: return .number
    default: return values == [nil] && !givesAwayResult ? .nothing : .unknown
    }
  }

  /// Whether some way out returns what a call gave without letting go of it first: an object, where a function
  /// that returns nothing would leave it behind.
  private var givesAwayResult: Bool {
    var released: Set<Instruction.ID> = []
    var returned: [Instruction.ID] = []
    for block in reversePostorder() {
      for id in self[block].instructions {
        if case .referenceCount(let change) = self[id].operation, change < 0 {
          released.insert(resolve(operand(0, of: id)))
        }
      }
      if case .return(let value) = self[block].terminator { returned.append(resolve(value)) }
    }
    var seen: Set<Instruction.ID> = []
    while let id = returned.popLast() {
      guard seen.insert(id).inserted else { continue }
      if isPhi(id) {
        returned += operands(of: id).map { resolve($0) }
      } else if self[id].operation == .call, isWord(id), !released.contains(id) {
        return true
      }
    }
    return false
  }

  /// What a function returns after an error, with its sign extended; nil if it is what a register happened
  /// to hold.
  private func valueAfterError(_ value: Instruction.ID, _ errors: ErrorPaths) -> UInt64? {
    let value = resolve(value)
    guard let number = constant(value) else {
      if self[value].operation == .undefined { return nil }
      // A null that a step gave, whatever stands for it.
      return self[value].block.map { errors.isFailing($0) } == true ? nil : 0
    }
    let bits = 8 * size(value)
    guard bits < 64, number >> UInt64(bits - 1) & 1 == 1 else { return number }
    return number | ~0 << UInt64(bits)
  }
}
