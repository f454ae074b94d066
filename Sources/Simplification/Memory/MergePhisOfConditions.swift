import Basics
import IR

extension Function {
  /// Makes one condition of conditions on several ways that ask the same of different values.
  ///
  /// ```
  /// %7 = phi (%1 == None), (%2 == None)     →     %7 = %3 == None
  /// %3 = phi %1, %2
  /// ```
  /// Compilers make a condition early where a test has been threaded through others, as after
  /// `a or b`.
  ///
  /// - Returns: whether anything changed.
  package mutating func mergePhisOfConditions() -> Bool {
    var changed = narrowConditions()
    for block in reversePostorder() {
      let phis = self[block].instructions.filter { isPhi($0) }
      for id in phis where isPhi(id) && operandCount(of: id) > 1 {
        let values = operands(of: id)
        guard values.allSatisfy({ isCondition($0) }),
          let merged = merged(values, among: phis, depth: 0), merged != id
        else { continue }
        forward(id, to: merged)
        changed = true
      }
    }
    return changed
  }

  /// Whether a value is a condition, possibly as a wider number.
  private func isCondition(_ id: Instruction.ID) -> Bool {
    if let (opcode, inner, _) = machine(id), opcode == .zeroExtend { return isCondition(inner) }
    return self[id].block == nil && isBoolean(id)
  }

  /// The value that is the first one on the first way into a block, and so on.
  private mutating func merged(
    _ values: [Instruction.ID], among phis: [Instruction.ID], depth: Int
  ) -> Instruction.ID? {
    guard let first = values.first, depth < 8 else { return nil }
    if values.allSatisfy({ $0 == first }) { return first }
    // The conditions themselves are what their own phi merges.
    if depth > 0, let phi = phis.first(where: { isPhi($0) && operands(of: $0) == values }) {
      return phi
    }
    guard case .machine(let opcode) = self[first].operation, self[first].block == nil,
      values.allSatisfy({
        self[$0].operation == .machine(opcode) && self[$0].block == nil
          && size($0) == size(first) && operandCount(of: $0) == operandCount(of: first)
      })
    else { return nil }
    let (width, count) = (size(first), operandCount(of: first))
    let lefts = values.map { operand(0, of: $0) }
    guard count == 2 else {
      return merged(lefts, among: phis, depth: depth + 1).map { unary(opcode, $0, width: width) }
    }
    let rights = values.map { operand(1, of: $0) }
    if let left = merged(lefts, among: phis, depth: depth + 1),
      let right = merged(rights, among: phis, depth: depth + 1)
    {
      return binary(opcode, left, right, width: width)
    }
    // The two sides of a sum may stand either way.
    guard opcode.isCommutative, values.count == 2,
      let left = merged([lefts[0], rights[1]], among: phis, depth: depth + 1),
      let right = merged([rights[0], lefts[1]], among: phis, depth: depth + 1)
    else { return nil }
    return binary(opcode, left, right, width: width)
  }

  /// Merges the low byte alone where nothing else of a merged value is asked for, and where it is a
  /// condition on every way.
  private mutating func narrowConditions() -> Bool {
    var changed = false
    for id in instructionIDs where self[id].operation == .machine(.extract) && size(id) == 1 {
      let (phi, position) = (operand(0, of: id), operand(1, of: id))
      // A phi that nothing reads any more may have kept operands of edges that are gone.
      guard constant(position) == 0, isPhi(phi), let block = self[phi].block,
        operandCount(of: phi) == self[block].predecessors.count
      else { continue }
      let parts = operands(of: phi).map { extract($0, 0, width: 1) }
      guard parts.allSatisfy({ isBoolean($0) }) else { continue }
      let narrow = appendPhi(width: 1, to: block)
      setOperands(of: narrow, parts)
      forward(id, to: narrow)
      changed = true
    }
    return changed
  }
}
