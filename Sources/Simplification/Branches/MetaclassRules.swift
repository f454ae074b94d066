import Basics
import IR
import RuntimeModel

// Branches of the helpers that make a class.
extension BranchRule {
  /// A namespace is a dictionary; what `__prepare__` makes is the metaclass's business.
  ///
  /// ```c
  /// prep = __Pyx_PyObject_GetAttrStrNoError(metaclass, "__prepare__");
  /// ns = prep ? call(prep, name, bases, mkw) : PyDict_New();
  /// ```
  /// becomes the dictionary (`__Pyx_Py3MetaclassPrepare` in `Cython/Utility/ObjectHandling.c`).
  package static let prepare = BranchRule("prepare") { site, function, context in
    guard let value = site.valueComparedWithNull(in: function),
      function.callee(of: value, context.facts)?.name == "__Pyx_PyObject_GetAttrStrNoError",
      let name = function.argument(1, of: value).flatMap({ function.constant($0) }),
      context.facts.text(at: name) == "__prepare__"
    else { return nil }
    return site.formHolds(true)
  }

  /// A tuple that was packed here is a tuple.
  ///
  /// ```c
  /// if (PyTuple_Check(bases) && PyTuple_GET_SIZE(bases) > 0) …
  /// ```
  /// becomes what the test allows (`__Pyx_FindPy2Metaclass`).
  package static let packedTuple = BranchRule("packed-tuple") { site, function, context in
    guard case .equal(let flags, let zero) = site.condition.form, function.constant(zero) == 0,
      let (opcode, loaded, mask) = function.machine(function.withoutExtract(flags)),
      opcode == .and, let bits = function.constant(mask),
      function[loaded].operation == .machine(.load)
    else { return nil }
    let (type, offset) = function.offset(function.operand(0, of: loaded))
    let start = function.layout.typeFlags
    guard offset >= start, offset < start + UInt64(function.pointerSize),
      bits << ((offset - start) * 8) == ObjectLayout.subclassFlags["PyTuple_Type"],
      function.isLoad(type, at: function.layout.type),
      let name = function.callee(
        of: function.offset(function.operand(0, of: type)).base, context.facts)?.name,
      name == "PyTuple_Pack" || name == "__Pyx_PyTuple_FromArray"
    else { return nil }
    return site.formHolds(false)
  }

  /// A metaclass that was named is a class.
  ///
  /// ```c
  /// if (PyType_Check(metaclass)) metaclass = __Pyx_CalculateMetaclass(metaclass, bases);
  /// ```
  /// becomes the call (`__Pyx_Py3ClassCreate`).
  package static let namedMetaclass = BranchRule("named-metaclass") { site, function, context in
    guard case .equal(let flags, let zero) = site.condition.form, function.constant(zero) == 0,
      function.machine(function.withoutExtract(flags))?.opcode == .and
    else { return nil }
    let arm = site.otherTarget
    let call = function.leadingCall(of: arm, "__Pyx_CalculateMetaclass", context.facts)
    return call == nil ? nil : site.formHolds(false)
  }
}
