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
  /// `Optimize.c`, where compilers inlined them. The latter calls `nb_float` itself and asks whether a
  /// `float` came out, which the slot's callers in CPython ask as well.
  package static let floatConversion = BranchRule("float-conversion") { site, function, context in
    // -1.0 is returned without a result, and whoever gets it asks for an error.
    if let result = site.valueComparedWithNull(in: function),
      function.slotFunction(ofCall: result) == floatFunction,
      function.leadingCall(of: site.target, "PyErr_Occurred", context.facts) != nil
    {
      return site.formHolds(false)
    }
    guard let (object, types) = function.exactTypes(site.condition, context.facts) else {
      return nil
    }
    if types == ["PyFloat_Type"], function.slotFunction(ofCall: object) == floatFunction {
      return site.formHolds(true)
    }
    guard types.allSatisfy({ convertedTypes.contains($0) }),
      function.firstCall(from: site.otherTarget, testing: object, context.facts)
        == floatFunction,
      function.readsNumber(from: site.target, context.facts)
    else { return nil }
    return site.formHolds(false)
  }

  private static let floatFunction = "PyNumber_Float"

  private static let convertedTypes: Set<String> = [
    "PyLong_Type", "PyUnicode_Type", "PyBytes_Type", "PyByteArray_Type",
  ]
}

extension Function {
  /// The function that does what a call does through a slot.
  fileprivate func slotFunction(ofCall id: Instruction.ID) -> String? {
    self[id].operation == .call ? slotFunction(operand(0, of: id)) : nil
  }

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
