import IR

extension Function {
  /// Tests one condition behind the other that are tested at once.
  ///
  /// ```
  /// A: if %1 or %2: goto T else: goto F     →     A: if %1: goto T else: goto B
  ///                                               B: if %2: goto T else: goto F
  /// ```
  /// Where processors have conditional comparisons, compilers join what others test in two steps;
  /// analyses see one form only.
  mutating func splitConditions() {
    // Each split makes a condition smaller.
    for _ in 0..<8 {
      var changed = false
      for block in reversePostorder() where splitCondition(of: block) { changed = true }
      guard changed else { return }
    }
  }

  private mutating func splitCondition(of block: Block.ID) -> Bool {
    guard case .branch(let condition, var taken, var other) = self[block].terminator, taken != other
    else { return false }
    var value = resolve(condition)
    if let (opcode, inner, _) = machine(value), opcode == .booleanNot {
      value = inner
      (taken, other) = (other, taken)
    }
    guard let (opcode, first, second) = machine(value),
      opcode == .booleanOr || opcode == .booleanAnd,
      size(first) == 1, size(second) == 1
    else { return false }
    separate(first, second, isEither: opcode == .booleanOr, at: block, taken, other)
    return true
  }

  /// Tests two conditions one behind the other at a block's end.
  ///
  /// - Parameters:
  ///   - first: the condition that is tested first.
  ///   - second: the other one.
  ///   - isEither: whether one of them is enough.
  ///   - block: the block; its end is replaced.
  ///   - taken: where control goes when they hold.
  ///   - other: where it goes when they do not.
  mutating func separate(
    _ first: Instruction.ID, _ second: Instruction.ID, isEither: Bool, at block: Block.ID,
    _ taken: Block.ID, _ other: Block.ID
  ) {
    // Where the first condition alone may lead.
    let (shared, single) = isEither ? (taken, other) : (other, taken)
    let sharedValues = phiValues(of: shared, from: block)
    let singleValues = phiValues(of: single, from: block)
    let next = appendBlock(address: self[block].address)
    removeEnd(of: block)
    terminate(
      block,
      with: isEither ? .branch(first, shared, next) : .branch(first, next, shared))
    terminate(next, with: .branch(second, taken, other))
    for (phi, value) in sharedValues { setOperands(of: phi, operands(of: phi) + [value, value]) }
    for (phi, value) in singleValues { setOperands(of: phi, operands(of: phi) + [value]) }
  }

  /// What the phis of a block are if control comes from another one.
  private func phiValues(
    of block: Block.ID, from source: Block.ID
  ) -> [(phi: Instruction.ID, value: Instruction.ID)] {
    guard let edge = self[block].predecessors.firstIndex(of: source) else { return [] }
    return self[block].instructions.filter { isPhi($0) }.map { ($0, operand(edge, of: $0)) }
  }
}
