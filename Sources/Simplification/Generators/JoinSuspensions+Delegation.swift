import Analysis
import IR
import RuntimeModel

// What a generator hands out at a suspension.
extension JoinSuspensions {
  /// What is returned behind the store of a label, and what phis are on the way there.
  func returned(
    behind store: Instruction.ID, _ function: borrowing Function
  ) throws(Failure) -> (value: Instruction.ID, known: [Instruction.ID: Instruction.ID]) {
    guard var block = function[store].block else { throw Failure(reason: "a lost suspension") }
    var known: [Instruction.ID: Instruction.ID] = [:]
    for _ in 0..<16 {
      switch function[block].terminator {
      case .return(let value):
        let value = function.resolve(value)
        return (known[value] ?? value, known)
      case .jump(let next):
        guard let edge = function[next].predecessors.firstIndex(of: block) else { break }
        for id in function[next].instructions where function.isPhi(id) {
          let operand = function.operand(edge, of: id)
          known[id] = known[operand] ?? operand
        }
        block = next
      default: throw Failure(reason: "a suspension of an unknown form")
      }
    }
    throw Failure(reason: "a suspension of an unknown form")
  }

  mutating func join(
    _ store: Instruction.ID, _ target: Block.ID, from source: Block.ID, _ function: inout Function
  ) throws(Failure) {
    let (value, known) = try returned(behind: store, function)
    guard let block = function[store].block,
      let edge = function[target].predecessors.firstIndex(of: source)
    else { return }
    let suspension: Instruction.ID
    if let source = delegate(value, block, &function) {
      let iterator = scope.kind == .generator ? nil : asyncIterator(behind: source, &function)
      suspension = function.insert(
        .python(iterator == nil ? .yieldFrom : .asyncNext), [iterator ?? source], behind: store)
    } else {
      // A source whose values are handed out in a way that is not known: one `yield` is not all of it.
      guard !delegates(to: block, function) else {
        throw Failure(reason: "a suspension of an unknown form")
      }
      suspension = function.insert(
        .python(.yield), [handedOut(value, known, &function)], behind: store)
    }
    function.cut(block, behind: suspension)
    function.terminate(block, with: .jump(target))
    for id in function[target].instructions where function.isPhi(id) {
      function.setOperands(of: id, function.operands(of: id) + [function.operand(edge, of: id)])
    }
    starts.append((target, suspension))
  }

  /// What a value is taken from that `yield from` or `await` hands out first.
  ///
  /// ```c
  /// r = __Pyx_Generator_Yield_From(gen, source); if (r) { suspend } else if (…) { goto bad; }
  /// ```
  /// The generator hands the rest out itself (`Cython/Utility/Coroutine.c`), so that only the arm with
  /// a first value is kept.
  private func delegate(
    _ value: Instruction.ID, _ block: Block.ID, _ function: inout Function
  ) -> Instruction.ID? {
    let flow = ControlFlow(function)
    let dominators = DominatorTree(flow)
    var around: [Block.ID] = [block]
    var position = flow.position(of: block)
    while position > 0, around.count < 64 {
      position = dominators.immediate[position]
      guard position >= 0 else { break }
      around.append(flow.order[position])
    }
    return delegateOfCall(around, flow, dominators, &function)
      ?? delegateInPlace(value, around, &function)
  }

  /// The source that a function gets which hands its values out; it gets the generator as well.
  ///
  /// Since Cython 3.1 the function returns 1 for a value that is handed out, before that the value.
  private func delegateOfCall(
    _ around: [Block.ID], _ flow: ControlFlow, _ dominators: DominatorTree,
    _ function: inout Function
  ) -> Instruction.ID? {
    var decisions: [(block: Block.ID, taken: Bool)] = []
    var calls: Set<Instruction.ID> = []
    for (inner, outer) in zip(around, around.dropFirst()) {
      guard case .branch(let condition, let first, let second) = function[outer].terminator else {
        continue
      }
      var found: Set<Instruction.ID> = []
      let number = outcome(of: function.resolve(condition), function, &found)
      guard let number, !found.isEmpty else {
        if calls.isEmpty { continue }
        break
      }
      let arm = flow.position(of: number != 0 ? first : second)
      guard dominators.dominates(arm, flow.position(of: inner)) else { return nil }
      decisions.append((outer, number != 0))
      calls.formUnion(found)
    }
    guard let call = calls.min(), let source = function.argument(1, of: call),
      calls.allSatisfy({ function.argument(1, of: $0) == source })
    else { return nil }
    for (block, taken) in decisions { function.decideBranch(of: block, taken: taken) }
    for id in function.instructionIDs {
      guard case .after = function[id].operation, calls.contains(function.operand(0, of: id)) else {
        continue
      }
      function.replace(id, with: .undefined, [])
    }
    for call in calls.sorted() { function.replace(call, with: .undefined, []) }
    return source
  }

  /// What a condition says if a value is handed out, and the calls that it asks.
  private func outcome(
    of id: Instruction.ID, _ function: borrowing Function, _ calls: inout Set<Instruction.ID>,
    depth: Int = 0
  ) -> UInt64? {
    if let constant = function.constant(id) { return constant }
    guard depth < 8 else { return nil }
    switch function[id].operation {
    case .call:
      guard let first = function.argument(0, of: id), function.constant(first) == generator,
        function.argument(1, of: id) != nil
      else { return nil }
      calls.insert(id)
      return 1
    case .phi:
      var found: Set<Instruction.ID> = []
      for operand in function.operands(of: id) where function[operand].operation == .call {
        if outcome(of: operand, function, &found, depth: depth + 1) != nil { continue }
      }
      calls.formUnion(found)
      return found.isEmpty ? nil : 1
    default: break
    }
    guard function[id].block == nil, let (opcode, left, right) = function.machine(id),
      let first = outcome(of: left, function, &calls, depth: depth + 1)
    else { return nil }
    var second: UInt64 = 0
    if function.operandCount(of: id) > 1 {
      guard let other = outcome(of: right, function, &calls, depth: depth + 1) else { return nil }
      second = other
    }
    return opcode.evaluate(
      first, second, size: function.size(left), otherSize: function.size(right),
      width: function.size(id))
  }

  /// The iterator of which the first value is taken in place.
  ///
  /// ```c
  /// r = Py_TYPE(source)->tp_iternext(source); if (r) { gen->yieldfrom = source; … }
  /// ```
  private func delegateInPlace(
    _ value: Instruction.ID, _ around: [Block.ID], _ function: inout Function
  ) -> Instruction.ID? {
    guard function[value].operation == .call else { return nil }
    var source: Instruction.ID?
    for (inner, outer) in zip(around, around.dropFirst()) {
      source = source ?? delegated(in: inner, function)
      guard let site = BranchSite(outer, in: function),
        site.valueComparedWithNull(in: function) == value
      else { continue }
      guard let source = source ?? delegated(in: site.otherTarget, function) else { return nil }
      function.decideBranch(of: outer, taken: !site.condition.isPositive)
      function.replace(value, with: .undefined, [])
      return scope.kind == .generator
        ? iterator(source, &function) : awaited(source, &function) ?? source
    }
    return nil
  }

  /// The iterator that `PyObject_GetIter` gives, where the slot of the type is asked first.
  ///
  /// ```c
  /// source = Py_TYPE(o)->tp_iter ? Py_TYPE(o)->tp_iter(o) : PyObject_GetIter(o)
  /// ```
  private func iterator(_ source: Instruction.ID, _ function: inout Function) -> Instruction.ID {
    guard function.isPhi(source) else { return source }
    for operand in function.operands(of: source)
    where function.callee(of: operand, facts)?.name == "PyObject_GetIter" {
      guard let block = function[operand].block, function[block].predecessors.count == 1,
        let site = BranchSite(function[block].predecessors[0], in: function),
        site.target == block, let slot = site.valueComparedWithNull(in: function),
        function.typeSlot(slot) == .iterate
      else { continue }
      function.decideBranch(of: site.block, taken: site.condition.isPositive)
      return operand
    }
    return source
  }

  /// Whether control gets to a suspension from where the generator is given a source of values.
  private func delegates(to suspension: Block.ID, _ function: borrowing Function) -> Bool {
    var seen: Set<Block.ID> = [suspension]
    var pending = [suspension]
    while let block = pending.popLast(), seen.count < 4096 {
      if delegated(in: block, function) != nil { return true }
      for source in function[block].predecessors where seen.insert(source).inserted {
        // What was done before another suspension belongs to that one.
        if !starts.contains(where: { function[$0.sent].block == source }) { pending.append(source) }
      }
    }
    return false
  }

  /// The value that a block stores into the generator's `yieldfrom`.
  private func delegated(in block: Block.ID, _ function: borrowing Function) -> Instruction.ID? {
    for id in function[block].instructions where function[id].operation == .machine(.store) {
      guard let address = function.constant(function.operand(0, of: id)),
        address >= generator + function.layout.words(7),
        address <= generator + function.layout.words(10)
      else { continue }
      let value = function.operand(1, of: id)
      if function.isWord(value), function.constant(value) == nil { return value }
    }
    return nil
  }
}
