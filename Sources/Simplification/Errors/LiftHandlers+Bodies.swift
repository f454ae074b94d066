import Analysis
import Basics
import IR
import RuntimeModel

// Where bodies start.
extension LiftHandlers {
  /// Opens the body of every statement with handlers.
  mutating func openBodies(_ function: inout Function) throws(LiftFailure) {
    for save in markers where save.kind == .save {
      guard let owner = save.owner, let block = function[save.step].block else { continue }
      let head = try head(of: owner, function)
      let bound = function.blocksBound(for: head, facts)
      let handler = function.entry(of: head, bound)
      let body: Block.ID
      let keep: Instruction.ID
      if scanner.isWalked(owner, function) {
        (body, keep) = try skipWalk(behind: owner, in: block, &function)
      } else {
        body = function.split(block, behind: save.step)
        keep = save.step
        keepResults(of: keep, as: [keep, keep, keep], &function)
        function.replace(keep, with: .python(.saveHandled), [])
      }
      kept[owner] = keep
      decisions[owner] = function.open(
        handler, by: .tryBegin, in: block, else: body, bound, &regions)
      function.removeUnreachableBlocks()
    }
  }

  /// Leads control past the walk over the stack of handled exceptions.
  ///
  /// - Returns: where the body starts, and the step that stands for the kept exception. The block
  ///   is left without an end.
  private func skipWalk(
    behind state: Instruction.ID, in block: Block.ID, _ function: inout Function
  ) throws(LiftFailure) -> (body: Block.ID, kept: Instruction.ID) {
    var walk: Set<Block.ID> = []
    var exits: Set<Block.ID> = []
    var pending = function.successors(of: block)
    while let next = pending.popLast() {
      guard !walk.contains(next), !exits.contains(next) else { continue }
      if isWalk(next, of: state, function) {
        walk.insert(next)
        pending += function.successors(of: next)
      } else {
        exits.insert(next)
      }
    }
    guard exits.count == 1, let body = exits.first else {
      throw LiftFailure(reason: "a kept exception of an unknown form")
    }
    let keep = function.append(
      .python(.saveHandled), [], width: function.pointerSize, to: block,
      at: function[state].address)
    // Type and traceback are released wherever the value is put back.
    let parts = function.append(
      .python(.saveHandled), [], width: function.pointerSize, to: block,
      at: function[state].address)
    let sources = walk.union([block])
    let edges = function[body].predecessors.indices.filter {
      sources.contains(function[body].predecessors[$0])
    }
    for phi in function[body].instructions where function.isPhi(phi) {
      let values = edges.map { function.operand($0, of: phi) }
      let all = Set(values)
      let value: Instruction.ID
      if isKept(phi, by: state, function) {
        function.forward(phi, to: isPart(phi, of: state, function) ? parts : keep)
        continue
      } else if values.allSatisfy({ isKept($0, by: state, function) }) {
        value = values.contains { isPart($0, of: state, function) } ? parts : keep
      } else if all.count == 1, let only = all.first {
        value = only
      } else {
        // What the walk leaves in registers.
        value = function.undefined(width: function.size(phi))
      }
      function.setOperands(of: phi, function.operands(of: phi) + [value])
    }
    for source in walk.sorted() {
      for id in function[source].instructions where isKept(id, by: state, function) {
        function.forward(id, to: isPart(id, of: state, function) ? parts : keep)
      }
    }
    // The body gets its new predecessor from the decision; the edges of the walk go with it.
    function.removeEnd(of: block)
    return (body, keep)
  }

  /// Whether a block only looks for the exception that is being handled.
  private func isWalk(
    _ block: Block.ID, of state: Instruction.ID, _ function: borrowing Function
  ) -> Bool {
    var sees = false
    for id in function[block].instructions {
      switch function[id].operation {
      case .phi, .undefined: continue
      case .machine(.load):
        let (base, _) = function.offset(function.operand(0, of: id))
        guard scanner.walks[base] == state || isKept(base, by: state, function) else {
          return false
        }
        sees = true
      case .referenceCount(let change):
        guard change > 0, isKept(function.operand(0, of: id), by: state, function) else {
          return false
        }
        sees = true
      case .call:
        guard function.callee(of: id, facts)?.name == "PyException_GetTraceback",
          let value = function.argument(0, of: id), isKept(value, by: state, function)
        else { return false }
        sees = true
      case .machine(.store):
        guard frame.offset(of: function.operand(0, of: id), in: function) != nil else {
          return false
        }
      default: return false
      }
    }
    if sees { return true }
    // Empty blocks between the parts of the walk.
    if case .jump = function[block].terminator {
      return function[block].predecessors.count == 1 || hasWalkPhis(block, state, function)
    }
    guard let condition = function[block].terminator.value,
      let (_, left, _) = function.machine(function.resolve(condition))
    else { return false }
    return isKept(left, by: state, function) || scanner.walks[left] == state
  }

  private func hasWalkPhis(
    _ block: Block.ID, _ state: Instruction.ID, _ function: borrowing Function
  ) -> Bool {
    let phis = function[block].instructions.filter { function.isPhi($0) }
    return !phis.isEmpty && phis.allSatisfy { scanner.walks[$0] == state }
  }

  /// Whether a value is the type or the traceback of what a walk has found.
  private func isPart(
    _ value: Instruction.ID, of state: Instruction.ID, _ function: borrowing Function
  ) -> Bool {
    for root in function.roots(of: value) {
      if function[root].operation == .call { return true }
      guard function[root].operation == .machine(.load) else { continue }
      if scanner.walks[function.offset(function.operand(0, of: root)).base] == nil { return true }
    }
    return false
  }

  /// Whether a value is the exception that a walk has found, its type or its traceback, or null.
  private func isKept(
    _ value: Instruction.ID, by state: Instruction.ID, _ function: borrowing Function
  ) -> Bool {
    for root in function.roots(of: value) {
      if function.constant(root) == 0 { continue }
      if function[root].operation == .machine(.load) {
        let (base, offset) = function.offset(function.operand(0, of: root))
        let end = max(layout.handledValue &+ layout.words(1), layout.handledPrevious)
        if scanner.walks[base] == state, offset <= end { continue }
        if offset == layout.type, base != root,
          isKept(base, by: state, function)
        {
          continue
        }
      }
      if function.callee(of: root, facts)?.name == "PyException_GetTraceback" { continue }
      return false
    }
    return true
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
        handler, by: .finallyBegin, in: block, else: body, bound, &regions)
    }
  }

  /// Makes what stands in a block from a step on a block of its own.
  private func split(
    _ block: Block.ID, before step: Instruction.ID?, _ function: inout Function
  ) -> Block.ID {
    let steps = function[block].instructions
    let index = step.flatMap { steps.firstIndex(of: $0) } ?? steps.count
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
      } else if let call = function[block].instructions.last(where: {
        function[$0].operation == .call
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
