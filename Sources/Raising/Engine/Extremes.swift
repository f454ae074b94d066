import Basics
import IR
import Simplification

// The greater or the smaller of values.
extension Raiser {
  /// Reads `max` and `min`, which Cython writes out.
  ///
  /// ```
  /// %3 = compare(greater) %1, %2; if %3: %4 = %1 else: %4 = %2     →     %4 = max(%2, %1)
  /// ```
  /// `_optimise_min_max` in `Cython/Compiler/Optimize.py`. Further values are compared with the first
  /// result.
  ///
  /// - Returns: whether anything changed.
  func raiseExtremes() -> Bool {
    for block in function.reversePostorder() {
      guard let site = BranchSite(block, in: function), let truth = truthTest(of: site) else {
        continue
      }
      let test = function.operand(0, of: truth)
      guard let name = extreme(test), function[test].block == block,
        isReadOnly(test, by: truth),
        let result = choice(
          of: function.operand(0, of: test), or: function.operand(1, of: test), site)
      else { continue }
      let (challenger, first) = (function.operand(0, of: test), function.operand(1, of: test))
      becomeBuiltinCall(test, name, earlier(first, name, before: test) + [challenger])
      function.replace(truth, with: .undefined, [])
      settle(block, result, as: test)
      return true
    }
    return flattenExtremes()
  }

  /// `max(max(a, b), c)` → `max(a, b, c)`, where the outer one was read first.
  private func flattenExtremes() -> Bool {
    for block in function.reversePostorder() {
      for call in function[block].instructions {
        guard let name = nameOfExtreme(call) else { continue }
        let operands = Array(function.operands(of: call).dropFirst())
        let values = earlier(operands[0], name, before: call)
        guard values.count > 1 else { continue }
        return becomeBuiltinCall(call, name, values + operands.dropFirst())
      }
    }
    return false
  }

  /// The name of the builtin that a step calls with values, if it is `max` or `min`.
  private func nameOfExtreme(_ id: Instruction.ID) -> String? {
    guard case .call(let shape)? = operation(id),
      function[shape].arguments.allSatisfy({ $0 == .positional }),
      case .builtin(let callee)? = operation(function.operand(0, of: id)),
      symbols[callee] == "max" || symbols[callee] == "min", function.operandCount(of: id) > 2
    else { return nil }
    return symbols[callee]
  }

  private func extreme(_ id: Instruction.ID) -> String? {
    switch operation(id) {
    case .compare(.greater): "max"
    case .compare(.less): "min"
    default: nil
    }
  }

  private func isReadOnly(_ id: Instruction.ID, by reader: Instruction.ID) -> Bool {
    for block in function.reversePostorder() {
      for other in function[block].instructions where function.operands(of: other).contains(id) {
        if case .referenceCount = function[other].operation { continue }
        if other != reader { return false }
      }
      if let value = function[block].terminator.value, function.resolve(value) == id {
        return false
      }
    }
    return true
  }

  /// The phi in which the winner of a comparison ends, if numbers are made objects at most besides.
  private func choice(
    of winner: Instruction.ID, or other: Instruction.ID, _ site: BranchSite
  ) -> Instruction.ID? {
    decidedPhi(site) { operation in
      switch operation {
      case .referenceCount, .undefined, .python(.boxInteger), .python(.boxFloat): true
      default: false
      }
    } choosing: { taken, left in
      isSame(taken, winner) && isSame(left, other)
    }
  }

  private func isSame(_ one: Instruction.ID, _ other: Instruction.ID) -> Bool {
    if one == other { return true }
    guard let operation = operation(one), operation == self.operation(other),
      operation == .boxInteger || operation == .boxFloat
    else { return false }
    return function.operand(0, of: one) == function.operand(0, of: other)
  }

  /// The values that were compared before, if nothing else reads which of them it was.
  private func earlier(
    _ value: Instruction.ID, _ name: String, before test: Instruction.ID
  ) -> [Instruction.ID] {
    guard nameOfExtreme(value) == name, sites[value]?.line == sites[test]?.line,
      isReadOnly(value, by: test)
    else { return [value] }
    let values = Array(function.operands(of: value).dropFirst())
    function.remove(value)
    return values
  }
}
