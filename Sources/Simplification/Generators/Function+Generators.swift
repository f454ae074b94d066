package import IR
import RuntimeModel

extension JoinSuspensions {
  /// Makes the end of a generator that fails a traceback, whatever else may be asked there.
  ///
  /// ```c
  /// bad: if (tstate->current_exception) { __Pyx_Generator_Replace_StopIteration(0); __Pyx_AddTraceback(…); }
  /// ```
  /// Cython 3.1 and later; only errors lead there.
  func decideErrorExit(_ function: inout Function, _ machine: Machine) {
    let state = function.secondArgument(machine)
    for block in function.reversePostorder() {
      guard let site = BranchSite(block, in: function),
        let error = site.valueComparedWithNull(in: function)
      else { continue }
      guard isPending(error, of: state, function),
        let traceback = traceback(from: site.otherTarget, function)
      else { continue }
      // Both ways meet behind the traceback; where an error is asked for elsewhere, they do not.
      guard
        !function.straightWay(from: traceback).isDisjoint(
          with: function.straightWay(from: site.target))
      else { continue }
      if traceback == site.otherTarget {
        function.decideBranch(of: block, taken: !site.condition.isPositive)
      } else {
        function.removeEnd(of: block)
        function.terminate(block, with: .jump(traceback))
        // What the replacing leaves in registers is nobody's.
        for id in function[traceback].instructions where function.isPhi(id) {
          let leftover = function.undefined(width: function.size(id))
          function.setOperands(of: id, function.operands(of: id) + [leftover])
        }
      }
    }
  }

  /// Whether a value is the pending error; the thread state is an argument, which may lie in the frame
  /// while calls are made that could change it.
  private func isPending(
    _ error: Instruction.ID, of state: Instruction.ID, _ function: borrowing Function
  ) -> Bool {
    if function.callee(of: error, facts)?.name == "PyErr_Occurred" { return true }
    guard function[error].operation == .machine(.load) else { return false }
    let (base, offset) = function.offset(function.operand(0, of: error))
    if base == state { return true }
    guard offset == function.layout.currentError else { return false }
    return function.roots(of: base).contains(state)
  }

  /// The block with a traceback that control meets first, `StopIteration` being replaced or not.
  private func traceback(
    from start: Block.ID, _ function: borrowing Function
  ) -> Block.ID? {
    var pending = [start]
    var seen: Set<Block.ID> = [start]
    var next = 0
    while next < pending.count, next < 64 {
      let block = pending[next]
      next += 1
      for id in function[block].instructions
      where function.callee(of: id, facts)?.name == "__Pyx_AddTraceback" {
        return block
      }
      guard !function.successors(of: block).isEmpty else { return nil }
      for successor in function.successors(of: block) where seen.insert(successor).inserted {
        pending.append(successor)
      }
    }
    return nil
  }
}

extension Function {
  /// The blocks that control meets before it has a choice.
  fileprivate func straightWay(from start: Block.ID) -> Set<Block.ID> {
    var result: Set<Block.ID> = [start]
    var block = start
    while result.count < 8, case .jump(let next) = self[block].terminator {
      result.insert(next)
      block = next
    }
    return result
  }

  /// Takes away how a generator and the thread state exchange what is being handled, before
  /// CPython 3.7.
  ///
  /// ```c
  /// t = tstate->exc_type; tstate->exc_type = generator->exc_type; Py_XDECREF(t);
  /// ```
  private mutating func forgetExchanges(ofGenerator generator: UInt64, _ state: Instruction.ID) {
    for block in reversePostorder() {
      for id in self[block].instructions where self[id].operation == .machine(.store) {
        let place = operand(0, of: id)
        let (base, offset) = offset(place)
        guard base == state, layout.isHandledPart(offset) else { continue }
        let value = operand(1, of: id)
        guard self[value].operation == .machine(.load), let field = constant(operand(0, of: value)),
          field &- generator < 0x100
        else { continue }
        for other in self[block].instructions.prefix(while: { $0 != id })
        where self[other].operation == .machine(.load) && operand(0, of: other) == place {
          forward(other, to: constant(0, width: size(other)))
        }
        remove(id)
      }
    }
    removeForwarded()
  }

  /// Takes accesses to the fields of a generator away, which are Cython's own.
  ///
  /// - Returns: whether anything was taken away.
  package mutating func forgetFields(ofGenerator generator: UInt64, _ machine: Machine) -> Bool {
    var changed = false
    if !layout.stacksHandledErrors {
      forgetExchanges(ofGenerator: generator, secondArgument(machine))
    }
    for block in reversePostorder() {
      for id in self[block].instructions where operandCount(of: id) > 0 {
        guard let address = constant(operand(0, of: id)), address >= generator,
          address < generator + 0x100
        else { continue }
        switch self[id].operation {
        case .machine(.load): forward(id, to: constant(0, width: size(id)))
        case .machine(.store):
          // A suspension that was not seen.
          if size(operand(1, of: id)) == 4, let label = constant(operand(1, of: id)), label != 0,
            label < 1 << 31
          {
            continue
          }
          remove(id)
        default: continue
        }
        changed = true
      }
    }
    return changed
  }

  /// Makes the end of a generator that returns a value a return of it.
  ///
  /// ```c
  /// __Pyx_ReturnWithStopIteration(value); return NULL;     →     return value
  /// ```
  /// It compares the value with `None`, then asks whether it is a tuple or an exception.
  package mutating func returnValuesOfGenerator(_ facts: some ModuleFacts) {
    for block in reversePostorder() {
      for id in self[block].instructions
      where callee(of: id, facts)?.name.hasSuffix("ReturnWithStopIteration") == true {
        guard let value = argument(0, of: id), !leadsToCatch(behind: id, facts) else { continue }
        cut(block, behind: id)
        remove(id)
        terminate(block, with: .return(value))
        break
      }
      guard let site = BranchSite(block, in: self),
        case .equal(let value, let none) = site.condition.form,
        variable(none, facts) == "_Py_NoneStruct"
      else { continue }
      if returnsLater(value, from: site.otherTarget, facts) {
        decideBranch(of: block, taken: !site.condition.isPositive)
        continue
      }
      guard testsReturnedValue(value, in: site.otherTarget) else { continue }
      removeEnd(of: block)
      terminate(block, with: .return(value))
    }
    removeUnreachableBlocks()
    // It is known of some values that they are neither.
    for block in reversePostorder() {
      guard let site = BranchSite(block, in: self),
        case .equal(let value, let none) = site.condition.form,
        variable(none, facts) == "_Py_NoneStruct",
        straightWay(from: site.otherTarget).contains(where: {
          self[$0].terminator == .return(value)
        }),
        endsIteration(site.target, facts)
      else { continue }
      removeEnd(of: block)
      terminate(block, with: .return(value))
    }
    removeUnreachableBlocks()
  }

  /// Whether a block returns a value, but passes a clause before the function ends.
  private func returnsLater(
    _ value: Instruction.ID, from block: Block.ID, _ facts: some ModuleFacts
  ) -> Bool {
    straightWay(from: block).contains { block in
      self[block].instructions.contains { id in
        callee(of: id, facts)?.name.hasSuffix("ReturnWithStopIteration") == true
          && argument(0, of: id) == value && leadsToCatch(behind: id, facts)
      }
    }
  }

  /// Whether a clause catches what a step has raised, past nothing but cleanup.
  private func leadsToCatch(behind step: Instruction.ID, _ facts: some ModuleFacts) -> Bool {
    guard let start = self[step].block else { return false }
    var pending = [start]
    var next = 0
    while next < pending.count, next < 24 {
      let block = pending[next]
      next += 1
      var isBehind = block != start
      var isQuiet = true
      for id in self[block].instructions {
        defer { if id == step { isBehind = true } }
        guard isBehind, isQuiet, self[id].operation == .call else { continue }
        switch callee(of: id, facts)?.name {
        case "__Pyx_GetException", "__Pyx__GetException": return true
        case "_Py_Dealloc", "PyException_GetTraceback", "PyErr_SetExcInfo", "PyErr_GetExcInfo",
          "_PyThreadState_UncheckedGet", "PyThreadState_GetUnchecked", "PyThreadState_Get":
          continue
        default: isQuiet = false
        }
      }
      guard isQuiet else { continue }
      for successor in successors(of: block) where !pending.contains(successor) {
        pending.append(successor)
      }
    }
    return false
  }

  /// Whether a block sets `StopIteration` without a value.
  private func endsIteration(_ block: Block.ID, _ facts: some ModuleFacts) -> Bool {
    straightWay(from: block).contains { block in
      self[block].instructions.contains { id in
        callee(of: id, facts)?.name == "PyErr_SetNone"
          && argument(0, of: id).flatMap { exceptionName($0, facts) } == "PyExc_StopIteration"
      }
    }
  }

  /// Whether a block asks whether a value is a tuple or an exception, by the flags of its type.
  private func testsReturnedValue(_ value: Instruction.ID, in block: Block.ID) -> Bool {
    var block = block
    while case .jump(let next) = self[block].terminator, self[next].predecessors.count == 1 {
      block = next
    }
    guard let condition = self[block].terminator.value,
      let (_, masked, _) = machine(resolve(condition)),
      let (opcode, flags, mask) = machine(masked), opcode == .and,
      let bits = constant(mask), bits & 0x4400_0000 == 0x4400_0000,
      self[flags].operation == .machine(.load)
    else { return false }
    let type = offset(operand(0, of: flags)).base
    return self[type].operation == .machine(.load) && offset(operand(0, of: type)).base == value
  }
}
