import Analysis
import Basics
package import IR
import RuntimeModel

extension Function {
  /// Makes the code that handles an exception an arm of its own, behind a decision that opens it.
  ///
  /// ```
  /// PyErr_GetExcInfo(…)                            PyErr_GetExcInfo(…)
  /// if f() fails: goto H                           if python.tryBegin: goto B else goto H
  /// …                                       →      B: f() …
  /// H: if PyErr_ExceptionMatches(E): …             H: if PyErr_ExceptionMatches(E): …
  /// ```
  /// `TryExceptStatNode` in `Cython/Compiler/Nodes.py` saves the exception that is being handled, and
  /// sends every error of the body to the first match. Where it is not certain which save a handler
  /// belongs to, nothing changes.
  ///
  /// - Returns: the branches to handlers that were taken away.
  package mutating func separateHandlers(
    _ facts: some ModuleFacts
  ) -> [PruneBranches.PrunedError] {
    var result: [PruneBranches.PrunedError] = []
    for (save, head) in handlersBySave(facts) {
      let bound = blocksBound(for: head, facts)
      guard let block = self[save].block, !bound.contains(block) else { continue }
      open(head, behind: save, in: block)
      for source in reversePostorder() where !bound.contains(source) && source != block {
        guard case .branch(let condition, let first, let second) = self[source].terminator,
          bound.contains(first) != bound.contains(second)
        else { continue }
        result.append(
          .init(block: source, condition: resolve(condition), site: nil, isHandled: true))
        decideBranch(of: source, taken: bound.contains(second))
      }
      removeUnreachableBlocks()
    }
    return result
  }

  /// Where the exception that is being handled is saved, and where the handler of a body starts.
  private func handlersBySave(
    _ facts: some ModuleFacts
  ) -> [(save: Instruction.ID, head: Block.ID)] {
    let flow = ControlFlow(self)
    let dominators = DominatorTree(flow)
    var saves: [(call: Instruction.ID, position: Int)] = []
    var heads: [Int] = []
    for (position, block) in flow.order.enumerated() {
      for id in self[block].instructions where callee(of: id, facts)?.name == "PyErr_GetExcInfo" {
        saves.append((id, position))
      }
      if isHead(block, facts) { heads.append(position) }
    }
    var chosen: [Instruction.ID: [Int]] = [:]
    for head in heads {
      let around = saves.filter { $0.position != head && dominators.dominates($0.position, head) }
      // The innermost save is dominated by all the others.
      let innermost = around.last { save in
        around.allSatisfy { dominators.dominates($0.position, save.position) }
      }
      if let innermost { chosen[innermost.call, default: []].append(head) }
    }
    return saves.reversed().compactMap { save in
      guard let heads = chosen[save.call], heads.count == 1 else { return nil }
      return (save.call, flow.order[heads[0]])
    }
  }

  /// Whether a block is the first to ask which exception it was.
  private func isHead(_ block: Block.ID, _ facts: some ModuleFacts) -> Bool {
    guard isMatch(block, facts), !clearsError(behind: block, facts) else { return false }
    for predecessor in self[block].predecessors {
      if isMatch(predecessor, facts) { return false }
      // What a loop or a lookup asks for itself.
      for id in self[predecessor].instructions {
        if callee(of: id, facts)?.name == "PyErr_Occurred" { return false }
      }
    }
    return true
  }

  /// Whether an error is cleared behind a question for its type, as only helpers of Cython's do.
  private func clearsError(behind start: Block.ID, _ facts: some ModuleFacts) -> Bool {
    var pending = [start]
    var seen: Set<Block.ID> = [start]
    while let block = pending.popLast(), seen.count < 8 {
      for id in self[block].instructions {
        if callee(of: id, facts)?.name == "PyErr_Clear" { return true }
      }
      for next in successors(of: block) where self[next].predecessors.count == 1 {
        if seen.insert(next).inserted { pending.append(next) }
      }
    }
    return false
  }

  private func isMatch(_ block: Block.ID, _ facts: some ModuleFacts) -> Bool {
    for id in self[block].instructions where self[id].operation == .call {
      let name = callee(of: id, facts)?.name ?? ""
      if name == "_Py_Dealloc" { continue }
      return name == "PyErr_ExceptionMatches" || name.hasPrefix("__Pyx_PyErr_ExceptionMatches")
    }
    return false
  }

  /// The blocks that only clean up on the way to a handler, and the handler.
  private func blocksBound(for head: Block.ID, _ facts: some ModuleFacts) -> Set<Block.ID> {
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
    for id in self[block].instructions where self[id].operation == .call {
      guard let name = callee(of: id, facts)?.name,
        CleanupFunctions.contains(name, call: id, self, facts)
      else { return false }
    }
    return true
  }

  /// Leads control from a save to a handler, as if it were a decision.
  private mutating func open(_ head: Block.ID, behind save: Instruction.ID, in block: Block.ID) {
    var merged: [(phi: Instruction.ID, value: Instruction.ID?)] = []
    for id in self[head].instructions where isPhi(id) {
      let values = Set(operands(of: id))
      // What holds however control comes is kept if it is no step of the body.
      let only = values.count == 1 ? values.first : nil
      merged.append((id, only.flatMap { constant($0) != nil ? $0 : nil }))
    }
    let body = split(block, behind: save)
    let address = self[save].address
    let decision = append(.python(.tryBegin), [], width: 1, to: block, at: address)
    terminate(block, with: .branch(decision, body, head))
    for (phi, value) in merged {
      let operand =
        value ?? append(.undefined, [], width: size(phi), to: block, at: address)
      setOperands(of: phi, operands(of: phi) + [operand])
    }
  }

  /// Whether a traceback belongs to an exception that is handled behind it.
  package func isCaught(_ traceback: Instruction.ID, _ facts: some ModuleFacts) -> Bool {
    guard var block = self[traceback].block else { return false }
    var isBehind = false
    for _ in 0..<8 {
      for id in self[block].instructions {
        if id == traceback {
          isBehind = true
        } else if isBehind, self[id].operation == .call {
          guard let name = callee(of: id, facts)?.name else { return false }
          if name.hasPrefix("__Pyx_GetException") || name == "__Pyx__GetException" { return true }
          if name != "_Py_Dealloc" { return false }
        }
      }
      guard case .jump(let next) = self[block].terminator else { return false }
      block = next
    }
    return false
  }
}
