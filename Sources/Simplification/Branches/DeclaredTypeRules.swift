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
  /// Cython checks it by itself. No Python code calls these functions. What is returned where the type is
  /// declared, or assigned to such a variable, is checked as well:
  ///
  /// ```c
  /// if (!(PyUnicode_CheckExact(t) || t == Py_None || __Pyx_RaiseUnexpectedTypeError("str", t))) goto bad;
  /// ```
  package static let declaredType = BranchRule("declared-type") { site, function, context in
    if case .equal(let result, let zero) = site.condition.form, function.constant(zero) == 0,
      function.callee(of: function.withoutExtract(result), context.facts)?.name
        == "__Pyx__ArgTypeTest"
    {
      return site.formHolds(false)
    }
    guard let (object, types) = function.exactTypes(site.condition, context.facts),
      types.count == 1
    else { return nil }
    if function.refusesType(of: object, from: site.otherTarget, context.facts) {
      return site.formHolds(true)
    }
    guard
      let call = function.firstCall(from: site.otherTarget, testing: object, context.facts),
      call == "PyNumber_Check" || call == "__Pyx__ArgTypeTest"
    else { return nil }
    return site.formHolds(true)
  }
}

extension Function {
  /// Whether an object of another type than the declared one is refused, unless it is `None`.
  fileprivate func refusesType(
    of object: Instruction.ID, from start: Block.ID, _ facts: any ModuleFacts
  ) -> Bool {
    guard let test = BranchSite(start, in: self), comparedWithNone(test, facts) == object,
      !self[start].instructions.contains(where: { self[$0].operation == .call })
    else { return false }
    var block = test.otherTarget
    for _ in 0..<4 {
      if let call = self[block].instructions.first(where: { self[$0].operation == .call }) {
        switch callee(of: call, facts)?.name {
        case "__Pyx_RaiseUnexpectedTypeError": return true
        case "PyErr_Format":
          guard let format = argument(1, of: call).flatMap({ constant($0) }) else { return false }
          // "Expected %…"
          return facts.constant(at: format, size: 8) == 0x6465_7463_6570_7845
            && facts.constant(at: format &+ 8, size: 2) == 0x2520
        default: return false
        }
      }
      guard case .jump(let next) = self[block].terminator else { return false }
      block = next
    }
    return false
  }
}
