import Basics
import IR
import RuntimeModel

// Returns of generators that pass a clause, before Cython 3.1.
extension LiftHandlers {
  /// Takes away what keeps a generator's result while the copy of a clause runs.
  ///
  /// ```
  /// __Pyx_ReturnWithStopIteration(v); goto R               goto R
  /// R: swap…; get…; clause; restore…; PyErr_Restore(…)  →  R: clause
  ///    return NULL                                            return v
  /// ```
  /// The result is an exception by then, which is kept as the clause's copy for exceptions keeps one
  /// (`TryFinallyStatNode` in `Cython/Compiler/Nodes.py`).
  mutating func takeReturns(_ function: inout Function) throws(LiftFailure) {
    var returning = returningBlocks(&function)
    guard !returning.isEmpty else { return }
    while let (swap, values) = returnedThrough(returning, function) {
      guard let owner = swap.owner, let head = function[swap.start].block else { break }
      let value = try merged(values, at: head, &function)
      let origins = function[head].predecessors.compactMap { self.origins($0, returning, function) }
      for origin in origins.joined() { returning[origin] = nil }
      let ends = markers.filter {
        $0.kind == .raise && self.owner(ofCaught: $0, function) == owner
      }
      let restores = markers.filter { $0.kind == .restore && owners(of: $0, function) == [owner] }
      for end in ends {
        guard let block = function[end.step].block else { continue }
        endBlock(block, behind: end.step, &function)
        returning[block] = value
      }
      for marker in markers where marker.owner == owner && marker.kind != .raise {
        if marker.kind == .get { try takeSuccess(of: marker, &function) }
        if marker.step == swap.step { forgetClearing(behind: marker.step, &function) }
        drop(marker, &function)
      }
      for marker in restores + ends { drop(marker, &function) }
      let done = Set((restores + ends).map(\.step))
      markers.removeAll { $0.owner == owner || done.contains($0.step) }
    }
    for (block, value) in returning.sorted(by: { $0.key < $1.key }) {
      function.removeEnd(of: block)
      function.terminate(block, with: .return(value))
    }
    function.removeUnreachableBlocks()
  }

  /// The blocks behind which a generator returns, and what it returns; null stands for `None`.
  private func returningBlocks(_ function: inout Function) -> [Block.ID: Instruction.ID] {
    var result: [Block.ID: Instruction.ID] = [:]
    for block in function.reversePostorder() {
      for id in function[block].instructions {
        let value: Instruction.ID
        switch function.callee(of: id, facts)?.name {
        case let name? where name.hasSuffix("ReturnWithStopIteration"):
          guard let argument = function.argument(0, of: id) else { continue }
          value = argument
        case "PyErr_SetNone":
          let type = function.argument(0, of: id).flatMap { function.exceptionName($0, facts) }
          guard type == "PyExc_StopIteration", scanner.leadsToCatch(behind: id, function) else {
            continue
          }
          value = function.constant(0, width: function.pointerSize)
        default: continue
        }
        endBlock(block, behind: id, &function)
        function.remove(id)
        result[block] = value
        break
      }
    }
    return result
  }

  private func endBlock(_ block: Block.ID, behind step: Instruction.ID, _ function: inout Function)
  {
    guard function[block].instructions.last != step || function.successors(of: block).count != 1
    else { return }
    let rest = function.split(block, behind: step)
    function.terminate(block, with: .jump(rest))
  }

  /// A clause to which only returns lead, with what is returned for each way into it.
  private func returnedThrough(
    _ returning: [Block.ID: Instruction.ID], _ function: borrowing Function
  ) -> (swap: ExceptionMarker, values: [Instruction.ID])? {
    for swap in markers where swap.kind == .swap {
      guard let head = function[swap.start].block, !function[head].predecessors.isEmpty else {
        continue
      }
      var values: [Instruction.ID] = []
      for predecessor in function[head].predecessors {
        guard let found = origins(predecessor, returning, function) else { break }
        let all = Set(found.compactMap { returning[$0] })
        guard all.count == 1, let value = all.first else { break }
        values.append(value)
      }
      if values.count == function[head].predecessors.count { return (swap, values) }
    }
    return nil
  }

  /// The returning blocks from which alone control gets to a block's end, past nothing but cleanup.
  private func origins(
    _ block: Block.ID, _ returning: [Block.ID: Instruction.ID], _ function: borrowing Function
  ) -> [Block.ID]? {
    var result: [Block.ID] = []
    var seen: Set<Block.ID> = [block]
    var pending = [block]
    while let next = pending.popLast() {
      if returning[next] != nil {
        result.append(next)
        continue
      }
      guard seen.count < 32, next != function.entry, !function[next].predecessors.isEmpty,
        function[next].instructions.allSatisfy({ CleanupFunctions.isQuiet($0, function, facts) })
      else { return nil }
      for previous in function[next].predecessors where seen.insert(previous).inserted {
        pending.append(previous)
      }
    }
    return result
  }

  private func merged(
    _ values: [Instruction.ID], at head: Block.ID, _ function: inout Function
  ) throws(LiftFailure) -> Instruction.ID {
    guard let first = values.first else { throw LiftFailure(reason: "a return of an unknown form") }
    if values.allSatisfy({ $0 == first }) { return first }
    guard !values.contains(where: { function.constant($0) == 0 }),
      let step = function[head].instructions.first
    else { throw LiftFailure(reason: "a return of an unknown form") }
    return function.insert(.phi, values, width: function.pointerSize, before: step)
  }
}
