import Basics
package import IR
import RuntimeModel

extension Function {
  /// Puts a call that both arms of a test of a builtin type end with behind the place where they meet.
  ///
  /// ```
  /// if type(o) != str: x = format(o); y = list(v)     if type(o) != str: x = format(o)
  /// else: x = o; y = list(v)                       →  else: x = o
  ///                                                   y = list(v)
  /// ```
  /// Compilers write what follows on a faster way twice.
  ///
  /// - Returns: whether there was one.
  package mutating func mergeEqualTails(_ facts: some ModuleFacts) -> Bool {
    var changed = false
    for block in reversePostorder() {
      guard let site = BranchSite(block, in: self), exactTypes(site.condition, facts) != nil else {
        continue
      }
      for arm in [site.target, site.otherTarget] { joinAll(behind: arm) }
    }
    for block in reversePostorder() {
      let sources = self[block].predecessors
      guard sources.count == 2, sources[0] != sources[1],
        let (first, second) = equalTails(sources[0], sources[1], facts),
        isRead(first, inPhisOf: block, edge: 0), isRead(second, inPhisOf: block, edge: 1)
      else { continue }
      let (target, operands) = (self[first], operands(of: first))
      let call = append(
        .call, operands, width: Int(target.width), to: block, at: target.address)
      moveBehindPhis(call, of: block)
      for phi in self[block].instructions
      where isPhi(phi) && operand(0, of: phi) == first && operand(1, of: phi) == second {
        forward(phi, to: call)
      }
      remove(first)
      remove(second)
      forward(first, to: call)
      forward(second, to: call)
      removeForwarded()
      changed = true
    }
    return changed
  }

  private mutating func joinAll(behind block: Block.ID) {
    for _ in 0..<32 {
      guard case .jump(let next) = self[block].terminator, self[next].predecessors == [block] else {
        return
      }
      joinWithNext(block)
    }
  }

  /// The calls at the ends of two arms of a test, if they are the same.
  private func equalTails(
    _ first: Block.ID, _ second: Block.ID, _ facts: some ModuleFacts
  ) -> (Instruction.ID, Instruction.ID)? {
    guard self[first].predecessors.count == 1,
      self[first].predecessors == self[second].predecessors,
      case .jump = self[first].terminator, case .jump = self[second].terminator,
      let site = BranchSite(self[first].predecessors[0], in: self),
      exactTypes(site.condition, facts) != nil,
      let one = self[first].instructions.last, let other = self[second].instructions.last,
      self[one].operation == .call, self[other].operation == .call, one != other,
      operands(of: one) == operands(of: other), self[one].width == self[other].width
    else { return nil }
    return (one, other)
  }

  /// Whether nothing reads a value but phis of a block, on one edge.
  private func isRead(_ value: Instruction.ID, inPhisOf block: Block.ID, edge: Int) -> Bool {
    let live = liveValues()
    for id in instructionIDs where self[id].operation != .forward {
      guard id != value, operands(of: id).contains(value) else { continue }
      if self[id].block == nil || isPhi(id), !live.contains(id) { continue }
      guard isPhi(id), self[id].block == block, operand(edge, of: id) == value else { return false }
      // The other arm's call has to come in on the other edge.
      guard self[operand(1 - edge, of: id)].operation == .call else { return false }
    }
    return blockIDs.allSatisfy { other in
      self[other].terminator.value.map { resolve($0) != value } ?? true
    }
  }

  private mutating func moveBehindPhis(_ id: Instruction.ID, of block: Block.ID) {
    guard let step = self[block].instructions.first(where: { !isPhi($0) && $0 != id }) else {
      return
    }
    let copy = insert(.call, operands(of: id), width: size(id), before: step)
    remove(id)
    forward(id, to: copy)
  }
}
