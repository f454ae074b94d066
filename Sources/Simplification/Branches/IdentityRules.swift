import Basics
import IR
import RuntimeModel

extension BranchRule {
  /// An object is equal to itself without being asked.
  ///
  /// ```c
  /// op1 == op2 ? Py_True : PyObject_RichCompare(op1, op2, Py_EQ)
  /// ```
  /// becomes the call (`__Pyx_PyInt_EqObjC` in `Cython/Utility/Optimize.c`). The source itself may ask
  /// so, `a is b or a == b`: one object is a constant in the helpers, or its type is asked for, or both
  /// were compared with `None` (`__Pyx_PyObject_CompareBoolEq_str_str` of Cython 3.3). What compares any
  /// two objects in 3.3 begins with the question for a `float`, and looks at the addresses behind it
  /// (`__Pyx_PyObject_CompareBoolEq_object_object`): in front of it, the source has asked.
  package static let identity = BranchRule("identity") { site, function, context in
    guard case .equal(let left, let right) = site.condition.form,
      function.isWord(left), function.constant(right) != 0,
      function.compares(
        left, right, from: site.otherTarget,
        isHelper: function.comparesBothWithNone(left, right, before: site.block, context.facts),
        context.facts),
      function.isQuiet(site.target, about: left, context.facts)
    else { return nil }
    return site.formHolds(false)
  }
}

extension Function {
  /// Whether a helper of Cython's compares two objects, behind tests of their types and for `None` only.
  fileprivate func compares(
    _ left: Instruction.ID, _ right: Instruction.ID, from start: Block.ID, isHelper: Bool,
    _ facts: any ModuleFacts
  ) -> Bool {
    var block = start
    let isKnown =
      isHelper || [left, right].contains { constant($0) != nil || isMadeInteger($0, facts) }
    var isHelper = isHelper || constant(left) != nil || constant(right) != nil
    /// The object of which the type is asked for, and whether for `float`.
    var asked: (object: Instruction.ID, isForFloat: Bool)?
    for _ in 0..<8 {
      for id in self[block].instructions where self[id].operation == .call {
        guard isHelper, let first = argument(0, of: id), let second = argument(1, of: id),
          callee(of: id, facts)?.name.hasPrefix("PyObject_RichCompare") == true
        else { return false }
        if !isKnown, let asked, asked.isForFloat, asked.object == first { return false }
        return (first == left && second == right) || (first == right && second == left)
      }
      switch self[block].terminator {
      case .jump(let next): block = next
      case .branch:
        guard let site = BranchSite(block, in: self) else { return false }
        let typed = exactTypes(site.condition, facts)
        guard let tested = typed?.object ?? comparedWithNone(site, facts),
          tested == left || tested == right
        else { return false }
        if let typed {
          asked = asked ?? (typed.object, typed.types.contains("PyFloat_Type"))
          isHelper = true
        }
        block = site.otherTarget
      default: return false
      }
    }
    return false
  }

  /// Whether an object is made of a C integer; what compares others with it looks at the addresses first
  /// (`__Pyx_PyObject_CompareBoolEq_object_int`).
  private func isMadeInteger(_ object: Instruction.ID, _ facts: any ModuleFacts) -> Bool {
    let roots = roots(of: object)
    return !roots.isEmpty
      && roots.allSatisfy { callee(of: $0, facts)?.name.hasPrefix("PyLong_From") == true }
  }

  /// Whether the branch in front of a block asks whether one of two objects is `None`, and if so, whether
  /// the other one is.
  fileprivate func comparesBothWithNone(
    _ left: Instruction.ID, _ right: Instruction.ID, before block: Block.ID,
    _ facts: any ModuleFacts
  ) -> Bool {
    guard self[block].predecessors.count == 1,
      let outer = BranchSite(self[block].predecessors[0], in: self),
      let object = comparedWithNone(outer, facts), object == left || object == right
    else { return false }
    // Where one is `None`, that is what the other one is compared with.
    if outer.target == block { return true }
    let other = object == left ? right : left
    func asks(_ id: Instruction.ID) -> Bool {
      guard let (opcode, first, second) = machine(resolve(id)) else { return false }
      if opcode == .zeroExtend || opcode == .booleanNot { return asks(first) }
      return (opcode == .equal || opcode == .notEqual) && first == other
        && variable(second, facts) == "_Py_NoneStruct"
    }
    if let value = self[outer.target].terminator.value, asks(value) { return true }
    return ([outer.target] + successors(of: outer.target)).contains { next in
      self[next].instructions.contains { isPhi($0) && operands(of: $0).contains(where: asks) }
    }
  }
}
