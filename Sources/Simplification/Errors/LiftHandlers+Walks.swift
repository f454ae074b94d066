import Basics
import IR
import RuntimeModel

// The walk over the stack of handled exceptions, with which a `try` statement starts.
extension LiftHandlers {
  /// The block in which a walk starts, where compilers read what it looks at before a branch of the program.
  ///
  /// ```
  /// if self.done: break                  %1 = load …
  /// try: …                          →    if done: put back what another statement kept
  /// except E: …                          else: keep %1
  /// ```
  /// - Returns: where the branch leads if it goes on to the statement, or the block itself.
  func walkStart(
    behind state: Instruction.ID, in block: Block.ID, _ function: inout Function
  ) throws(LiftFailure) -> Block.ID {
    guard case .branch(let condition, let first, let second) = function[block].terminator,
      !asksAboutWalk(function.resolve(condition), state, function, depth: 0)
    else { return block }
    let starts = [first, second].filter { next in
      let steps = walkSteps(of: next, state, function)
      return steps.contains { sees($0, function) } && !putsBack(next, function)
    }
    guard starts.count == 1, let start = starts.first else {
      throw LiftFailure(reason: "a kept exception of an unknown form")
    }
    return function.splitEdge(from: block, to: start)
  }

  /// Whether an exception is put back before control has a choice.
  private func putsBack(_ start: Block.ID, _ function: borrowing Function) -> Bool {
    var block = start
    for _ in 0..<8 {
      if markers.contains(where: { $0.kind == .restore && function[$0.step].block == block }) {
        return true
      }
      guard case .jump(let next) = function[block].terminator else { return false }
      block = next
    }
    return false
  }

  /// Whether a step of a walk looks at anything.
  private func sees(_ id: Instruction.ID, _ function: borrowing Function) -> Bool {
    switch function[id].operation {
    case .phi, .undefined, .machine(.store): false
    default: true
    }
  }

  /// Leads control past the walk over the stack of handled exceptions.
  ///
  /// - Returns: where the body starts, and the step that stands for the kept exception. The block
  ///   is left without an end.
  func skipWalk(
    behind state: Instruction.ID, in block: Block.ID, _ function: inout Function
  ) throws(LiftFailure) -> (body: Block.ID, kept: Instruction.ID) {
    let (walk, exits) = walk(behind: state, in: block, &function)
    guard let body = exits.count == 1 ? exits.first : exitBehindFound(walk, exits, function) else {
      throw LiftFailure(reason: "a kept exception of an unknown form")
    }
    let keep = function.append(
      .python(.saveHandled), [], width: function.pointerSize, to: block, at: function[state].address
    )
    // Type and traceback are released wherever the value is put back.
    let parts = function.append(
      .python(.saveHandled), [], width: function.pointerSize, to: block, at: function[state].address
    )
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

  /// The blocks that only look for the exception that is being handled, and those behind them; what
  /// else a block does is cut off.
  private func walk(
    behind state: Instruction.ID, in block: Block.ID, _ function: inout Function
  ) -> (walk: Set<Block.ID>, exits: Set<Block.ID>) {
    var walk: Set<Block.ID> = []
    var exits: Set<Block.ID> = []
    var pending = function.successors(of: block)
    while let next = pending.popLast() {
      guard !walk.contains(next), !exits.contains(next) else { continue }
      let steps = walkSteps(of: next, state, function)
      let sees = steps.contains { self.sees($0, function) }
      if steps.count == function[next].instructions.count,
        endsInWalk(next, state, sees: sees, function)
      {
        walk.insert(next)
        pending += function.successors(of: next)
      } else if sees, let last = steps.last {
        let rest = function.split(next, behind: last)
        function.terminate(next, with: .jump(rest))
        walk.insert(next)
        exits.insert(rest)
      } else {
        exits.insert(next)
      }
    }
    return (walk, exits)
  }

  /// The body of which compilers made two copies, one for an exception that was found.
  ///
  /// Nothing but the kept exception tells them apart, which is null in the other one.
  private func exitBehindFound(
    _ walk: Set<Block.ID>, _ exits: Set<Block.ID>, _ function: borrowing Function
  ) -> Block.ID? {
    var found = walk.filter { block in
      function[block].instructions.contains { id in
        if case .referenceCount = function[id].operation { true } else { false }
      }
    }
    guard exits.count == 2, !found.isEmpty else { return nil }
    var pending = Array(found)
    var behind: Set<Block.ID> = []
    while let block = pending.popLast() {
      for next in function.successors(of: block) {
        if exits.contains(next) {
          behind.insert(next)
        } else if found.insert(next).inserted {
          pending.append(next)
        }
      }
    }
    return behind.count == 1 ? behind.first : nil
  }

  /// The steps at the head of a block that look for the exception that is being handled.
  private func walkSteps(
    of block: Block.ID, _ state: Instruction.ID, _ function: borrowing Function
  ) -> [Instruction.ID] {
    Array(function[block].instructions.prefix { isWalk($0, of: state, function) })
  }

  private func isWalk(
    _ id: Instruction.ID, of state: Instruction.ID, _ function: borrowing Function
  ) -> Bool {
    switch function[id].operation {
    case .phi, .undefined: return true
    case .machine(.load):
      let (base, _) = function.offset(function.operand(0, of: id))
      return scanner.walks[base] == state || isKept(base, by: state, function)
        || readsState(id, state, function)
    case .referenceCount(let change):
      return change > 0 && isKept(function.operand(0, of: id), by: state, function)
    case .call:
      guard function.callee(of: id, facts)?.name == "PyException_GetTraceback",
        let value = function.argument(0, of: id)
      else { return false }
      return isKept(value, by: state, function)
    case .machine(.store):
      return frame.offset(of: function.operand(0, of: id), in: function) != nil
    default: return false
    }
  }

  /// Whether the end of a block still belongs to the walk.
  private func endsInWalk(
    _ block: Block.ID, _ state: Instruction.ID, sees: Bool, _ function: borrowing Function
  ) -> Bool {
    switch function[block].terminator {
    case .jump:
      sees || function[block].predecessors.count == 1 || hasWalkPhis(block, state, function)
    case .branch(let condition, _, _):
      asksAboutWalk(function.resolve(condition), state, function, depth: 0)
    default: false
    }
  }

  /// Whether a condition is made of what a walk sees alone.
  private func asksAboutWalk(
    _ id: Instruction.ID, _ state: Instruction.ID, _ function: borrowing Function, depth: Int
  ) -> Bool {
    if function.constant(id) != nil { return depth > 0 }
    if scanner.walks[id] == state || isKept(id, by: state, function) { return true }
    guard depth < 6, case .machine = function[id].operation, function[id].block == nil else {
      return false
    }
    return function.operands(of: id).allSatisfy {
      asksAboutWalk($0, state, function, depth: depth + 1)
    }
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
      if layout.stacksHandledErrors,
        scanner.walks[function.offset(function.operand(0, of: root)).base] == nil
      {
        return true
      }
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
        if layout.stacksHandledErrors {
          if scanner.walks[base] == state, offset <= end { continue }
        } else if readsState(root, state, function) {
          continue
        }
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
  /// Whether a load reads what is being handled from the thread state itself, for the statement that a
  /// value stands for.
  private func readsState(
    _ load: Instruction.ID, _ state: Instruction.ID, _ function: borrowing Function
  ) -> Bool {
    guard !layout.stacksHandledErrors,
      let field = scanner.handledField(function.operand(0, of: load), function)
    else { return false }
    return field.state == state
      || field.state == scanner.sharedState && function[load].block == function[state].block
  }
}
