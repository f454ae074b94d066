import IR
import RuntimeModel

extension Function {
  /// Leads errors of a generator past what makes another one of a `StopIteration`.
  ///
  /// ```c
  /// if (__Pyx_PyErr_GivenExceptionMatches(cur_exc, PyExc_StopIteration)) {
  ///   __Pyx_GetException(&exc, &val, &tb);
  ///   new_exc = PyObject_CallFunction(PyExc_RuntimeError, "s", "generator raised StopIteration");
  ///   PyException_SetCause(new_exc, val); PyErr_SetObject(PyExc_RuntimeError, new_exc);
  /// }
  /// ```
  /// becomes nothing (`__Pyx_Generator_Replace_StopIteration` in `Cython/Utility/Coroutine.c`), where
  /// compilers put it into the only generator of a module.
  ///
  /// - Returns: whether there was one.
  package mutating func skipReplacedStops(_ facts: some ModuleFacts) -> Bool {
    for block in reversePostorder() {
      for id in self[block].instructions {
        guard let name = callee(of: id, facts)?.name,
          ["PyObject_CallFunction", "_PyObject_CallFunction_SizeT"].contains(name),
          let type = argument(0, of: id), let text = argument(2, of: id),
          exceptionName(type, facts) == "PyExc_RuntimeError", constant(text) != nil,
          let start = blockThatCatches(before: block, facts)
        else { continue }
        var seen: Set<Block.ID> = []
        guard leadAway(from: start, &seen) else { continue }
        removeUnreachableBlocks()
        return true
      }
    }
    return false
  }

  /// The nearest block before another one that catches an error.
  private func blockThatCatches(before block: Block.ID, _ facts: some ModuleFacts) -> Block.ID? {
    var pending = [block]
    var next = 0
    while next < pending.count, next < 40 {
      let block = pending[next]
      next += 1
      let catches = self[block].instructions.contains { id in
        let name = callee(of: id, facts)?.name
        return name == "__Pyx_GetException" || name == "__Pyx__GetException"
      }
      if catches { return block }
      for previous in self[block].predecessors where !pending.contains(previous) {
        pending.append(previous)
      }
    }
    return nil
  }

  /// Takes every arm away by which branches lead to a block.
  private mutating func leadAway(from block: Block.ID, _ seen: inout Set<Block.ID>) -> Bool {
    guard seen.insert(block).inserted, seen.count < 16 else { return false }
    var isDone = false
    for previous in self[block].predecessors {
      switch self[previous].terminator {
      case .branch(_, let first, let second) where first != second:
        decideBranch(of: previous, taken: second == block)
        isDone = true
      case .jump: if leadAway(from: previous, &seen) { isDone = true }
      default: break
      }
    }
    return isDone
  }
}
