import Analysis
import IR
import Simplification

extension Function {
  /// Lets a loop over an iterator have one head, whatever way its iterations end.
  ///
  /// ```
  /// H: a = phi x, y; goto N                N: b = phi x, y, z; v = next it; …
  /// N: b = phi a, z; v = next it; …   →    P: goto N
  /// P: goto H
  /// ```
  /// Compilers move values on the way back from one kind of iteration only. Two loops on the same
  /// iterator are one, for the iterator was made before both.
  ///
  /// - Returns: whether anything changed.
  package mutating func joinLoopHeads() -> Bool {
    let flow = ControlFlow(self)
    let dominators = DominatorTree(flow)
    for head in flow.order {
      guard let (inner, latches) = innerHead(of: head, flow, dominators) else { continue }
      for latch in latches { lead(latch, around: head, to: inner) }
      return true
    }
    return false
  }

  /// The head of a loop over an iterator which is all that an outer loop consists of, and the blocks
  /// from which control goes back to the outer one.
  private func innerHead(
    of head: Block.ID, _ flow: ControlFlow, _ dominators: DominatorTree
  ) -> (inner: Block.ID, latches: [Block.ID])? {
    guard case .jump(let inner) = self[head].terminator, inner != head,
      self[head].instructions.allSatisfy({ isPhi($0) })
    else { return nil }
    let place = flow.position(of: head)
    func comesBack(_ block: Block.ID, to position: Int) -> Bool {
      let source = flow.position(of: block)
      return source >= 0 && dominators.dominates(position, source)
    }
    let latches = self[head].predecessors.filter { comesBack($0, to: place) }
    let areMovable = latches.allSatisfy { latch in
      switch self[latch].terminator {
      case .jump, .branch: !self[inner].predecessors.contains(latch)
      default: false
      }
    }
    guard areMovable, !latches.isEmpty, latches.count < self[head].predecessors.count,
      Set(latches).count == latches.count
    else { return nil }
    let others = self[inner].predecessors.filter { $0 != head }
    let innerPlace = flow.position(of: inner)
    guard !others.isEmpty, others.allSatisfy({ comesBack($0, to: innerPlace) }),
      runsIterator(inner, madeBefore: head, flow, dominators), keepsPhis(of: head, for: inner)
    else { return nil }
    return (inner, latches)
  }

  /// Whether a block asks an iterator for its next item that was made before control came to another.
  private func runsIterator(
    _ inner: Block.ID, madeBefore head: Block.ID, _ flow: ControlFlow, _ dominators: DominatorTree
  ) -> Bool {
    self[inner].instructions.contains { id in
      guard self[id].operation == .python(.next), let made = self[operand(0, of: id)].block
      else { return false }
      let position = flow.position(of: made)
      return made != head && position >= 0
        && dominators.dominates(position, flow.position(of: head))
    }
  }

  /// Whether the phis of a block are read by the phis of the next one alone.
  private func keepsPhis(of head: Block.ID, for inner: Block.ID) -> Bool {
    let phis = Set(self[head].instructions)
    for block in blockIDs {
      for id in self[block].instructions where !(isPhi(id) && (block == inner || block == head)) {
        if operands(of: id).contains(where: { depends($0, onOneOf: phis) }) { return false }
      }
      if let value = self[block].terminator.value, depends(resolve(value), onOneOf: phis) {
        return false
      }
    }
    return true
  }

  private func depends(_ id: Instruction.ID, onOneOf values: Set<Instruction.ID>) -> Bool {
    if values.contains(id) { return true }
    guard case .machine = self[id].operation, self[id].block == nil else { return false }
    return operands(of: id).contains { depends($0, onOneOf: values) }
  }

  /// Leads control from a block past another one, which has nothing but phis.
  private mutating func lead(_ latch: Block.ID, around head: Block.ID, to inner: Block.ID) {
    guard let edge = self[head].predecessors.firstIndex(of: latch),
      let outer = self[inner].predecessors.firstIndex(of: head)
    else { return }
    var moved: [Instruction.ID: Instruction.ID] = [:]
    for phi in self[head].instructions { moved[phi] = operand(edge, of: phi) }
    let phis = self[inner].instructions.filter { isPhi($0) }
    let values = phis.map { phi in
      let value = operand(outer, of: phi)
      return moved[value] ?? value
    }
    moveEdge(from: latch, to: head, to: inner, values)
  }
}
