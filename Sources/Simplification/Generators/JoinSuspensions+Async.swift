import Analysis
import IR
import RuntimeModel

// Coroutines and asynchronous generators.
extension JoinSuspensions {
  /// The object of which `await` takes the iterator.
  ///
  /// ```c
  /// am = Py_TYPE(o)->tp_as_async; it = am && am->am_await ? am->am_await(o) : o.__await__(); …
  /// ```
  /// `__Pyx__Coroutine_GetAwaitableIter` in `Cython/Utility/Coroutine.c`.
  func awaited(_ source: Instruction.ID, _ function: inout Function) -> Instruction.ID? {
    for call in calls(mergedIn: source, function) {
      guard let object = function.argument(0, of: call) else { continue }
      if function.constant(function.operand(0, of: call)) != nil {
        let name = function.callee(of: call, facts)?.name
        if name == "__Pyx__Coroutine_GetAwaitableIter"
          || name == nil && function.operandCount(of: call) == 2
        {
          isNotNull([call, source], &function)
          return object
        }
        continue
      }
      guard asyncMethod(calledBy: call, function) == 0 else { continue }
      isNotNull([call, source], &function)
      takeMethod(of: call, &function)
      function.forward(call, to: object)
      return object
    }
    return nil
  }

  /// The iterator whose next item is awaited.
  ///
  /// ```c
  /// am = Py_TYPE(it)->tp_as_async; am && am->am_anext ? am->am_anext(it) : __Pyx_…_Fail(it)
  /// ```
  func asyncIterator(
    behind source: Instruction.ID, _ function: inout Function
  ) -> Instruction.ID? {
    for call in calls(mergedIn: source, function) {
      guard asyncMethod(calledBy: call, function) == 2,
        let iterator = function.argument(0, of: call)
      else { continue }
      takeMethod(of: call, &function)
      function.replace(call, with: .undefined, [])
      return iterator
    }
    return nil
  }

  /// The calls that a value may be the result of.
  private func calls(
    mergedIn value: Instruction.ID, _ function: borrowing Function
  ) -> [Instruction.ID] {
    var pending = [value]
    var seen: Set<Instruction.ID> = []
    var result: [Instruction.ID] = []
    while let id = pending.popLast(), seen.count < 32 {
      guard seen.insert(id).inserted else { continue }
      if function.isPhi(id) { pending += function.operands(of: id) }
      if function[id].operation == .call { result.append(id) }
    }
    return result
  }

  /// Which function of its argument's `tp_as_async` a call calls.
  private func asyncMethod(
    calledBy call: Instruction.ID, _ function: borrowing Function
  ) -> Int? {
    let target = function.operand(0, of: call)
    guard function[target].operation == .machine(.load) else { return nil }
    let (methods, offset) = function.offset(function.operand(0, of: target))
    guard function.typeSlot(methods) == .asynchronousMethods else { return nil }
    return (0..<3).first { function.layout.words($0) == offset }
  }

  /// The type has the method that a call calls.
  private func takeMethod(of call: Instruction.ID, _ function: inout Function) {
    let target = function.operand(0, of: call)
    isNotNull([target, function.offset(function.operand(0, of: target)).base], &function)
  }

  /// Takes tests of values away that are not null.
  private func isNotNull(_ values: [Instruction.ID], _ function: inout Function) {
    for block in function.reversePostorder() {
      guard let site = BranchSite(block, in: function),
        let tested = site.valueComparedWithNull(in: function), values.contains(tested)
      else { continue }
      function.decideBranch(of: block, taken: !site.condition.isPositive)
    }
  }

  /// Makes the end of an asynchronous iterator the end of its loop.
  ///
  /// ```c
  /// if (!sent) { if (PyErr_Occurred() matches StopAsyncIteration) { PyErr_Clear(); break; } goto bad; }
  /// ```
  /// `AwaitIterNextExprNode` in `Cython/Compiler/ExprNodes.py`.
  func endAsyncLoops(_ function: inout Function) throws(Failure) {
    for (_, step) in starts.dropFirst()
    where function[step].operation == .python(.asyncNext) {
      guard let end = endArm(of: step, function), let path = pathToClearing(from: end, function)
      else {
        throw Failure(reason: "an asynchronous loop of an unknown form")
      }
      for (block, next) in zip(path, path.dropFirst()) {
        guard case .branch(_, let first, let second) = function[block].terminator, first != second
        else { continue }
        function.decideBranch(of: block, taken: first == next)
      }
    }
    function.removeUnreachableBlocks()
  }

  /// Where control goes on if nothing was sent in.
  private func endArm(of step: Instruction.ID, _ function: borrowing Function) -> Block.ID? {
    for block in function.reversePostorder() {
      if let site = BranchSite(block, in: function),
        site.valueComparedWithNull(in: function) == step
      {
        return site.target
      }
    }
    return nil
  }

  /// The shortest way to a block that clears an error, to which nothing else leads.
  private func pathToClearing(
    from start: Block.ID, _ function: borrowing Function
  ) -> [Block.ID]? {
    let flow = ControlFlow(function)
    let dominators = DominatorTree(flow)
    guard function[start].predecessors.count == 1 else { return nil }
    var parents: [Block.ID: Block.ID] = [start: start]
    var pending = [start]
    var next = 0
    while next < pending.count, next < 128 {
      var block = pending[next]
      next += 1
      let names = function[block].instructions.compactMap { function.callee(of: $0, facts)?.name }
      if names.contains("PyErr_Clear") {
        var path = [block]
        while block != start, let parent = parents[block] {
          let isInside = dominators.dominates(
            flow.position(of: start), flow.position(of: block))
          guard isInside || path.count == 1 else { return nil }
          path.append(parent)
          block = parent
        }
        return path.reversed()
      }
      guard !names.contains("__Pyx_AddTraceback") else { continue }
      for successor in function.successors(of: block) where parents[successor] == nil {
        parents[successor] = block
        pending.append(successor)
      }
    }
    return nil
  }

  // MARK: Values of asynchronous generators

  /// A value without what asynchronous generators wrap it in.
  ///
  /// ```c
  /// w = freecount ? freelist[--freecount] : PyObject_GC_New(…); w->agw_val = value; return w;
  /// ```
  /// `__Pyx__PyAsyncGenValueWrapperNew` in `Cython/Utility/AsyncGen.c`.
  func handedOut(
    _ value: Instruction.ID, _ known: [Instruction.ID: Instruction.ID], _ function: inout Function
  ) -> Instruction.ID {
    guard scope.kind == .asyncGenerator else { return value }
    if function[value].operation == .call, function.callee(of: value, facts) == nil,
      function.constant(function.operand(0, of: value)) != nil
    {
      guard let wrapped = function.operands(of: value).dropFirst().first,
        !isLeftOver(wrapped, function)
      else {
        return countedSingleton(before: value, &function)
          ?? function.undefined(width: function.pointerSize)
      }
      return known[wrapped] ?? wrapped
    }
    guard
      let memory = calls(mergedIn: value, function).first(where: {
        function.callee(of: $0, facts)?.name == "_PyObject_GC_New"
      })
    else { return value }
    for block in function.reversePostorder() {
      for id in function[block].instructions where function[id].operation == .machine(.store) {
        let (base, offset) = function.offset(function.operand(0, of: id))
        guard base == value, offset == function.layout.fields else { continue }
        let wrapped = function.operand(1, of: id)
        function.remove(id)
        allocate(memory, &function)
        function.replace(memory, with: .undefined, [])
        return wrapped
      }
    }
    return value
  }

  /// Whether a register holds what was left in it, rather than an argument: compilers make a function without
  /// parameters of the one that wraps values if all of them are `None`.
  private func isLeftOver(_ id: Instruction.ID, _ function: borrowing Function) -> Bool {
    var seen: Set<Instruction.ID> = []
    var pending = [id]
    while let next = pending.popLast() {
      guard seen.insert(next).inserted else { continue }
      switch function[next].operation {
      case .phi: pending += function.operands(of: next)
      case .after, .entry, .undefined: return true
      default: if function.constant(next) == 0 { return true }
      }
    }
    return false
  }

  /// The singleton to which a reference was taken last in front of a step; nil if it was taken to another
  /// object of CPython's.
  private func countedSingleton(
    before step: Instruction.ID, _ function: inout Function
  ) -> Instruction.ID? {
    var block = function[step].block
    for _ in 0..<8 {
      guard let current = block else { return nil }
      for id in function[current].instructions.reversed() {
        guard function[id].operation == .machine(.store),
          let address = function.constant(function.operand(0, of: id)),
          let name = facts.variable(at: address)
        else { continue }
        guard ["_Py_NoneStruct", "_Py_TrueStruct", "_Py_FalseStruct"].contains(name) else {
          return nil
        }
        return function.constant(address, width: function.pointerSize)
      }
      // The first of the ways that meet here is the one past what frees the handled exception.
      block = function[current].predecessors.min()
    }
    return nil
  }

  /// Takes memory anew rather than from a list of what was used before.
  private func allocate(_ memory: Instruction.ID, _ function: inout Function) {
    guard var block = function[memory].block else { return }
    for _ in 0..<4 {
      guard function[block].predecessors.count == 1 else { return }
      let previous = function[block].predecessors[0]
      if case .branch(let condition, let first, _) = function[previous].terminator,
        let (_, left, _) = function.machine(function.resolve(condition)),
        function[left].operation == .machine(.load),
        function.constant(function.operand(0, of: left)) != nil
      {
        return function.decideBranch(of: previous, taken: first == block)
      }
      block = previous
    }
  }
}
