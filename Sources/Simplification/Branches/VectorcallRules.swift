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
  /// `PyVectorcall_Function` of `Include/cpython/abstract.h` in place). Before CPython 3.9, and without
  /// arguments, that is one through `tp_call` with a tuple.
  package static let vectorcall = BranchRule("vectorcall") { site, function, context in
    guard let value = site.valueComparedWithNull(in: function),
      function.leadsToCall(of: value, from: site.target, context.facts)
    else { return nil }
    return site.formHolds(true)
  }
}

extension Function {
  /// Whether control comes to the call of an object by its own arguments, where a value is its vectorcall
  /// function, or the flag for one.
  fileprivate func leadsToCall(
    of value: Instruction.ID, from start: Block.ID, _ facts: any ModuleFacts
  ) -> Bool {
    let asked = callableAskedForVectorcall(value, facts)
    var block = start
    for _ in 0..<8 {
      for id in self[block].instructions {
        if let asked, typeSlot(id) == .call, isCallSlot(id, of: asked) { return true }
        if let asked, isConstantCallSlot(id, of: asked, facts) { return true }
        guard self[id].operation == .call else { continue }
        let callee = callee(of: id, facts)
        if callee?.name == "PyTuple_New" { return asked != nil }
        guard let callee, Self.generalCalls.contains(callee.name),
          let callable = argument(callee.threadStates, of: id)
        else { return false }
        return asked == resolve(callable) || asksForVectorcall(value, of: callable, facts)
      }
      guard case .jump(let next) = self[block].terminator else { return false }
      block = next
    }
    return false
  }

  /// Whether a slot was loaded from the type of an object that is known, such as a builtin.
  private func isConstantCallSlot(
    _ slot: Instruction.ID, of callable: Instruction.ID, _ facts: any ModuleFacts
  ) -> Bool {
    guard self[slot].operation == .machine(.load), isWord(slot),
      let place = constant(operand(0, of: slot)), let object = constant(callable),
      let type = facts.constant(at: object &+ layout.type, size: pointerSize)
    else { return false }
    return layout.slot(at: place &- type) == .call
  }

  private static let generalCalls: Set = [
    "PyObject_VectorcallDict", "PyObject_Vectorcall", "PyObject_Call",
    "__Pyx_PyObject_FastCall_fallback", "_PyObject_MakeTpCall", "_PyObject_MakeTpCall@3.9",
  ]

  /// The object whose vectorcall function a value is, or whose type's flag for one.
  fileprivate func callableAskedForVectorcall(
    _ value: Instruction.ID, _ facts: any ModuleFacts
  ) -> Instruction.ID? {
    if callee(of: value, facts)?.name == "PyVectorcall_Function" { return argument(0, of: value) }
    if let (object, bits) = testedTypeFlags(value), bits == 1 << 11 { return object }
    guard self[value].operation == .machine(.load),
      let (opcode, left, right) = machine(operand(0, of: value)), opcode == .add
    else { return nil }
    if typeSlot(right) == .vectorcallOffset { return left }
    return typeSlot(left) == .vectorcallOffset ? right : nil
  }

  /// Whether a value is the flag for a vectorcall function, or that function, of an object that is
  /// known, such as a builtin.
  fileprivate func asksForVectorcall(
    _ value: Instruction.ID, of callable: Instruction.ID, _ facts: any ModuleFacts
  ) -> Bool {
    guard let object = constant(callable),
      let type = facts.constant(at: object &+ layout.type, size: pointerSize)
    else { return false }
    func isLoad(_ id: Instruction.ID, from places: Range<UInt64>) -> Bool {
      guard self[id].operation == .machine(.load), let place = constant(operand(0, of: id)) else {
        return false
      }
      return places.contains(place &- type)
    }
    let flags = layout.typeFlags..<layout.typeFlags + layout.words(1)
    if let (opcode, tested, mask) = machine(withoutExtract(value)), opcode == .and,
      constant(mask) != nil
    {
      return isLoad(withoutExtract(tested), from: flags)
    }
    guard self[value].operation == .machine(.load),
      let (opcode, left, right) = machine(operand(0, of: value)), opcode == .add
    else { return false }
    let start = layout.offset(of: .vectorcallOffset)
    let (offset, other) = left == callable ? (right, left) : (left, right)
    return other == callable && isLoad(offset, from: start..<start + 1)
  }
}
