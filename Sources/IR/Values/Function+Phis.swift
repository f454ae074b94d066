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
