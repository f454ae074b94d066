import Analysis
import Basics
import IR

// What variables hold before anything in a body can fail.
extension Function {
  /// For each phi where a handler starts, the values that meet in it, and the one of them that was
  /// there before the body.
  ///
  /// What every error finds as the body has merged it, such as what a loop changes, gets such a phi.
  mutating func valuesBefore(
    _ body: Block.ID, behind block: Block.ID, into handler: Block.ID
  ) -> [Instruction.ID: ValueBefore] {
    // Control goes to the body, as long as no decision leads to the handler.
    let phis = self[body].instructions.filter { isPhi($0) }.map { ($0, operands(of: $0)) }
    terminate(block, with: .jump(body))
    let values = ValuesBefore(self, body: block)
    var result: [Instruction.ID: ValueBefore] = [:]
    for phi in self[handler].instructions where isPhi(phi) {
      result[phi] = ValueBefore(
        merged: values.merged(in: phi, self), first: values.first(of: phi, self), copied: nil)
    }
    for phi in values.mergedInBody(above: handler, self) where size(phi) == pointerSize {
      let copy = appendPhi(width: size(phi), to: handler)
      setOperands(of: copy, self[handler].predecessors.map { _ in phi })
      result[copy] = ValueBefore(
        merged: values.merged(in: phi, self), first: values.first(of: phi, self), copied: phi)
    }
    removeEnd(of: block)
    for (phi, operands) in phis { setOperands(of: phi, operands) }
    return result
  }
}

/// What is known of a phi where a handler starts.
struct ValueBefore {
  /// The values that meet in it; what met before the body is one.
  let merged: [Instruction.ID]
  /// The one of them that was there before the body.
  let first: Instruction.ID?
  /// The only value that meets in it, if the body merges it.
  let copied: Instruction.ID?
}

/// Finds the values that are there before a body.
private struct ValuesBefore {
  private let flow: ControlFlow
  private let dominators: DominatorTree
  /// Where the block ends that control comes to the body from.
  private let start: Int

  init(_ function: borrowing Function, body: Block.ID) {
    flow = ControlFlow(function)
    dominators = DominatorTree(flow)
    start = flow.position(of: body)
  }

  /// The values that meet in a phi; what met before the body is one.
  func merged(in phi: Instruction.ID, _ function: borrowing Function) -> [Instruction.ID] {
    var result: Set<Instruction.ID> = []
    var seen: Set<Instruction.ID> = [phi]
    var pending = [phi]
    while let id = pending.popLast() {
      for operand in function.operands(of: id) where seen.insert(operand).inserted {
        if function.isPhi(operand), !isBefore(operand, function) {
          pending.append(operand)
        } else {
          result.insert(operand)
        }
      }
    }
    return result.sorted()
  }

  /// The phis of the body's blocks that every way to a handler passes.
  func mergedInBody(
    above handler: Block.ID, _ function: borrowing Function
  ) -> [Instruction.ID] {
    var result: [Instruction.ID] = []
    var position = flow.position(of: handler)
    guard position >= 0, start >= 0 else { return [] }
    while true {
      let next = dominators.immediate[position]
      guard next >= 0, next != position, !dominators.dominates(next, start) else { return result }
      position = next
      result += function[flow.order[position]].instructions.filter { function.isPhi($0) }
    }
  }

  private func isBefore(_ value: Instruction.ID, _ function: borrowing Function) -> Bool {
    guard let block = function[value].block, start >= 0 else { return false }
    let position = flow.position(of: block)
    return position >= 0 && dominators.dominates(position, start)
  }

  /// The one of the values that meet in a phi which comes from before the body, if every step that
  /// fails with it comes before all those that give others.
  ///
  /// A variable that may be unbound could as well have got it in the body.
  func first(of phi: Instruction.ID, _ function: borrowing Function) -> Instruction.ID? {
    var found: [Instruction.ID] = []
    var others: [Instruction.ID] = []
    for value in merged(in: phi, function) {
      if let place = function[value].block {
        guard flow.position(of: place) >= 0, start >= 0 else { return nil }
        if isBefore(value, function) { found.append(value) } else { others.append(value) }
      } else {
        guard function.isParameter(value) || (function.constant(value) ?? 0) != 0 else {
          return nil
        }
        found.append(value)
      }
    }
    guard found.count == 1, let first = found.first,
      isHeld(first, in: phi, beforeAll: others, function)
    else { return nil }
    return first
  }

  /// Whether a value never comes into a web of phis from behind a step that gives another one.
  private func isHeld(
    _ first: Instruction.ID, in phi: Instruction.ID, beforeAll others: [Instruction.ID],
    _ function: borrowing Function
  ) -> Bool {
    let behind = blocksBehind(others.map { placeBehind($0, function) }, function)
    var pending = [phi]
    var seen: Set<Instruction.ID> = [phi]
    while let next = pending.popLast() {
      guard let block = function[next].block else { return false }
      for (operand, source) in zip(function.operands(of: next), function[block].predecessors) {
        if operand == first {
          guard !behind.contains(source) else { return false }
        } else if function.isPhi(operand), !isBefore(operand, function),
          seen.insert(operand).inserted
        {
          pending.append(operand)
        }
      }
    }
    return true
  }

  /// The first place behind a step where it has not failed.
  private func placeBehind(_ step: Instruction.ID, _ function: borrowing Function) -> Block.ID? {
    guard var block = function[step].block else { return nil }
    let own = block
    var value = step
    for _ in 0..<4 {
      if let (tested, null, other) = function.nullTest(at: block), tested == value, null != other {
        return other
      }
      // Several ways to the same result meet before it is tested.
      guard case .jump(let next) = function[block].terminator else { break }
      let edge = function[next].predecessors.firstIndex(of: block)
      if let edge,
        let phi = function[next].instructions.first(where: {
          function.isPhi($0) && function.operand(edge, of: $0) == value
        })
      {
        value = phi
      }
      block = next
    }
    return own
  }

  /// The blocks to which control comes from some, before it comes to the body again.
  private func blocksBehind(
    _ places: [Block.ID?], _ function: borrowing Function
  ) -> Set<Block.ID> {
    var result = Set(places.compactMap(\.self))
    var pending = result.sorted()
    while let block = pending.popLast() {
      for next in function.successors(of: block)
      where flow.position(of: next) != start && result.insert(next).inserted {
        pending.append(next)
      }
    }
    return result
  }
}
