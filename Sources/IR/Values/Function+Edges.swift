import Basics

extension Function {
  /// Takes one arm of a branch away, so that control always goes the other way.
  ///
  /// - Parameters:
  ///   - block: a block that ends in a branch.
  ///   - taken: which arm stays.
  package mutating func decideBranch(of block: Block.ID, taken: Bool) {
    guard case .branch(_, let first, let second) = blocks[block].terminator else { return }
    blocks[block].terminator = .jump(taken ? first : second)
    removeEdge(from: block, to: taken ? second : first)
  }

  /// Makes a block's end depend on another value.
  package mutating func setValue(ofTerminator block: Block.ID, to value: Instruction.ID) {
    switch blocks[block].terminator {
    case .branch(_, let first, let second):
      blocks[block].terminator = .branch(value, first, second)
    case .choose(_, let table): blocks[block].terminator = .choose(value, table)
    case .return: blocks[block].terminator = .return(value)
    case .jump, .unreachable: break
    }
  }

  /// Leaves one target of a jump through a table.
  package mutating func decideSwitch(of block: Block.ID, target: Block.ID) {
    guard case .choose(_, let table) = blocks[block].terminator else { return }
    blocks[block].terminator = .jump(target)
    var kept = false
    for successor in switches[table].targets {
      if successor == target, !kept { kept = true } else { removeEdge(from: block, to: successor) }
    }
  }

  /// Ends a block behind a step, from which control never goes on.
  package mutating func cut(_ block: Block.ID, behind step: Instruction.ID) {
    guard let index = blocks[block].instructions.firstIndex(of: step) else { return }
    blocks[block].instructions.removeSubrange((index + 1)...)
    removeEnd(of: block)
  }

  /// Takes away where a block leads.
  package mutating func removeEnd(of block: Block.ID) {
    for successor in successors(of: block) { removeEdge(from: block, to: successor) }
    blocks[block].terminator = .unreachable
  }

  /// Forgets one predecessor and the operands that phis have for it.
  private mutating func removeEdge(from source: Block.ID, to target: Block.ID) {
    guard let index = blocks[target].predecessors.firstIndex(of: source) else { return }
    blocks[target].predecessors.remove(at: index)
    for id in blocks[target].instructions {
      guard isPhi(id) else { continue }
      var remaining = operands(of: id)
      remaining.remove(at: index)
      setOperands(of: id, remaining)
    }
  }

  /// Leads an edge elsewhere.
  ///
  /// - Parameters:
  ///   - source: where the edge comes from; no other edge of it leads to either target.
  ///   - old: where it leads.
  ///   - new: where it shall lead.
  ///   - values: what the phis there are if control comes along it, in their order.
  package mutating func moveEdge(
    from source: Block.ID, to old: Block.ID, to new: Block.ID, _ values: [Instruction.ID]
  ) {
    removeEdge(from: source, to: old)
    retarget(source, from: old, to: new)
    blocks[new].predecessors.append(source)
    let phis = blocks[new].instructions.filter { isPhi($0) }
    for (phi, value) in zip(phis, values) { setOperands(of: phi, operands(of: phi) + [value]) }
  }

  /// Removes blocks that control no longer reaches, and their edges.
  package mutating func removeUnreachableBlocks() {
    var reached = [Bool](repeating: false, count: blocks.count)
    for id in reversePostorder() { reached[id.index] = true }
    for id in blocks.ids where !reached[id.index] && !isRemoved(id) {
      for successor in successors(of: id) where reached[successor.index] {
        removeEdge(from: id, to: successor)
      }
      blocks[id].terminator = .unreachable
      blocks[id].instructions = []
      blocks[id].predecessors = []
    }
  }

  private func isRemoved(_ id: Block.ID) -> Bool {
    blocks[id].instructions.isEmpty && blocks[id].terminator == .unreachable
  }

  /// The reachable blocks, every block before its successors except along back edges.
  package func reversePostorder() -> [Block.ID] {
    var order: [Block.ID] = []
    var seen = [Bool](repeating: false, count: blocks.count)
    // The arms that are still to be followed, the last one first.
    var stack: [(block: Block.ID, rest: Int)] = []
    order.reserveCapacity(blocks.count)
    seen[entry.index] = true
    stack.append((entry, successorCount(of: entry)))
    while let (block, rest) = stack.popLast() {
      guard rest > 0 else {
        order.append(block)
        continue
      }
      stack.append((block, rest - 1))
      let successor = successor(rest - 1, of: block)
      guard !seen[successor.index] else { continue }
      seen[successor.index] = true
      stack.append((successor, successorCount(of: successor)))
    }
    return order.reversed()
  }
}

extension Function {
  /// Takes replaced instructions out of their blocks.
  package mutating func removeForwarded() {
    for block in blocks.ids {
      blocks[block].instructions.removeAll { instructions[$0].operation == .forward }
    }
  }

  /// Takes steps without effect that nothing reads out of their blocks: phis, loads, and what
  /// `isRemovable` says.
  package mutating func removeDead(_ isRemovable: (Instruction) -> Bool = { _ in false }) {
    let isLive = liveInstructions(isRemovable)
    for block in blocks.ids {
      blocks[block].instructions.removeAll { !isLive[$0.index] }
    }
  }

  private func liveInstructions(_ isRemovable: (Instruction) -> Bool) -> [Bool] {
    var isLive = [Bool](repeating: false, count: instructions.count)
    var pending: [Instruction.ID] = []
    for block in reversePostorder() {
      for id in blocks[block].instructions where hasEffect(instructions[id], isRemovable) {
        pending.append(id)
      }
      if let value = blocks[block].terminator.value { pending.append(resolve(value)) }
    }
    while let id = pending.popLast() {
      guard !isLive[id.index] else { continue }
      isLive[id.index] = true
      for index in 0..<operandCount(of: id) { pending.append(operand(index, of: id)) }
    }
    return isLive
  }

  private func hasEffect(
    _ instruction: Instruction, _ isRemovable: (Instruction) -> Bool
  ) -> Bool {
    switch instruction.operation {
    case .phi, .machine(.load), .forward: false
    default: !isRemovable(instruction)
    }
  }
}
