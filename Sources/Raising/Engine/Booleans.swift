import Basics
import IR
import Simplification

// Truth as a value.
extension Raiser {
  /// Reads `bool`, which Cython writes out.
  ///
  /// ```
  /// %3 = truth %1; %4 = phi True, False     →     %4 = bool(%1)
  /// ```
  /// `_handle_simple_function_bool` in `Cython/Compiler/Optimize.py`. Comparisons are left to
  /// whoever writes decisions out.
  ///
  /// - Returns: whether anything changed.
  func raiseBooleans() -> Bool {
    for block in function.reversePostorder() {
      guard let site = BranchSite(block, in: function), let truth = truthTest(of: site) else {
        continue
      }
      let object = function.operand(0, of: truth)
      if case .compare? = operation(object) { continue }
      guard let result = truthValue(site), isReadBy(truth, block) else { continue }
      if case .cell(let field)? = operation(object), truthFields.contains(field) {
        // It is no other object than that.
        settle(block, result, as: object)
        function.remove(truth)
        return true
      }
      becomeBuiltinCall(truth, "bool", [object])
      settle(block, result, as: truth)
      return true
    }
    return false
  }

  /// Takes tests for the error of a truth test away: control has left for it where there was one.
  ///
  /// ```c
  /// t = PyObject_IsTrue(x); if (t == -1 && PyErr_Occurred()) goto bad;
  /// ```
  /// So Cython converts parameters that are declared `bool`.
  ///
  /// - Returns: whether there was one.
  func dropTruthErrors() -> Bool {
    for block in function.reversePostorder() {
      guard let site = BranchSite(block, in: function), site.target != site.otherTarget,
        case .equal(let value, let number) = site.condition.form,
        function.constant(number) == Opcode.mask(function.size(number)),
        operation(function.withoutExtract(value)) == .truth
      else { continue }
      function.decideBranch(of: block, taken: !site.condition.isPositive)
      function.removeUnreachableBlocks()
      while function.removeTrivialPhis() {}
      function.removeForwarded()
      return true
    }
    return false
  }

  /// Whether nothing but the end of a block depends on a truth test.
  private func isReadBy(_ truth: Instruction.ID, _ block: Block.ID) -> Bool {
    for other in function.reversePostorder() {
      for id in function[other].instructions {
        let isRead = function.operands(of: id).contains { function.withoutExtract($0) == truth }
        if isRead { return false }
      }
    }
    return true
  }

  /// The phi that is `True` or `False` by a test, if that is all that the test decides.
  private func truthValue(_ site: BranchSite) -> Instruction.ID? {
    decidedPhi(site) { operation in
      switch operation {
      case .referenceCount, .undefined: true
      default: false
      }
    } choosing: { taken, left in
      function.variable(taken, view) == "_Py_TrueStruct"
        && function.variable(left, view) == "_Py_FalseStruct"
    }
  }
}
