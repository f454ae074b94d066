import Basics
import IR

extension Function {
  /// Takes loops away that do nothing but count.
  ///
  /// ```
  /// for (i = 0; i < n; i++) Py_XDECREF(values[i]);
  /// ```
  /// Cython 3 releases the arguments of a function this way; without the counts nothing is left.
  ///
  /// - Returns: whether anything changed.
  mutating func removeIdleLoops() -> Bool {
    var changed = false
    // What merges only itself round a loop comes from before it.
    while removeTrivialPhis() {}
    for block in reversePostorder() {
      guard case .branch(_, let first, let second) = self[block].terminator, first != second,
        first == block || second == block, isIdle(block), !isReadElsewhere(block)
      else { continue }
      decideBranch(of: block, taken: second == block)
      changed = true
    }
    return changed
  }

  private func isIdle(_ block: Block.ID) -> Bool {
    self[block].instructions.allSatisfy { id in
      switch self[id].operation {
      case .phi, .undefined, .machine(.load), .referenceCount: true
      default: false
      }
    }
  }

  /// Whether something outside of a block depends on what stands in it.
  private func isReadElsewhere(_ block: Block.ID) -> Bool {
    var pending: [Instruction.ID] = []
    for other in reversePostorder() where other != block {
      for id in self[other].instructions { pending += operands(of: id) }
      if let value = self[other].terminator.value { pending.append(resolve(value)) }
    }
    var seen: Set<Instruction.ID> = []
    while let id = pending.popLast() {
      guard seen.insert(id).inserted else { continue }
      if self[id].block == block { return true }
      if self[id].block == nil { pending += operands(of: id) }
    }
    return false
  }
}
