import IR
import RuntimeModel

extension BranchRule {
  /// A float is made by the general call of whatever object there is.
  ///
  /// ```c
  /// if (PyLong_CheckExact(o)) value = PyLong_AsDouble(o);
  /// else if (PyUnicode_CheckExact(o)) value = __Pyx_PyUnicode_AsDouble(o);     →     PyNumber_Float(o)
  /// else … return PyNumber_Float(o);
  /// ```
  /// `__Pyx__PyNumber_Float` in `Cython/Utility/TypeConversion.c` and `__Pyx__PyObject_AsDouble` in
  /// `Optimize.c`, where compilers inlined them.
  package static let floatConversion = BranchRule("float-conversion") { site, function, context in
    guard let (object, types) = function.exactTypes(site.condition, context.facts),
      types.allSatisfy({ convertedTypes.contains($0) }),
      function.firstCall(from: site.otherTarget, testing: object, context.facts)
        == "PyNumber_Float",
      function.readsNumber(from: site.target, context.facts)
    else { return nil }
    return site.formHolds(false)
  }

  private static let convertedTypes: Set<String> = [
    "PyLong_Type", "PyUnicode_Type", "PyBytes_Type", "PyByteArray_Type",
  ]
}

extension Function {
  /// Whether a double is read from digits before anything that is noticed is done.
  fileprivate func readsNumber(from start: Block.ID, _ facts: any ModuleFacts) -> Bool {
    var pending = [start]
    var seen: Set<Block.ID> = [start]
    blocks: while let block = pending.popLast(), seen.count < 160 {
      for id in self[block].instructions where self[id].operation == .call {
        guard let name = callee(of: id, facts)?.name else { continue blocks }
        if Self.numberReaders.contains(name) { return true }
        guard Self.quietTextCalls.contains(name) else { continue blocks }
      }
      for next in successors(of: block) where seen.insert(next).inserted {
        pending.insert(next, at: 0)
      }
    }
    return false
  }

  private static let numberReaders: Set<String> = [
    "PyOS_string_to_double", "PyLong_AsDouble", "PyFloat_FromString",
  ]
  private static let quietTextCalls: Set<String> = [
    "_PyUnicode_Ready", "_PyUnicode_IsWhitespace", "_PyUnicode_ToDecimalDigit", "PyMem_Malloc",
    "PyMem_Free", "PyErr_Occurred", "PyUnicode_AsUTF8AndSize", "PyUnicode_AsUTF8", "memcpy",
  ]
}
