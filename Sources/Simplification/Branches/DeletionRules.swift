import IR
import RuntimeModel

extension BranchRule {
  /// The name of a handled exception is deleted, or is not there any more.
  ///
  /// ```c
  /// if (__Pyx_PyObject_DelAttrStr(m, name) < 0) {
  ///   if (PyErr_ExceptionMatches(PyExc_AttributeError)) PyErr_Clear(); else goto error; }
  /// ```
  /// becomes the call (`NameNode.generate_deletion_code` in `Cython/Compiler/ExprNodes.py`, with
  /// `ignore_nonexisting`, as only the end of an `except` clause with a name asks for it).
  package static let quietDeletion = BranchRule("quiet-deletion") { site, function, context in
    let (result, succeeds): (Instruction.ID, Bool)
    switch site.condition.form {
    case .less(let left, let right) where function.constant(right) == 0:
      (result, succeeds) = (left, false)
    case .lessOrEqual(let left, let right) where function.constant(left) == 0:
      (result, succeeds) = (right, true)
    default: return nil
    }
    let failing = succeeds ? site.otherTarget : site.target
    let call = function.withoutExtract(result)
    guard let name = function.callee(of: call, context.facts)?.name, Self.deletions.contains(name),
      !name.contains("SetAttr")
        || function.argument(2, of: call).map({ function.constant($0) }) == 0,
      ["PyErr_ExceptionMatches", "__Pyx_PyErr_ExceptionMatchesInState"].contains(where: {
        function.leadingCall(of: failing, $0, context.facts) != nil
      })
    else { return nil }
    return site.formHolds(succeeds)
  }

  private static let deletions: Set = [
    "__Pyx_PyObject_DelAttrStr", "__Pyx_PyObject_SetAttrStr", "PyObject_DelAttr",
    "PyObject_SetAttr", "PyObject_DelItem",
  ]
}
