import Basics
import IR
import RuntimeModel

extension BranchRule {
  /// An integer is made of a number by its type's slot, and is exactly an `int`.
  ///
  /// ```c
  /// if (PyLong_Check(x)) return Py_NewRef(x);
  /// res = Py_TYPE(x)->tp_as_number->nb_int(x);
  /// if (!PyLong_CheckExact(res)) return __Pyx_PyNumber_LongWrongResultType(res);
  /// ```
  /// becomes the call of the slot (`__Pyx_PyNumber_Long` in `Cython/Utility/TypeConversion.c`).
  package static let integerConversion = BranchRule("integer-conversion") {
    site, function, context in
    if let (object, flag) = function.testedSubclass(site.condition),
      flag == ObjectLayout.subclassFlags["PyLong_Type"],
      let call = function.firstStep(from: site.target, testing: object, context.facts),
      function.isIntegerSlot(call), function.isIdleWay(site.otherTarget)
    {
      return site.formHolds(true)
    }
    guard let (object, types) = function.exactTypes(site.condition, context.facts),
      types == ["PyLong_Type"], function.isIntegerSlot(object)
    else { return nil }
    return site.formHolds(true)
  }

  /// The code of a character is asked for by the general call.
  ///
  /// ```c
  /// PyUnicode_Check(c) ? __Pyx_PyUnicode_AsPy_UCS4(c) : __Pyx__PyObject_Ord(c)
  /// ```
  /// becomes the call (`object_ord` in `Cython/Utility/Builtins.c`).
  package static let characterCode = BranchRule("character-code") { site, function, context in
    guard let (object, flag) = function.testedSubclass(site.condition),
      flag == ObjectLayout.subclassFlags["PyUnicode_Type"],
      function.firstCall(from: site.target, testing: object, context.facts)
        == "__Pyx__PyObject_Ord",
      function.isQuiet(site.otherTarget, about: object, context.facts)
    else { return nil }
    return site.formHolds(true)
  }
}

extension Function {
  /// The object and the bit of its type's flags that a condition finds unset.
  func testedSubclass(
    _ condition: Condition
  ) -> (object: Instruction.ID, flag: UInt64)? {
    guard case .equal(let bits, let zero) = condition.form, constant(zero) == 0,
      let (opcode, flags, mask) = machine(bits), opcode == .and, let flag = constant(mask)
    else { return nil }
    var value = flags
    while let (opcode, inner, position) = machine(value),
      opcode == .zeroExtend || opcode == .extract && constant(position) == 0
    {
      value = inner
    }
    guard self[value].operation == .machine(.load) else { return nil }
    let (type, place) = offset(operand(0, of: value))
    guard place >= layout.typeFlags, place < layout.typeFlags + 4, isLoad(type, at: layout.type)
    else { return nil }
    return (offset(operand(0, of: type)).base, flag << ((place - layout.typeFlags) * 8))
  }

  /// Whether a value is what `nb_int` of an object's type returns.
  fileprivate func isIntegerSlot(_ call: Instruction.ID) -> Bool {
    guard self[call].operation == .call else { return false }
    let target = operand(0, of: call)
    guard self[target].operation == .machine(.load) else { return false }
    let (table, place) = offset(operand(0, of: target))
    return place == layout.integerSlot && typeSlot(table) == .numberMethods
  }

  /// Whether control gets from a block to where ways meet without anything being done.
  fileprivate func isIdleWay(_ start: Block.ID) -> Bool {
    var block = start
    for _ in 0..<4 {
      if self[block].predecessors.count > 1 { return true }
      for id in self[block].instructions {
        switch self[id].operation {
        case .phi, .undefined, .referenceCount, .forward, .machine(.store): continue
        case .machine(.load) where isLoad(id, at: layout.referenceCount): continue
        default: return false
        }
      }
      guard case .jump(let next) = self[block].terminator else { return false }
      block = next
    }
    return false
  }
}
