package import IR
import Simplification

/// Where the error of a step goes.
package struct ErrorWay: Hashable, Sendable {
  /// The decision that opens the body whose handlers or clause get it.
  package let handler: Instruction.ID?
  /// The decisions of the `try` statements that it leaves on its way.
  package let left: Set<Instruction.ID>
}

extension Raiser {
  /// Whether the error of a step goes to a statement's handlers, or to those of a statement in its
  /// body.
  package func isProtected(_ step: Instruction.ID, by decision: Instruction.ID) -> Bool {
    guard let way = errorWays[step] else { return false }
    return way.handler.map { $0 == decision || isInside($0, decision) } ?? false
  }

  /// Whether a statement stands in the body of another one.
  private func isInside(_ inner: Instruction.ID, _ outer: Instruction.ID) -> Bool {
    var parent = regions.parents[inner]
    for _ in 0..<64 {
      guard let next = parent else { return false }
      if next == outer { return true }
      parent = regions.parents[next]
    }
    return false
  }

  /// Cuts blocks where an iterator is asked for an item, as heads of loops do.
  func splitIterations() {
    for block in function.reversePostorder() {
      guard let site = BranchSite(block, in: function),
        let step = site.valueComparedWithNull(in: function), operation(step) == .next,
        function[step].block == block,
        let index = function[block].instructions.firstIndex(of: step),
        index > 0, function[block].instructions[..<index].contains(where: { !function.isPhi($0) })
      else { continue }
      let rest = function.split(block, behind: function[block].instructions[index - 1])
      function.terminate(block, with: .jump(rest))
    }
  }

  /// Cuts blocks where errors begin to go another way, so that bodies end where blocks do.
  func splitBodies() {
    guard function.hasBodies else { return }
    moveReadsIntoBodies()
    for block in function.reversePostorder() {
      var current = block
      var last: ErrorWay?
      for id in function[block].instructions {
        if last != nil, opensStatement(id) {
          current = cut(current, before: id)
          last = nil
        }
        guard let way = errorWays[id] else { continue }
        if let last, last != way { current = cut(current, before: id) }
        last = way
      }
      if last != nil, case .branch(let value, _, _) = function[current].terminator,
        !function.opensBody(function.resolve(value)), !depends(function.resolve(value), on: current)
      {
        if let step = function[current].instructions.last {
          let rest = function.split(current, behind: step)
          function.terminate(current, with: .jump(rest))
        }
      }
    }
  }

  /// Whether a `try` statement starts with a step.
  private func opensStatement(_ id: Instruction.ID) -> Bool {
    switch function[id].operation {
    case .python(.saveHandled), .python(.tryBegin), .python(.finallyBegin): true
    default: false
    }
  }

  private func cut(_ block: Block.ID, before step: Instruction.ID) -> Block.ID {
    let steps = function[block].instructions
    guard var index = steps.firstIndex(of: step) else { return block }
    // What is only read for the step goes with it.
    while index > 0, isRead(steps[index - 1]) { index -= 1 }
    guard index > 0 else { return block }
    let rest = function.split(block, behind: steps[index - 1])
    function.terminate(block, with: .jump(rest))
    return rest
  }

  /// Reads what variables hold in the bodies that alone have use for it, rather than before them.
  private func moveReadsIntoBodies() {
    for block in function.reversePostorder() {
      guard case .branch(let value, let body, _) = function[block].terminator,
        function.opensBody(function.resolve(value)), function[body].predecessors == [block]
      else { continue }
      for id in function[block].instructions.reversed() {
        if opensStatement(id) || id == function.resolve(value) { continue }
        guard case .python(.cell) = function[id].operation, isRead(id) else { break }
        guard isUsed(id, onlyIn: body),
          let first = function[body].instructions.first(where: { !function.isPhi($0) })
        else { continue }
        let moved = function.insert(
          function[id].operation, function.operands(of: id), width: function.size(id),
          before: first)
        function.forward(id, to: moved)
        function.removeForwarded()
      }
    }
  }

  private func isUsed(_ id: Instruction.ID, onlyIn block: Block.ID) -> Bool {
    for other in function.blockIDs {
      let isOwn = other == block
      for reader in function[other].instructions
      where !isOwn && function.operands(of: reader).contains(id) { return false }
      guard let value = function[other].terminator.value, !isOwn else { continue }
      if function.resolve(value) == id { return false }
    }
    return true
  }

  /// Whether a step only reads what a variable holds.
  private func isRead(_ id: Instruction.ID) -> Bool {
    guard errorWays[id] == nil else { return false }
    switch function[id].operation {
    case .python(.cell), .machine(.load): return true
    case .referenceCount(let change):
      let object = function.operand(0, of: id)
      return change > 0 && function[object].block == function[id].block && isRead(object)
    default: return false
    }
  }

  /// Whether a condition is made of a step in a block, other than of what a variable holds.
  private func depends(_ condition: Instruction.ID, on block: Block.ID) -> Bool {
    var pending = [condition]
    var seen: Set<Instruction.ID> = []
    while let id = pending.popLast(), seen.count < 64 {
      guard seen.insert(id).inserted else { continue }
      if let place = function[id].block {
        if place == block, !function.isPhi(id), !isNamed(id) || isItem(id) { return true }
      } else {
        pending += function.operands(of: id)
      }
    }
    return false
  }

  /// Whether a value is what an iterator gives, which the head of its loop tests.
  private func isItem(_ id: Instruction.ID) -> Bool {
    switch operation(id) {
    case .next?, .asyncNext?: true
    default: false
    }
  }

  /// Whether a variable holds a value.
  private func isNamed(_ id: Instruction.ID) -> Bool {
    locals.variables.contains { variable in
      variable.values.contains { function.resolve($0) == id }
    }
  }
}

extension Function {
  /// Notes where statements end without an exception: there the kept one is released, type, value and
  /// traceback.
  mutating func markEndsOfHandling() {
    for block in reversePostorder() {
      var ended: Set<Instruction.ID> = []
      for id in self[block].instructions {
        guard case .referenceCount(let change) = self[id].operation, change < 0 else { continue }
        let kept = operand(0, of: id)
        guard keepsValue(kept), ended.insert(kept).inserted else { continue }
        replace(id, with: .python(.endHandled), [kept])
      }
    }
  }

  /// Whether a step keeps an exception, rather than its type and traceback alone.
  private func keepsValue(_ id: Instruction.ID) -> Bool {
    guard self[id].operation == .python(.saveHandled), let block = self[id].block else {
      return false
    }
    return self[block].instructions.first { self[$0].operation == .python(.saveHandled) } == id
  }

  /// Whether there is a `try` statement.
  package var hasBodies: Bool {
    for block in reversePostorder() {
      if let value = self[block].terminator.value, opensBody(resolve(value)) { return true }
    }
    return false
  }
}
