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
        isIdle(block)
      else { continue }
      for (inside, taken) in [(first, false), (second, true)]
      where returns(inside, to: block) && !isReadElsewhere(than: [block, inside]) {
        decideBranch(of: block, taken: taken)
        changed = true
        break
      }
    }
    if changed { removeUnreachableBlocks() }
    return changed
  }

  /// Whether a block is the rest of an idle loop, or its only block.
  private func returns(_ inside: Block.ID, to header: Block.ID) -> Bool {
    inside == header
      || self[inside].predecessors == [header] && self[inside].terminator == .jump(header)
        && isIdle(inside)
  }

  private func isIdle(_ block: Block.ID) -> Bool {
    self[block].instructions.allSatisfy { id in
      switch self[id].operation {
      case .phi, .undefined, .machine(.load), .referenceCount: true
      default: false
      }
    }
  }

  /// Whether something outside of some blocks depends on what stands in them.
  private func isReadElsewhere(than blocks: [Block.ID]) -> Bool {
    var pending: [Instruction.ID] = []
    for other in reversePostorder() where !blocks.contains(other) {
      for id in self[other].instructions { pending += operands(of: id) }
      if let value = self[other].terminator.value { pending.append(resolve(value)) }
    }
    var seen: Set<Instruction.ID> = []
    while let id = pending.popLast() {
      guard seen.insert(id).inserted else { continue }
      if let block = self[id].block, blocks.contains(block), !isInvariant(id, in: blocks) {
        return true
      }
      if self[id].block == nil { pending += operands(of: id) }
    }
    return false
  }

  /// Whether a phi keeps its value while a loop of some blocks goes round: it merges what comes from
  /// before, where ways meet at the head.
  private func isInvariant(_ id: Instruction.ID, in blocks: [Block.ID]) -> Bool {
    guard isPhi(id), let block = self[id].block else { return false }
    return zip(operands(of: id), self[block].predecessors).allSatisfy { operand, source in
      operand == id || !blocks.contains(source)
    }
  }
}
