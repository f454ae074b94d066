import IR

extension Function {
  /// Leads control past a test that the test before has answered.
  ///
  /// ```
  /// A: if %1: goto C else: goto B                 A: if %1: goto D else: goto B
  /// B: goto C                           →         B: goto E
  /// C: %5 = phi %2, %3
  ///    if %1: goto D else: goto E
  /// ```
  /// Each of several instructions with a condition of its own tests it anew (`it` on ARM).
  mutating func skipRepeatedTests() {
    for _ in 0..<16 {
      var changed = false
      let readers = self.readersOfPhis()
      for block in reversePostorder() where skipRepeatedTest(block, readers) { changed = true }
      guard changed else { return }
      removeUnreachableBlocks()
    }
  }

  /// The blocks that read each phi, beside the phis at the other end of edges.
  private func readersOfPhis() -> Set<Instruction.ID> {
    var read: Set<Instruction.ID> = []
    for block in reversePostorder() {
      for id in self[block].instructions {
        for (index, operand) in operands(of: id).enumerated() where isPhi(operand) {
          let isPassed =
            isPhi(id) && self[block].predecessors.indices.contains(index)
            && self[operand].block == self[block].predecessors[index]
          if !isPassed { read.insert(operand) }
        }
      }
      if let value = self[block].terminator.value, isPhi(resolve(value)) {
        read.insert(resolve(value))
      }
    }
    for id in instructionIDs where self[id].block == nil && self[id].operation != .forward {
      for operand in operands(of: id) where isPhi(operand) { read.insert(operand) }
    }
    return read
  }

  private mutating func skipRepeatedTest(
    _ join: Block.ID, _ readers: Set<Instruction.ID>
  ) -> Bool {
    guard case .branch(let value, let first, let second) = self[join].terminator, first != second,
      first != join, second != join, self[join].predecessors.count == 2,
      self[join].instructions.allSatisfy({ isPhi($0) && !readers.contains($0) })
    else { return false }
    let preceding = self[join].predecessors
    for (head, arm) in [(preceding[0], preceding[1]), (preceding[1], preceding[0])] {
      guard self[arm].predecessors == [head], case .jump(join) = self[arm].terminator,
        case .branch(let tested, let taken, let other) = self[head].terminator,
        taken == join && other == arm || taken == arm && other == join,
        let isSame = relation(of: resolve(value), to: resolve(tested))
      else { continue }
      // Whether the test in the join succeeds if control comes straight from the head.
      let succeeds = (taken == join) == isSame
      let (straight, around) = succeeds ? (first, second) : (second, first)
      guard !self[straight].predecessors.contains(head), !self[around].predecessors.contains(arm),
        straight != arm, around != arm
      else { return false }
      let straightValues = values(of: straight, through: join, from: head)
      let aroundValues = values(of: around, through: join, from: arm)
      moveEdge(from: head, to: join, to: straight, straightValues)
      moveEdge(from: arm, to: join, to: around, aroundValues)
      return true
    }
    return false
  }

  /// Whether a condition is the same as another one, or its opposite; nil if it is neither.
  private mutating func relation(of value: Instruction.ID, to other: Instruction.ID) -> Bool? {
    if value == other { return true }
    return invert(other) == value ? false : nil
  }

  /// What the phis of a block are if control comes from a block straight through another one.
  private func values(
    of block: Block.ID, through join: Block.ID, from source: Block.ID
  ) -> [Instruction.ID] {
    guard let edge = self[block].predecessors.firstIndex(of: join),
      let inner = self[join].predecessors.firstIndex(of: source)
    else { return [] }
    return self[block].instructions.filter { isPhi($0) }.map { phi in
      let value = operand(edge, of: phi)
      return isPhi(value) && self[value].block == join ? operand(inner, of: value) : value
    }
  }
}
