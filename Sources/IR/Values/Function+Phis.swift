import Basics

extension Function {
  /// Replaces a phi whose operands are all the same value, itself aside.
  @discardableResult
  package mutating func forwardIfTrivial(_ phi: Instruction.ID) -> Bool {
    var only: Instruction.ID?
    for index in 0..<operandCount(of: phi) {
      let operand = operand(index, of: phi)
      if operand == phi || operand == only { continue }
      guard only == nil else { return false }
      only = operand
    }
    guard let only else {
      // Only itself: the block is not reached with any value.
      let nothing = undefined(width: size(phi))
      forward(phi, to: nothing)
      return true
    }
    forward(phi, to: only)
    return true
  }

  /// Replaces every phi whose operands are all the same value, once over.
  ///
  /// - Returns: whether any was replaced.
  package mutating func removeTrivialPhis() -> Bool {
    var changed = false
    for block in blocks.ids {
      var hasForwarded = false
      for id in blocks[block].instructions where isPhi(id) {
        if forwardIfTrivial(id) { hasForwarded = true }
      }
      guard hasForwarded else { continue }
      changed = true
      blocks[block].instructions.removeAll { instructions[$0].operation == .forward }
    }
    return changed
  }
}

extension Function {
  /// Makes phis of one block that merge the same values one phi.
  ///
  /// ```
  /// %5 = phi %1, %9     %6 = phi %1, %9     →     %6 is %5
  /// ```
  /// - Returns: whether any phi was replaced.
  package mutating func mergeEqualPhis() -> Bool {
    var changed = false
    for block in blocks.ids {
      let phis = blocks[block].instructions.filter { isPhi($0) }
      guard phis.count > 1 else { continue }
      var known: [[Instruction.ID]: Instruction.ID] = [:]
      for id in phis {
        let own = operands(of: id)
        // A phi that is its own operand stands for the same as any other that is its own.
        let key =
          own.map { $0 == id ? Instruction.ID(.max) : $0 } + [Instruction.ID(UInt32(size(id)))]
        if let other = known[key] {
          forward(id, to: other)
          changed = true
        } else {
          known[key] = id
        }
      }
    }
    if changed { removeForwarded() }
    return changed
  }
}

extension Function {
  /// Replaces phis that merge one value with nothing but each other.
  ///
  /// ```
  /// %5 = phi %1, %6     %6 = phi %5, %1     →     both are %1
  /// ```
  /// - Returns: whether any was replaced.
  package mutating func removeCyclicPhis() -> Bool {
    var phis: [Instruction.ID] = []
    for block in reversePostorder() {
      for id in blocks[block].instructions where isPhi(id) { phis.append(id) }
    }
    guard let known = onlyValues(of: phis) else { return false }
    var changed = false
    for phi in phis {
      guard let value = known[phi], value != phi, size(value) == size(phi) else { continue }
      forward(phi, to: value)
      changed = true
    }
    if changed { removeForwarded() }
    return changed
  }

  /// What each phi always is; itself if it is different values.
  private func onlyValues(of phis: [Instruction.ID]) -> [Instruction.ID: Instruction.ID]? {
    var known: [Instruction.ID: Instruction.ID] = [:]
    for _ in 0..<64 {
      var changed = false
      for phi in phis where known[phi] != phi {
        guard let value = onlyValue(of: phi, known), known[phi] != value else { continue }
        // What was one value and is another one now is neither.
        known[phi] = known[phi] == nil ? value : phi
        changed = true
      }
      if !changed { return known }
    }
    return nil
  }

  /// What a number was before it was made short and long again, as where a C integer of four bytes is kept
  /// over a suspension.
  private func withoutTruncation(_ id: Instruction.ID) -> Instruction.ID {
    guard let (opcode, half, _) = machine(id), opcode == .zeroExtend,
      let (inner, whole, position) = machine(half), inner == .extract, constant(position) == 0
    else { return id }
    return whole
  }

  /// Whether a value is a constant that is not changed by being made short.
  private func isKept(_ value: Instruction.ID, inHalf id: Instruction.ID) -> Bool {
    guard let number = constant(value) else { return false }
    return number <= Opcode.mask(size(operand(0, of: id)))
  }

  private func onlyValue(
    of phi: Instruction.ID, _ known: [Instruction.ID: Instruction.ID]
  ) -> Instruction.ID? {
    var only: Instruction.ID?
    for operand in operands(of: phi) where operand != phi {
      let kept = withoutTruncation(operand)
      guard var value = isPhi(kept) ? known[kept] : operand else { continue }
      if kept != operand, !isKept(value, inHalf: operand) { value = operand }
      if let only, only != value, !areSameConstant(only, value) { return phi }
      only = value
    }
    return only
  }

  private func areSameConstant(_ first: Instruction.ID, _ second: Instruction.ID) -> Bool {
    guard let number = constant(first) else { return false }
    return number == constant(second) && size(first) == size(second)
  }
}
