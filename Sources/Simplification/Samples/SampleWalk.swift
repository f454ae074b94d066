import IR

/// Where code leads to for objects that are known, as long as it only looks at them.
struct SampleWalk {
  /// The objects, by the values that stand for them.
  let samples: [Instruction.ID: ObjectSample]
  /// C integers, by the values that stand for them.
  let numbers: [Instruction.ID: UInt64]
  /// The blocks up to the first one that cannot be followed, which is included.
  var blocks: [Block.ID]
  /// How many of the blocks lead to a decision.
  var decidedCount = 0
  /// What is known of phis.
  var phis: [Instruction.ID: UInt64] = [:]

  /// What lies at an address in one of the objects.
  func number(at place: UInt64, size: Int) -> UInt64? {
    for sample in samples.values {
      if let number = sample.number(at: place, size: size) { return number }
    }
    return nil
  }
}

extension Function {
  /// Follows code from the end of a block.
  ///
  /// - Parameters:
  ///   - samples: what values stand for.
  ///   - numbers: what other values are.
  ///   - head: the block.
  ///   - isFollowed: whether what a block does may be passed over.
  /// - Returns: how far that leads.
  func walk(
    of samples: [Instruction.ID: ObjectSample], _ numbers: [Instruction.ID: UInt64] = [:],
    from head: Block.ID, through isFollowed: (Block.ID) -> Bool
  ) -> SampleWalk {
    var walk = SampleWalk(samples: samples, numbers: numbers, blocks: [head])
    var block = head
    while walk.blocks.count < 64 {
      let next: Block.ID
      switch self[block].terminator {
      case .jump(let target): next = target
      case .branch(let condition, let taken, let other):
        // A loop counts references to what was copied.
        if let end = endOfIdleLoop(block) {
          next = end
        } else {
          guard let holds = value(condition, on: walk) else { return walk }
          next = holds & 1 == 1 ? taken : other
          walk.decidedCount = walk.blocks.count
        }
      default: return walk
      }
      guard !walk.blocks.contains(next), let edge = self[next].predecessors.firstIndex(of: block)
      else { return walk }
      var phis = walk.phis
      for phi in self[next].instructions where isPhi(phi) {
        phis[phi] = value(operand(edge, of: phi), on: walk)
      }
      walk.blocks.append(next)
      guard isFollowed(next) else { return walk }
      walk.phis = phis
      block = next
    }
    return walk
  }

  /// Where a block leads in the end that leads to itself and does nothing but look; nil if it does not.
  private func endOfIdleLoop(_ block: Block.ID) -> Block.ID? {
    guard case .branch(_, let taken, let other) = self[block].terminator,
      (taken == block) != (other == block)
    else { return nil }
    for id in self[block].instructions where !onlyLooks(id) { return nil }
    return taken == block ? other : taken
  }

  /// What a value is on a walk; nil if it depends on something else.
  func value(_ id: Instruction.ID, on walk: SampleWalk, depth: Int = 0) -> UInt64? {
    let id = resolve(id)
    if let sample = walk.samples[id] { return sample.address }
    if let number = constant(id) ?? walk.numbers[id] { return number }
    if isPhi(id) { return walk.phis[id] }
    guard depth < 16 else { return nil }
    if self[id].operation == .machine(.load) {
      let place = value(operand(0, of: id), on: walk, depth: depth + 1)
      return place.flatMap { walk.number(at: $0, size: size(id)) }
    }
    guard let (opcode, left, right) = machine(id),
      let first = value(left, on: walk, depth: depth + 1),
      let second = left == right ? first : value(right, on: walk, depth: depth + 1)
    else { return nil }
    return opcode.evaluate(
      first, operandCount(of: id) > 1 ? second : 0, size: size(left), otherSize: size(right),
      width: size(id))
  }

  /// Whether a step only looks at memory, counts references, or keeps a register in the frame.
  func onlyLooks(_ id: Instruction.ID) -> Bool {
    switch self[id].operation {
    case .phi, .undefined, .after, .forward, .referenceCount, .machine(.load): true
    case .machine(.store): isSpill(id)
    default: false
    }
  }

  /// Whether a step keeps a register in the frame.
  func isSpill(_ id: Instruction.ID) -> Bool {
    guard self[id].operation == .machine(.store),
      case .entry = self[offset(operand(0, of: id)).base].operation
    else { return false }
    return true
  }

  /// Whether what blocks read is read nowhere else, but in phis of where they end.
  func isReadInside(_ inner: Set<Block.ID>, or ends: [Block.ID]) -> Bool {
    var pending: [Instruction.ID] = []
    for block in reversePostorder() where !inner.contains(block) {
      for id in self[block].instructions {
        let operands = operands(of: id)
        guard isPhi(id), ends.contains(block) else {
          pending += operands
          continue
        }
        for (predecessor, value) in zip(self[block].predecessors, operands)
        where !inner.contains(predecessor) {
          pending.append(value)
        }
      }
      if let value = self[block].terminator.value { pending.append(resolve(value)) }
    }
    var seen: Set<Instruction.ID> = []
    while let id = pending.popLast() {
      guard seen.insert(id).inserted else { continue }
      if let block = self[id].block {
        if inner.contains(block) { return false }
      } else {
        pending += operands(of: id)
      }
    }
    return true
  }
}
