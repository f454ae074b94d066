import Analysis
import Basics
import IR
import RuntimeModel

extension Function {
  /// The blocks that only clean up on the way to a block, and that block.
  func blocksBound(for head: Block.ID, _ facts: some ModuleFacts) -> Set<Block.ID> {
    var bound: Set<Block.ID> = [head]
    var pending = [head]
    while let next = pending.popLast() {
      for block in self[next].predecessors where !bound.contains(block) {
        guard successors(of: block).allSatisfy(bound.contains), isQuiet(block, facts) else {
          continue
        }
        bound.insert(block)
        pending.append(block)
      }
    }
    return bound
  }

  private func isQuiet(_ block: Block.ID, _ facts: some ModuleFacts) -> Bool {
    for id in self[block].instructions where !CleanupFunctions.isQuiet(id, self, facts) {
      return false
    }
    return true
  }

  /// The block that every way of an error to a handler passes, and before which only cleanup
  /// differs.
  func entry(of head: Block.ID, _ bound: Set<Block.ID>) -> Block.ID {
    let flow = ControlFlow(self)
    let dominators = DominatorTree(flow)
    var position = flow.position(of: head)
    guard position >= 0 else { return head }
    while true {
      let next = dominators.immediate[position]
      guard next >= 0, next != position, bound.contains(flow.order[next]) else {
        return flow.order[position]
      }
      position = next
    }
  }

  /// Leads control from a decision at the end of a block to a handler.
  ///
  /// What meets where the handler starts comes from steps that failed. A variable is all that it can
  /// be if the handler goes on using it:
  /// ```
  /// %5 = phi %1, %2     →     %5 = python.held (phi %1, %2)
  /// ```
  /// What met stays an operand as long as errors lead there, so that it is known for each of them.
  mutating func open(
    _ handler: Block.ID, by operation: PythonOperation, in block: Block.ID, else body: Block.ID,
    _ regions: inout HandledRegions
  ) -> Instruction.ID {
    let start = regions.held.count
    let before = valuesBefore(body, behind: block, into: handler)
    for id in self[handler].instructions where isPhi(id) {
      if isNumber(id) {
        let nothing = undefined(width: size(id))
        setOperands(of: id, operands(of: id) + [nothing])
        continue
      }
      let values = Set(operands(of: id)).subtracting([id])
      let copied = before[id]?.copied
      if values.count == 1, let only = values.first, copied == nil {
        forward(id, to: only)
        continue
      }
      let merged = before[id]?.merged ?? roots(of: id).sorted()
      let nothing = undefined(width: size(id))
      let met = insert(.phi, operands(of: id) + [nothing], width: size(id), before: id)
      let held: Instruction.ID
      // Phis that are replaced already stand among those that are not.
      let first = self[handler].instructions.first { !isPhi($0) && self[$0].operation != .forward }
      if let first {
        held = insert(.python(.held), [], width: size(id), before: first)
      } else {
        held = append(
          .python(.held), [], width: size(id), to: handler, at: self[handler].address)
      }
      forward(id, to: held)
      setOperands(of: held, [met])
      regions.held.append(
        HeldValue(value: held, merged: merged, first: before[id]?.first, copied: copied))
    }
    removeForwarded()
    let decision = append(.python(operation), [], width: 1, to: block, at: self[block].address)
    terminate(block, with: .branch(decision, body, handler))
    for index in start..<regions.held.count { regions.held[index].decision = decision }
    return decision
  }

  /// Whether a value is one of some small numbers, such as a line for a traceback.
  private func isNumber(_ id: Instruction.ID) -> Bool {
    for root in roots(of: id) {
      guard let number = constant(root), number < 1 << 24, number != 0 || size(id) < 8 else {
        return false
      }
    }
    return true
  }

  /// Makes a step the first of its block, apart from phis.
  mutating func isolate(_ step: Instruction.ID) {
    guard let block = self[step].block,
      let index = self[block].instructions.firstIndex(of: step)
    else { return }
    let before = self[block].instructions[..<index]
    guard let last = before.last, before.contains(where: { !isPhi($0) }) else { return }
    let rest = split(block, behind: last)
    terminate(block, with: .jump(rest))
  }

  /// Forgets what met where handlers start: no error leads there any more.
  package mutating func forgetHeldOperands() {
    for block in reversePostorder() {
      for id in self[block].instructions where self[id].operation == .python(.held) {
        setOperands(of: id, [])
      }
    }
  }

  /// What a function gets as its second argument.
  mutating func secondArgument(_ machine: Machine) -> Instruction.ID {
    entry(machine.argumentCell(1), width: pointerSize)
  }
}
