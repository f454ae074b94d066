import Analysis
import Basics
import IR
import RuntimeModel

// Where bodies start.
extension LiftHandlers {
  /// Opens the body of every statement with handlers.
  mutating func openBodies(_ function: inout Function) throws(LiftFailure) {
    for save in markers where save.kind == .save {
      guard let owner = save.owner, var block = function[save.step].block else { continue }
      let head = try head(of: owner, function)
      let bound = function.blocksBound(for: head, facts)
      let handler = function.entry(of: head, bound)
      let body: Block.ID
      let keep: Instruction.ID
      if scanner.isWalked(owner, function) {
        block = try walkStart(behind: owner, in: block, &function)
        (body, keep) = try skipWalk(behind: owner, in: block, &function)
      } else {
        body = function.split(block, behind: save.step)
        keep = save.step
        keepResults(of: keep, as: [keep, keep, keep], &function)
        function.replace(keep, with: .python(.saveHandled), [])
      }
      kept[owner] = keep
      decisions[owner] = function.open(
        handler, by: .tryBegin, in: block, else: body, &regions)
      function.removeUnreachableBlocks()
    }
  }

  // MARK: Finally

  /// Opens the body of every statement with a `finally` clause, as late as its errors allow.
  mutating func openFinally(_ function: inout Function) throws(LiftFailure) {
    let flow = ControlFlow(function)
    func position(_ marker: ExceptionMarker) -> Int {
      function[marker.step].block.map { flow.position(of: $0) } ?? -1
    }
    // Errors of an inner clause go to the outer one, so that its head comes first.
    let swaps = markers.filter { $0.kind == .swap }.sorted { position($0) < position($1) }
    for swap in swaps {
      guard let owner = swap.owner, let head = function[swap.start].block else { continue }
      guard markers.count(where: { $0.kind == .swap && $0.owner == owner }) == 1 else {
        throw LiftFailure(reason: "a finally clause of an unknown form")
      }
      let bound = function.blocksBound(for: head, facts)
      let items = items(before: bound, owner, function)
      guard let (block, step) = place(of: items, function) else {
        throw LiftFailure(reason: "a body of an unknown form")
      }
      let body = split(block, before: step, &function)
      let handler = function.entry(of: head, bound)
      decisions[owner] = function.open(
        handler, by: .finallyBegin, in: block, else: body, &regions)
    }
  }

  /// Makes what stands in a block from a step on a block of its own.
  func split(
    _ block: Block.ID, before step: Instruction.ID?, _ function: inout Function
  ) -> Block.ID {
    let steps = function[block].instructions
    var index = step.flatMap { steps.firstIndex(of: $0) } ?? steps.count
    // What is only read for the step is read in the body.
    while index > 0, function[steps[index - 1]].operation == .machine(.load) { index -= 1 }
    if index > 0 { return function.split(block, behind: steps[index - 1]) }
    // A step without effect to split behind.
    let mark = function.insertMark(at: block)
    return function.split(block, behind: mark)
  }

  /// The steps whose errors a clause gets; a whole statement is one, by its decision.
  private func items(
    before bound: Set<Block.ID>, _ owner: Instruction.ID, _ function: borrowing Function
  ) -> [Instruction.ID] {
    var items: [Instruction.ID] = []
    for block in function.reversePostorder() where !bound.contains(block) {
      let into = function.successors(of: block).filter(bound.contains)
      guard !into.isEmpty else { continue }
      if let condition = function[block].terminator.value,
        function.opensBody(function.resolve(condition))
      {
        continue
      }
      let left = statements(leftBehind: into, bound, owner, function)
      if !left.isEmpty {
        items += left
      } else if let condition = function[block].terminator.value {
        let steps = function.failingCalls(function.resolve(condition))
        items += steps.isEmpty ? function[block].instructions.suffix(1) : steps
      } else if let raised = markers.first(where: {
        $0.kind == .raise && function[$0.step].block == block
      }), let inner = raised.owner, let decision = decisions[inner] {
        items.append(decision)
      } else if let raised = markers.first(where: {
        $0.kind == .reraise && function[$0.step].block == block
      }) {
        items.append(raised.step)
      } else if let call = function[block].instructions.last(where: {
        function[$0].operation == .call || function[$0].operation == .python(.raise)
      }) {
        items.append(call)
      }
    }
    return items
  }

  /// The decisions of the statements that an error leaves on its way.
  private func statements(
    leftBehind start: [Block.ID], _ bound: Set<Block.ID>, _ owner: Instruction.ID,
    _ function: borrowing Function
  ) -> [Instruction.ID] {
    var result: [Instruction.ID] = []
    var seen = Set(start)
    var pending = start
    while let block = pending.popLast() {
      for marker in markers
      where marker.kind == .restore && function[marker.step].block == block {
        for left in owners(of: marker, function) where left != owner {
          if let decision = decisions[left], let keep = kept[left] ?? Optional(decision) {
            result.append(function[keep].operation == .python(.saveHandled) ? left : decision)
          }
        }
      }
      for next in function.successors(of: block) where bound.contains(next) {
        if seen.insert(next).inserted { pending.append(next) }
      }
    }
    return result.sorted()
  }

  /// The last place that every one of some steps is behind: a block, and the step there.
  private func place(
    of items: [Instruction.ID], _ function: borrowing Function
  ) -> (block: Block.ID, step: Instruction.ID?)? {
    let flow = ControlFlow(function)
    let dominators = DominatorTree(flow)
    let positions = items.compactMap { function[$0].block }.map { flow.position(of: $0) }
      .filter { $0 >= 0 }
    guard var best = positions.first else { return nil }
    while !positions.allSatisfy({ dominators.dominates(best, $0) }) {
      let next = dominators.immediate[best]
      guard next >= 0, next != best else { return nil }
      best = next
    }
    let block = flow.order[best]
    let steps = function[block].instructions
    return (block, steps.first { items.contains($0) })
  }
}

extension Function {
  /// The calls whose results a condition tests.
  func failingCalls(_ condition: Instruction.ID) -> [Instruction.ID] {
    var pending = [condition]
    var seen: Set<Instruction.ID> = []
    var result: [Instruction.ID] = []
    while let id = pending.popLast(), seen.count < 32 {
      guard seen.insert(id).inserted else { continue }
      switch self[id].operation {
      case .call, .python(.yield), .python(.yieldFrom): result.append(id)
      case .machine(.load), .after: pending.append(operand(0, of: id))
      case .machine, .phi: pending += operands(of: id)
      default: break
      }
    }
    return result
  }

  /// A step without effect at the head of a block, behind its phis.
  fileprivate mutating func insertMark(at block: Block.ID) -> Instruction.ID {
    if let first = self[block].instructions.first(where: { !isPhi($0) }) {
      return insert(.undefined, [], width: 1, before: first)
    }
    return append(.undefined, [], width: 1, to: block, at: self[block].address)
  }
}
