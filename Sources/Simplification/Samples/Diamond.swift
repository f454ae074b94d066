import Analysis
import Basics
import IR

/// Code that finds a value out in several ways, between the block where they part and the one where they
/// meet.
struct Diamond {
  let head: Block.ID
  let end: Block.ID
  /// The blocks between the two.
  let blocks: Set<Block.ID>
  /// The value, where the ways meet.
  let result: Instruction.ID
  /// What the value is on each of the ways.
  let leaves: [Instruction.ID]
  /// The phis between the blocks that merge the value.
  let merges: [Instruction.ID]
}

extension Function {
  /// The code that finds the value of a phi out, if all it does is part of that; nil if there is none.
  ///
  /// - Parameters:
  ///   - result: the phi.
  ///   - dominators: the blocks that lead to others.
  ///   - level: how many blocks where ways part stand between the first one and the end, as where an operand
  ///     is made fit first.
  ///   - isLeftOut: whether the first block goes straight to the end as well, as for a bound that is `None`;
  ///     that is left alone, and the ways part behind it.
  ///   - isPart: whether a step is part of finding the value out.
  /// - Returns: the code.
  func diamond(
    endingWith result: Instruction.ID, _ dominators: DominatorTree, level: Int = 0,
    leavingOut isLeftOut: Bool = false, doing isPart: (Instruction.ID) -> Bool
  ) -> Diamond? {
    guard let end = self[result].block,
      var head = dominator(of: end, level: level, dominators)
    else { return nil }
    var outside: Block.ID?
    if isLeftOut {
      let ways = successors(of: head)
      let rest = ways.filter { !goesStraight(from: $0, to: end) }
      guard ways.count == 2, rest.count == 1, self[rest[0]].predecessors == [head] else {
        return nil
      }
      outside = ways.first { $0 != rest[0] }.map { $0 == end ? head : $0 }
      head = rest[0]
    }
    var blocks: Set<Block.ID> = []
    var pending = successors(of: head)
    while let block = pending.popLast() {
      guard block != end, blocks.insert(block).inserted else { continue }
      let next = successors(of: block)
      guard block != head, blocks.count < 64, !next.isEmpty,
        self[block].instructions.allSatisfy(isPart)
      else { return nil }
      pending += next
    }
    let sources = blocks.union([head])
    guard !blocks.isEmpty,
      self[end].predecessors.allSatisfy({ sources.contains($0) || $0 == outside }),
      blocks.allSatisfy({ self[$0].predecessors.allSatisfy(sources.contains) })
    else { return nil }
    guard isReadInside(blocks, or: [end]) else { return nil }
    let live = liveValues()
    for phi in self[end].instructions where isPhi(phi) && phi != result && live.contains(phi) {
      guard Set(values(of: phi, from: sources)).count == 1 else { return nil }
    }
    let (leaves, merges) = merged(by: values(of: result, from: sources), in: blocks)
    return Diamond(
      head: head, end: end, blocks: blocks, result: result, leaves: leaves, merges: merges)
  }

  private func dominator(
    of block: Block.ID, level: Int, _ dominators: DominatorTree
  ) -> Block.ID? {
    var block = block
    for _ in 0...level {
      let immediate = dominators.immediate[block.index]
      guard immediate >= 0, immediate != block.index else { return nil }
      block = Block.ID(UInt32(immediate))
    }
    return block
  }

  /// Whether control gets from one block to another with nothing being done.
  private func goesStraight(from block: Block.ID, to end: Block.ID) -> Bool {
    block == end || self[block].instructions.isEmpty && successors(of: block) == [end]
  }

  /// The phis that may merge what a helper found out, for each the values that it merges, other phis and
  /// what those merge included.
  func mergedWords() -> [(phi: Instruction.ID, values: [Instruction.ID])] {
    reversePostorder().flatMap { self[$0].instructions.filter { isPhi($0) && isWord($0) } }.map {
      ($0, valuesMerged(by: $0))
    }
  }

  private func valuesMerged(by phi: Instruction.ID) -> [Instruction.ID] {
    var values: [Instruction.ID] = []
    var seen: Set<Instruction.ID> = [phi]
    var pending = operands(of: phi)
    while let id = pending.popLast(), seen.count < 32 {
      guard seen.insert(id).inserted else { continue }
      values.append(id)
      if isPhi(id) { pending += operands(of: id) }
    }
    return values
  }

  /// What a phi merges from some of the predecessors of its block.
  private func values(of phi: Instruction.ID, from sources: Set<Block.ID>) -> [Instruction.ID] {
    let predecessors = self[phi].block.map { self[$0].predecessors } ?? []
    return zip(predecessors, operands(of: phi)).filter { sources.contains($0.0) }.map(\.1)
  }

  /// What some values merge, and the phis in some blocks through which they do.
  private func merged(
    by values: [Instruction.ID], in blocks: Set<Block.ID>
  ) -> (leaves: [Instruction.ID], merges: [Instruction.ID]) {
    var leaves: [Instruction.ID] = []
    var merges: [Instruction.ID] = []
    var seen: Set<Instruction.ID> = []
    var pending = values
    while let id = pending.popLast() {
      guard seen.insert(id).inserted else { continue }
      if isPhi(id), let block = self[id].block, blocks.contains(block) {
        merges.append(id)
        pending += operands(of: id)
      } else {
        leaves.append(id)
      }
    }
    return (leaves, merges)
  }

  /// The leaf that is the value where a walk gets to the end; nil if it does not.
  func leaf(of diamond: Diamond, on walk: SampleWalk) -> Instruction.ID? {
    guard let index = walk.blocks.firstIndex(of: diamond.end), index > 0 else { return nil }
    var value = diamond.result
    // Each phi of a value is one of a block that was met before.
    for position in (1...index).reversed() where self[value].block == walk.blocks[position] {
      guard isPhi(value) else { break }
      let source = walk.blocks[position - 1]
      guard let edge = self[walk.blocks[position]].predecessors.firstIndex(of: source) else {
        return nil
      }
      value = operand(edge, of: value)
    }
    return value
  }

  /// Puts one step in the place of a diamond.
  mutating func replace(
    _ diamond: Diamond, with operation: Operation, _ operands: [Instruction.ID], at address: UInt64
  ) {
    let width = size(diamond.result)
    let step = append(operation, operands, width: width, to: diamond.head, at: address)
    let live = liveValues()
    let sources = diamond.blocks.union([diamond.head])
    let phis = self[diamond.end].instructions.filter { isPhi($0) }
    let merged = phis.map { phi in
      phi == diamond.result ? step : values(of: phi, from: sources).first ?? step
    }
    removeEnd(of: diamond.head)
    terminate(diamond.head, with: .jump(diamond.end))
    for (phi, value) in zip(phis, merged) {
      let isUsed = phi == diamond.result || live.contains(phi)
      setOperands(
        of: phi, self.operands(of: phi) + [isUsed ? value : undefined(width: size(phi))])
    }
    // What was said of one of the ways, such as where its error leads, holds for all of them.
    for leaf in diamond.leaves + diamond.merges where size(leaf) == width {
      guard let block = self[leaf].block, diamond.blocks.contains(block) else { continue }
      forward(leaf, to: step)
    }
    removeUnreachableBlocks()
    while removeTrivialPhis() {}
    removeForwarded()
  }
}
