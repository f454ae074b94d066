import Analysis
package import IR
import RuntimeModel

extension Function {
  /// Makes the run of a generator that the function has just made a call of its body.
  ///
  /// ```c
  /// if (gen->resume_label == -1) …; exc = gen->gi_exc_state.exc_value; if (exc) { … }
  /// tstate->exc_info = &gen->gi_exc_state; r = gen->body(gen, tstate, Py_None); …
  /// ```
  /// What `__Pyx_Coroutine_SendEx` in `Cython/Utility/Coroutine.c` asks for is not there in a new
  /// generator. Behind the run its label is -1, for it has come to its end; assertions ask for that.
  ///
  /// - Returns: whether anything changed.
  package mutating func runGeneratorsInPlace(_ facts: some ModuleFacts) -> Bool {
    var made: Set<Instruction.ID> = []
    var runs: [Instruction.ID: Instruction.ID] = [:]
    var states: Set<Instruction.ID> = []
    for block in reversePostorder() {
      for id in self[block].instructions {
        if let generator = generatorRun(by: id), let name = callee(of: generator, facts)?.name,
          ["__Pyx__Coroutine_New", "__Pyx__Coroutine_NewInit", "_PyObject_GC_New"].contains(name)
        {
          made.insert(generator)
          runs[generator] = id
          if let state = argument(1, of: id) { states.insert(state) }
        }
      }
    }
    guard !made.isEmpty else { return false }
    var changed = false
    for block in reversePostorder() {
      for id in self[block].instructions where self[id].operation == .machine(.store) {
        if removeStore(id, made, facts) { changed = true }
      }
    }
    let ended = endedLabels(runs)
    for block in reversePostorder() {
      for id in self[block].instructions where self[id].operation == .machine(.load) {
        let (base, offset) = self.offset(operand(0, of: id))
        if ended.contains(id) {
          forward(id, to: constant(Opcode.mask(size(id)), width: size(id)))
          changed = true
          continue
        }
        // Before CPython 3.7 the generator is told what is being handled around it.
        let isTold = states.contains(base) && layout.isHandledPart(offset)
        if isTold || made.contains(base) && offset > layout.generatorBody {
          forward(id, to: constant(0, width: size(id)))
          changed = true
        }
      }
    }
    return changed
  }

  /// The loads of generators' labels behind their runs, by the generators: numbers that are compared with
  /// -1.
  private func endedLabels(_ runs: [Instruction.ID: Instruction.ID]) -> Set<Instruction.ID> {
    var compared: Set<Instruction.ID> = []
    for id in instructionIDs {
      guard let (opcode, left, right) = machine(id), opcode == .equal || opcode == .notEqual,
        constant(right) == 0xFFFF_FFFF, size(left) == 4
      else { continue }
      compared.insert(left)
    }
    let flow = ControlFlow(self)
    let dominators = DominatorTree(flow)
    return compared.filter { load in
      guard self[load].operation == .machine(.load), let block = self[load].block,
        let run = runs[offset(operand(0, of: load)).base], let before = self[run].block
      else { return false }
      guard block == before else {
        return dominators.dominates(flow.position(of: before), flow.position(of: block))
      }
      let steps = self[block].instructions
      return steps.drop { $0 != run }.contains(load)
    }
  }

  /// Whether the function runs the body of any generator.
  package var runsGenerators: Bool {
    blockIDs.contains { block in
      self[block].instructions.contains { generatorRun(by: $0) != nil }
    }
  }

  /// The object whose `body` a call calls, with itself as the first argument.
  package func generatorRun(by call: Instruction.ID) -> Instruction.ID? {
    guard self[call].operation == .call, let object = argument(0, of: call),
      self[operand(0, of: call)].operation == .machine(.load)
    else { return nil }
    let (base, offset) = self.offset(operand(0, of: operand(0, of: call)))
    return base == object && offset == layout.generatorBody ? object : nil
  }

  private mutating func removeStore(
    _ id: Instruction.ID, _ made: Set<Instruction.ID>, _ facts: some ModuleFacts
  ) -> Bool {
    let value = operand(1, of: id)
    // The thread's state learns of the generator's, and gets its own back.
    let isPlace = self[value].block == nil && made.contains(self.offset(value).base)
    let isKept =
      self[value].operation == .machine(.load)
      && made.contains(self.offset(operand(0, of: value)).base)
    let (base, offset) = self.offset(operand(0, of: id))
    if made.contains(base) {
      let isName = constant(value).flatMap { facts.text(at: $0) } != nil
      guard offset > layout.generatorScope, !isName else { return false }
    } else if !isPlace, !isKept {
      return false
    }
    remove(id)
    return true
  }
}
