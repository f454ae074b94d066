import Basics
import IR
import RuntimeModel

extension BranchRule {
  /// Calls are not nested too deeply, before CPython 3.9.
  ///
  /// ```c
  /// if (++tstate->recursion_depth > _Py_CheckRecursionLimit && _Py_CheckRecursiveCall(where)) …
  /// if (--tstate->recursion_depth < (limit > 200 ? limit - 50 : 3 * (limit >> 2)))
  ///   tstate->overflowed = 0;
  /// ```
  /// (`Include/ceval.h`). No Python code reads the limit that way.
  package static let recursionDepth = BranchRule("recursion-depth") { site, function, context in
    guard function.readsRecursionLimit(site.condition, context.facts) else { return nil }
    for (arm, holds) in [(site.target, true), (site.otherTarget, false)] {
      let checks = function.leadingCall(of: arm, "_Py_CheckRecursiveCall", context.facts) != nil
      if checks || function.clearsFlag(arm) { return site.formHolds(!holds) }
    }
    return site.formHolds(true)
  }
}

extension Function {
  /// Whether a condition depends on CPython's limit of nested calls.
  fileprivate func readsRecursionLimit(
    _ condition: Condition, _ facts: any ModuleFacts
  ) -> Bool {
    var pending: [Instruction.ID] =
      switch condition.form {
      case .equal(let a, let b), .less(let a, let b), .lessOrEqual(let a, let b): [a, b]
      default: []
      }
    var count = 0
    while let id = pending.popLast(), count < 32 {
      count += 1
      if self[id].operation == .machine(.load) {
        if variable(operand(0, of: id), facts) == "_Py_CheckRecursionLimit" { return true }
      } else if isPhi(id) {
        pending += operands(of: id)
      } else if case .machine = self[id].operation {
        pending += operands(of: id)
      }
    }
    return false
  }

  /// Whether a block does nothing but set a byte to 0.
  fileprivate func clearsFlag(_ block: Block.ID) -> Bool {
    self[block].instructions.contains { id in
      guard self[id].operation == .machine(.store) else { return false }
      let value = operand(1, of: id)
      return size(value) == 1 && constant(value) == 0
    }
  }

  /// Takes the counting of nested calls away, which the thread state keeps before CPython 3.9.
  ///
  /// ```c
  /// ++tstate->recursion_depth;     →     nothing
  /// ```
  /// - Returns: whether anything was taken away.
  package mutating func forgetRecursionDepth(_ facts: some ModuleFacts) -> Bool {
    guard layout.version < PythonVersion(3, 9) else { return false }
    var changed = false
    for block in reversePostorder() {
      for id in self[block].instructions where self[id].operation == .machine(.store) {
        let (base, distance) = offset(operand(0, of: id))
        guard distance == layout.recursionDepth || distance == layout.recursionDepth + 4,
          let name = callee(of: base, facts)?.name,
          name == "PyThreadState_Get" || name == "_PyThreadState_UncheckedGet"
        else { continue }
        remove(id)
        changed = true
      }
    }
    return changed
  }
}
