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
      guard let site = BranchSite(block, in: function),
        let answer = site.valueComparedWithNull(in: function)
      else { continue }
      let truth = function.withoutExtract(answer)
      guard operation(truth) == .truth, function[truth].block == block else { continue }
      let test = function.operand(0, of: truth)
      guard let name = extreme(test), function[test].block == block,
        isReadOnly(test, by: truth),
        let result = choice(
          of: function.operand(0, of: test), or: function.operand(1, of: test), site)
      else { continue }
      let (challenger, first) = (function.operand(0, of: test), function.operand(1, of: test))
      function.forward(result, to: test)
      becomeBuiltinCall(test, name, earlier(first, name, before: test) + [challenger])
      function.replace(truth, with: .undefined, [])
      function.decideBranch(of: block, taken: true)
      function.removeUnreachableBlocks()
      function.removeForwarded()
      while function.removeTrivialPhis() {}
      return true
    }
    return false
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

  /// The phi in which the winner of a comparison ends, if both ways do nothing else.
  private func choice(
    of winner: Instruction.ID, or other: Instruction.ID, _ site: BranchSite
  ) -> Instruction.ID? {
    guard let (yes, join) = boxingWay(from: site.block, to: site.otherTarget),
      let (no, end) = boxingWay(from: site.block, to: site.target), join == end, yes != no,
      function[join].predecessors.count == 2,
      let first = function[join].predecessors.firstIndex(of: yes),
      let second = function[join].predecessors.firstIndex(of: no)
    else { return nil }
    var result: Instruction.ID?
    for phi in function[join].instructions where function.isPhi(phi) {
      let (taken, left) = (function.operand(first, of: phi), function.operand(second, of: phi))
      if taken == left { continue }
      guard result == nil, isSame(taken, winner), isSame(left, other) else { return nil }
      result = phi
    }
    return result
  }

  /// The last block before two ways meet, if control makes numbers objects at most.
  private func boxingWay(
    from source: Block.ID, to start: Block.ID
  ) -> (from: Block.ID, join: Block.ID)? {
    if function[start].predecessors.count > 1 { return (source, start) }
    let isIdle = function[start].instructions.allSatisfy { id in
      switch function[id].operation {
      case .referenceCount, .undefined, .python(.boxInteger), .python(.boxFloat): true
      default: false
      }
    }
    guard isIdle, case .jump(let join) = function[start].terminator else { return nil }
    return (start, join)
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
    guard case .call(let shape)? = operation(value),
      function[shape].arguments.allSatisfy({ $0 == .positional }),
      case .builtin(let callee)? = operation(function.operand(0, of: value)),
      symbols[callee] == name, function.operandCount(of: value) > 2, sites[value] == sites[test],
      isReadOnly(value, by: test)
    else { return [value] }
    let values = Array(function.operands(of: value).dropFirst())
    function.remove(value)
    return values
  }
}
