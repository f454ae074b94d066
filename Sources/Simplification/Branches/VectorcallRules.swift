import IR
import RuntimeModel

extension BranchRule {
  /// An object is called through the function that takes an array, if its type has one.
  ///
  /// ```c
  /// if (PyType_HasFeature(Py_TYPE(f), Py_TPFLAGS_HAVE_VECTORCALL) && (call = *(char *)f + offset))
  ///   r = call(f, args, n, NULL);
  /// else r = PyObject_VectorcallDict(f, args, n, NULL);
  /// ```
  /// becomes the last call (`__Pyx_PyObject_FastCallDict` in `Cython/Utility/ObjectHandling.c`, with
  /// `PyVectorcall_Function` of `Include/cpython/abstract.h` in place).
  package static let vectorcall = BranchRule("vectorcall") { site, function, context in
    guard let value = site.valueComparedWithNull(in: function),
      let callable = function.callableAskedForVectorcall(value),
      let general = function.firstCall(of: site.target),
      let name = function.callee(of: general, context.facts)?.name,
      name == "PyObject_VectorcallDict" || name == "PyObject_Vectorcall",
      function.argument(0, of: general) == callable
    else { return nil }
    return site.formHolds(true)
  }
}

extension Function {
  /// The object whose vectorcall function a value is, or whose type's flag for one.
  fileprivate func callableAskedForVectorcall(_ value: Instruction.ID) -> Instruction.ID? {
    if let (object, bits) = testedTypeFlags(value), bits == 1 << 11 { return object }
    guard self[value].operation == .machine(.load),
      let (opcode, left, right) = machine(operand(0, of: value)), opcode == .add
    else { return nil }
    if typeSlot(right) == .vectorcallOffset { return left }
    return typeSlot(left) == .vectorcallOffset ? right : nil
  }
}
