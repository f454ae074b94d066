import Basics

extension Function {
  /// Joins every block with the only block that follows it and that nothing else leads to.
  package mutating func joinStraightBlocks() {
    for block in reversePostorder() {
      while case .jump(let next) = blocks[block].terminator, next != block, next != entry,
        blocks[next].predecessors == [block]
      {
        join(block, next)
      }
    }
  }

  /// Joins a block with the next one, if nothing else leads there.
  package mutating func joinWithNext(_ block: Block.ID) {
    guard case .jump(let next) = blocks[block].terminator, next != block, next != entry,
      blocks[next].predecessors == [block]
    else { return }
    join(block, next)
  }

  /// Makes what stands in a block behind a step a block of its own.
  ///
  /// - Returns: the new block; the old one is left without an end.
  package mutating func split(_ block: Block.ID, behind step: Instruction.ID) -> Block.ID {
    let rest = appendBlock(address: instructions[step].address)
    let index = blocks[block].instructions.firstIndex(of: step).map { $0 + 1 } ?? 0
    let moved = Array(blocks[block].instructions[index...])
    blocks[block].instructions.removeSubrange(index...)
    blocks[rest].instructions = moved
    for id in moved { instructions[id].block = rest }
    blocks[rest].terminator = blocks[block].terminator
    for successor in Set(successors(of: rest)) {
      for position in blocks[successor].predecessors.indices
      where blocks[successor].predecessors[position] == block {
        blocks[successor].predecessors[position] = rest
      }
    }
    blocks[block].terminator = .unreachable
    return rest
  }

  /// Puts a block of its own on an edge.
  ///
  /// - Parameters:
  ///   - source: where the edge comes from; no other edge of it leads to the target.
  ///   - target: where it leads.
  /// - Returns: the new block, which leads on to the target.
  package mutating func splitEdge(from source: Block.ID, to target: Block.ID) -> Block.ID {
    let edge = appendBlock(address: blocks[target].address)
    blocks[edge].terminator = .jump(target)
    blocks[edge].predecessors = [source]
    retarget(source, from: target, to: edge)
    if let index = blocks[target].predecessors.firstIndex(of: source) {
      blocks[target].predecessors[index] = edge
    }
    return edge
  }

  private mutating func join(_ block: Block.ID, _ next: Block.ID) {
    for id in blocks[next].instructions where isPhi(id) { forwardIfTrivial(id) }
    for id in blocks[next].instructions where instructions[id].operation != .forward {
      instructions[id].block = block
      blocks[block].instructions.append(id)
    }
    blocks[block].terminator = blocks[next].terminator
    blocks[next].instructions = []
    blocks[next].predecessors = []
    blocks[next].terminator = .unreachable
    for successor in Set(successors(of: block)) {
      for index in blocks[successor].predecessors.indices
      where blocks[successor].predecessors[index] == next {
        blocks[successor].predecessors[index] = block
      }
    }
  }

  /// Leads an edge past the block where it ends to one of that block's successors, to which nothing
  /// else leads.
  package mutating func redirect(
    _ predecessor: Block.ID, around block: Block.ID, to target: Block.ID
  ) {
    precondition(blocks[target].predecessors == [block], "the target has other predecessors")
    switch blocks[predecessor].terminator {
    case .branch(let value, let first, let second):
      blocks[predecessor].terminator = .branch(
        value, first == block ? target : first, second == block ? target : second)
    default: blocks[predecessor].terminator = .jump(target)
    }
    blocks[target].predecessors = [predecessor]
    blocks[block].predecessors.removeAll { $0 == predecessor }
  }

  /// Takes a step without a reader out of its block.
  package mutating func remove(_ id: Instruction.ID) {
    guard let block = instructions[id].block else { return }
    blocks[block].instructions.removeAll { $0 == id }
  }

  /// Adds a step before another one.
  package mutating func insert(
    _ operation: Operation, _ operands: [Instruction.ID], width: Int, before step: Instruction.ID
  ) -> Instruction.ID {
    let (block, address) = (instructions[step].block ?? entry, instructions[step].address)
    let id = append(operation, operands, width: width, to: block, at: address)
    blocks[block].instructions.removeLast()
    let index = blocks[block].instructions.firstIndex(of: step)
    blocks[block].instructions.insert(id, at: index ?? blocks[block].instructions.count)
    return id
  }

  /// A new step behind another one, with a value as wide as a pointer.
  @discardableResult
  package mutating func insert(
    _ operation: Operation, _ operands: [Instruction.ID], behind step: Instruction.ID
  ) -> Instruction.ID {
    let (block, address) = (instructions[step].block ?? entry, instructions[step].address)
    let id = append(operation, operands, width: pointerSize, to: block, at: address)
    blocks[block].instructions.removeLast()
    let index = blocks[block].instructions.firstIndex(of: step).map { $0 + 1 }
    blocks[block].instructions.insert(id, at: index ?? blocks[block].instructions.count)
    return id
  }

  /// Takes empty blocks out of the way, and branches that go to one place whichever way they go.
  ///
  /// - Returns: whether anything changed.
  package mutating func removeIdleBlocks() -> Bool {
    var changed = false
    for block in reversePostorder() {
      if leadsToOnePlace(block) {
        decideBranch(of: block, taken: true)
        changed = true
      }
      for successor in successors(of: block) {
        if bypass(successor, from: block) { changed = true }
      }
    }
    if changed { removeUnreachableBlocks() }
    return changed
  }

  /// Whether both ways of a branch lead to one place, with the same values and nothing on the way.
  private func leadsToOnePlace(_ block: Block.ID) -> Bool {
    guard case .branch(let condition, let first, let second) = blocks[block].terminator else {
      return false
    }
    if first == second, !hasPhis(first) { return true }
    switch self[resolve(condition)].operation {
    case .python(.tryBegin), .python(.finallyBegin): return false
    default: break
    }
    let (way, other) = (idleWay(from: block, to: first), idleWay(from: block, to: second))
    guard way.join == other.join, way.source != other.source,
      let edge = blocks[way.join].predecessors.firstIndex(of: way.source),
      let otherEdge = blocks[way.join].predecessors.firstIndex(of: other.source)
    else { return false }
    for id in blocks[way.join].instructions where isPhi(id) {
      guard operand(edge, of: id) == operand(otherEdge, of: id) else { return false }
    }
    return true
  }

  /// Where control gets behind an empty block that has no other use, and from where.
  private func idleWay(from block: Block.ID, to next: Block.ID) -> (
    source: Block.ID, join: Block.ID
  ) {
    guard blocks[next].instructions.isEmpty, blocks[next].predecessors == [block], next != entry,
      case .jump(let join) = blocks[next].terminator, join != next
    else { return (block, next) }
    return (next, join)
  }

  /// Whether phis can tell an edge from a block apart from the edges that they have.
  private func canBypassInto(_ next: Block.ID, from block: Block.ID, _ empty: Block.ID) -> Bool {
    !blocks[next].predecessors.contains(block)
      && blocks[empty].predecessors.count { $0 == block } == 1
  }

  /// Gives the phis of a block another operand for one more edge, the one that an edge has now.
  private mutating func repeatOperands(of block: Block.ID, from predecessor: Block.ID) {
    guard let index = blocks[block].predecessors.firstIndex(of: predecessor) else { return }
    for id in blocks[block].instructions where isPhi(id) {
      let operands = operands(of: id)
      setOperands(of: id, operands + [operands[index]])
    }
  }

  private func hasPhis(_ block: Block.ID) -> Bool {
    for id in blocks[block].instructions where isPhi(id) { return true }
    return false
  }

  /// Leads an edge around an empty block to where that block goes on, if no phi there minds.
  private mutating func bypass(_ empty: Block.ID, from block: Block.ID) -> Bool {
    guard blocks[empty].instructions.isEmpty, empty != block, empty != entry,
      case .jump(let next) = blocks[empty].terminator, next != empty,
      !hasPhis(next) || canBypassInto(next, from: block, empty)
    else { return false }
    let end: Terminator
    switch blocks[block].terminator {
    case .jump: end = .jump(next)
    case .branch(let value, let first, let second):
      end = .branch(value, first == empty ? next : first, second == empty ? next : second)
    default: return false
    }
    repeatOperands(of: next, from: empty)
    blocks[block].terminator = end
    let count = blocks[empty].predecessors.count { $0 == block }
    blocks[empty].predecessors.removeAll { $0 == block }
    blocks[next].predecessors += Array(repeating: block, count: count)
    return true
  }
}

extension Function {
  /// Takes blocks away that do nothing but merge values which the next block merges with others.
  ///
  /// ```
  /// B: %5 = phi %1, %2; goto S
  /// S: %6 = phi %5, %3             →     S: %6 = phi %3, %1, %2
  /// ```
  /// - Parameter mayJoin: whether the first phi stands for nothing but the second one.
  /// - Returns: whether there was one.
  package mutating func mergePhiBlocks(
    _ mayJoin: (Instruction.ID, Instruction.ID?) -> Bool
  ) -> Bool {
    let order = reversePostorder()
    var positions: [Block.ID: Int] = [:]
    for (position, block) in order.enumerated() { positions[block] = position }
    for (position, block) in order.enumerated() {
      guard case .jump(let next) = blocks[block].terminator, next != block, block != entry,
        !blocks[block].instructions.isEmpty, blocks[block].instructions.allSatisfy({ isPhi($0) }),
        positions[next] ?? 0 > position,
        blocks[block].predecessors.allSatisfy({ positions[$0] ?? .max < position }),
        Set(blocks[block].predecessors).isDisjoint(with: blocks[next].predecessors),
        Set(blocks[block].predecessors).count == blocks[block].predecessors.count,
        arePassedOn(block, next, mayJoin)
      else { continue }
      passOn(block, next)
      return true
    }
    return false
  }

  /// Whether the phis of a block are read by those of the next block alone.
  private func arePassedOn(
    _ block: Block.ID, _ next: Block.ID, _ mayJoin: (Instruction.ID, Instruction.ID?) -> Bool
  ) -> Bool {
    guard let index = blocks[next].predecessors.firstIndex(of: block) else { return false }
    var own: Set<Instruction.ID> = []
    for id in blocks[block].instructions { own.insert(id) }
    var targets: [Instruction.ID: Instruction.ID] = [:]
    for id in blocks[next].instructions where isPhi(id) {
      let value = operand(index, of: id)
      if own.contains(value) {
        guard targets[value] == nil else { return false }
        targets[value] = id
      }
    }
    for id in own where !mayJoin(id, targets[id]) { return false }
    for other in reversePostorder() {
      for id in blocks[other].instructions {
        for (position, value) in operands(of: id).enumerated() where own.contains(value) {
          guard other == next, isPhi(id), position == index else { return false }
        }
      }
      if let value = blocks[other].terminator.value, own.contains(resolve(value)) { return false }
    }
    for id in instructionIDs where self[id].block == nil {
      for value in operands(of: id) where own.contains(value) { return false }
    }
    return true
  }

  private mutating func passOn(_ block: Block.ID, _ next: Block.ID) {
    guard let index = blocks[next].predecessors.firstIndex(of: block) else { return }
    let sources = blocks[block].predecessors
    for id in blocks[next].instructions where isPhi(id) {
      var values = operands(of: id)
      let value = values.remove(at: index)
      let isMerged = isPhi(value) && instructions[value].block == block
      let added = isMerged ? operands(of: value) : sources.map { _ in value }
      setOperands(of: id, values + added)
    }
    blocks[next].predecessors.remove(at: index)
    blocks[next].predecessors += sources
    for source in sources {
      switch blocks[source].terminator {
      case .jump: blocks[source].terminator = .jump(next)
      case .branch(let value, let first, let second):
        blocks[source].terminator = .branch(
          value, first == block ? next : first, second == block ? next : second)
      case .choose(_, let table):
        switches[table].targets = switches[table].targets.map { $0 == block ? next : $0 }
      case .return, .unreachable: break
      }
    }
    blocks[block].instructions = []
    blocks[block].predecessors = []
    blocks[block].terminator = .unreachable
  }
}
