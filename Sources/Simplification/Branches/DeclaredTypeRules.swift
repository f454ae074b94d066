import Basics
import IR
import RuntimeModel

extension BranchRule {
  /// What is declared to be of a type is of that type.
  ///
  /// ```c
  /// if (PyLong_CheckExact(number)) return 0;
  /// if (PyNumber_Check(number)) number = PyNumber_Long(number); else PyErr_Format(PyExc_TypeError, …);
  /// ```
  /// becomes nothing (`__Pyx_PyInt_FromNumber`), as does `__Pyx__ArgTypeTest`: the annotation says it, and
  /// Cython checks it by itself. No Python code calls these functions.
  package static let declaredType = BranchRule("declared-type") { site, function, context in
    if case .equal(let result, let zero) = site.condition.form, function.constant(zero) == 0,
      function.callee(of: function.withoutExtract(result), context.facts)?.name
        == "__Pyx__ArgTypeTest"
    {
      return site.formHolds(false)
    }
    guard let (object, types) = function.exactTypes(site.condition, context.facts),
      types.count == 1,
      let call = function.firstCall(from: site.otherTarget, testing: object, context.facts),
      call == "PyNumber_Check" || call == "__Pyx__ArgTypeTest"
    else { return nil }
    return site.formHolds(true)
  }
}
