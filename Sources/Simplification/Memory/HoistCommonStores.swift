package import IR

extension Function {
  /// Moves stores with which both ways behind a branch start in front of the branch.
  ///
  /// ```
  /// if failed: *p = v; clean up     →     *p = v
  /// else: *p = v; go on                   if failed: clean up else: go on
  /// ```
  /// Compilers for processors with delay slots put the last of several stores that belong together behind
  /// the test that follows them.
  ///
  /// - Returns: whether there was one.
  package mutating func hoistCommonStores() -> Bool {
    var changed = false
    for block in reversePostorder() {
      guard case .branch(_, let first, let second) = self[block].terminator, first != second,
        self[first].predecessors == [block], self[second].predecessors == [block]
      else { continue }
      while let one = leadingStore(of: first), let other = leadingStore(of: second),
        operands(of: one) == operands(of: other)
      {
        _ = append(
          .machine(.store), operands(of: one), width: size(one), to: block,
          at: self[one].address)
        remove(one)
        remove(other)
        changed = true
      }
    }
    return changed
  }

  /// The store with which a block starts, as far as steps have effects.
  private func leadingStore(of block: Block.ID) -> Instruction.ID? {
    for id in self[block].instructions {
      switch self[id].operation {
      case .machine(.store): return id
      case .undefined, .forward: continue
      default: return nil
      }
    }
    return nil
  }
}
