import IR
import RuntimeModel

extension BranchRule {
  /// A method that is looked up in an object's type is bound to the object, however that is done.
  ///
  /// ```c
  /// res = _PyType_Lookup(Py_TYPE(o), name); f = Py_TYPE(res)->tp_descr_get; if (f) res = f(res, o, …);
  /// ```
  /// becomes the lookup (`__Pyx_PyObject_LookupSpecial` in `Cython/Utility/ObjectHandling.c`).
  package static let specialMethod = BranchRule("special-method") { site, function, context in
    guard let value = site.valueComparedWithNull(in: function),
      function.typeSlot(value) == .getDescriptor
    else { return nil }
    let method = function.offset(
      function.operand(0, of: function.offset(function.operand(0, of: value)).base)
    ).base
    guard let name = function.callee(of: method, context.facts)?.name,
      name == "_PyType_Lookup" || name == "_PyType_LookupRef"
    else { return nil }
    return site.formHolds(true)
  }
}
