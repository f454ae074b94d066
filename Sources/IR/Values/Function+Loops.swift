import Basics

/// A loop that is tested at its end, and before it is entered.
package struct RotatedLoop {
  package let header: Block.ID
  /// The block that ends with the test.
  package let latch: Block.ID
  /// The block from which the loop is entered.
  package let entry: Block.ID
  package let exit: Block.ID
  /// Whether the block before the loop goes to the exit too.
  package let isGuarded: Bool

  package init(
    header: Block.ID, latch: Block.ID, entry: Block.ID, exit: Block.ID, isGuarded: Bool
  ) {
    self.header = header
    self.latch = latch
    self.entry = entry
    self.exit = exit
    self.isGuarded = isGuarded
  }
}

extension Function {
  /// Tests a loop at its head again, as it stood in the source.
  ///
  /// ```
  /// G: if a < n: goto H else goto X            G: goto N
  /// H: i = phi a, j; …; j = i + 1         →    N: i = phi a, j; if i < n: goto H else goto X
  /// L: if j < n: goto H else goto X            H: …; j = i + 1; goto N
  /// ```
  /// - Parameters:
  ///   - loop: a loop whose header has two predecessors, its entry and its latch.
  ///   - condition: whether the loop goes on, in terms of the header's phis.
  package mutating func testAtHead(_ loop: RotatedLoop, _ condition: Instruction.ID) {
    let head = appendBlock(address: blocks[loop.header].address)
    movePhis(from: loop.header, to: head, [loop.entry, loop.latch])
    moveExits(of: loop, to: head)
    blocks[head].predecessors = [loop.entry, loop.latch]
    blocks[head].terminator = .branch(condition, loop.header, loop.exit)
    blocks[loop.header].predecessors = [head]
    blocks[loop.latch].terminator = .jump(head)
    if loop.isGuarded {
      blocks[loop.entry].terminator = .jump(head)
    } else {
      retarget(loop.entry, from: loop.header, to: head)
    }
  }

  mutating func retarget(_ block: Block.ID, from old: Block.ID, to new: Block.ID) {
    switch blocks[block].terminator {
    case .jump: blocks[block].terminator = .jump(new)
    case .branch(let value, let first, let second):
      blocks[block].terminator = .branch(
        value, first == old ? new : first, second == old ? new : second)
    default: break
    }
  }

  private mutating func movePhis(from block: Block.ID, to head: Block.ID, _ order: [Block.ID]) {
    let indices = order.compactMap { blocks[block].predecessors.firstIndex(of: $0) }
    for id in blocks[block].instructions where isPhi(id) {
      let operands = operands(of: id)
      setOperands(of: id, indices.map { operands[$0] })
      instructions[id].block = head
      blocks[head].instructions.append(id)
    }
    blocks[block].instructions.removeAll { instructions[$0].block == head }
  }

  private mutating func moveExits(of loop: RotatedLoop, to head: Block.ID) {
    guard let last = blocks[loop.exit].predecessors.firstIndex(of: loop.latch) else { return }
    let first =
      loop.isGuarded ? blocks[loop.exit].predecessors.firstIndex(of: loop.entry) : nil
    func without(_ list: [Block.ID]) -> [Block.ID] {
      list.enumerated().filter { $0.offset != last && $0.offset != first }.map(\.element)
    }
    for id in blocks[loop.exit].instructions where isPhi(id) {
      let operands = operands(of: id)
      let before = first.map { operands[$0] } ?? undefined(width: size(id))
      let merged = appendPhi(width: size(id), to: head)
      setOperands(of: merged, [before, operands[last]])
      let others = operands.enumerated().filter { $0.offset != last && $0.offset != first }
      setOperands(of: id, others.map(\.element) + [merged])
    }
    blocks[loop.exit].predecessors = without(blocks[loop.exit].predecessors) + [head]
  }
}
