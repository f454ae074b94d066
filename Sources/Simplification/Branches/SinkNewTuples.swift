package import IR
import RuntimeModel

extension Function {
  /// Makes a tuple where ways meet that each way makes before.
  ///
  /// ```
  /// A: %1 = PyTuple_New(3); goto C     B: %2 = PyTuple_New(3); goto C     C: %3 = phi %1, %2; …
  /// ```
  /// becomes a tuple that is made at the head of C. Where C begins with the stores of all items, compilers
  /// joined the ends of ways that each make a tuple of their own, and it stays.
  ///
  /// - Returns: whether there was one.
  package mutating func sinkNewTuples(_ facts: some ModuleFacts) -> Bool {
    var changed = false
    for block in reversePostorder() where self[block].predecessors.count > 1 {
      for phi in self[block].instructions where isPhi(phi) {
        guard let size = sizeOfNewTuples(phi, facts), storesAtHead(of: block, to: phi) < size,
          let call = operands(of: phi).first,
          let step = self[block].instructions.first(where: { !isPhi($0) })
        else { continue }
        let made = insert(.call, operands(of: call), width: self.size(call), before: step)
        let old = operands(of: phi)
        forward(phi, to: made)
        for call in old { replace(call, with: .undefined, []) }
        removeForwarded()
        changed = true
      }
    }
    return changed
  }

  /// How many items there are in each of the tuples that meet in a phi, if nothing else reads them.
  private func sizeOfNewTuples(_ phi: Instruction.ID, _ facts: some ModuleFacts) -> UInt64? {
    let calls = operands(of: phi)
    guard Set(calls).count == calls.count, let first = calls.first,
      let size = argument(0, of: first).flatMap({ constant($0) }), size > 0, size < 1024
    else { return nil }
    for call in calls {
      guard callee(of: call, facts)?.name == "PyTuple_New",
        argument(0, of: call).flatMap({ constant($0) }) == size
      else { return nil }
    }
    let made = Set(calls)
    let live = liveValues()
    for id in instructionIDs where self[id].operation != .forward && id != phi {
      if self[id].block == nil || isPhi(id), !live.contains(id) { continue }
      if operands(of: id).contains(where: { made.contains($0) }) { return nil }
    }
    return size
  }

  /// How many items a block gives a tuple before it does anything else.
  private func storesAtHead(of block: Block.ID, to tuple: Instruction.ID) -> UInt64 {
    var count: UInt64 = 0
    for id in self[block].instructions {
      switch self[id].operation {
      case .phi, .undefined, .referenceCount, .after, .forward: continue
      case .machine(.store) where offset(operand(0, of: id)).base == tuple: count += 1
      default: return count
      }
    }
    return count
  }
}
