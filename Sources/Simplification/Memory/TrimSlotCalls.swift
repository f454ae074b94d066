import Basics
package import IR

extension Function {
  /// Leaves the calls of type slots with the arguments that the slots take.
  ///
  /// ```
  /// call [type(o) + 0x90], o, n, RDX, RCX   →   call [type(o) + 0x90], o, n
  /// ```
  /// What else stands in argument registers is left there from before, and would keep it alive.
  ///
  /// - Returns: whether anything changed.
  package mutating func trimSlotCalls() -> Bool {
    var changed = false
    for block in reversePostorder() {
      for id in self[block].instructions where self[id].operation == .call {
        guard let count = slotParameters(operand(0, of: id)), operandCount(of: id) > count + 1
        else { continue }
        setOperands(of: id, Array(operands(of: id).prefix(count + 1)))
        changed = true
      }
    }
    return changed
  }

  /// How many parameters the function in a slot of a type has, from `Include/cpython/object.h`.
  private func slotParameters(_ id: Instruction.ID) -> Int? {
    if let slot = typeSlot(id) { return Self.slotParameters[slot] }
    guard isMethodOfTypeSlot(id) else { return nil }
    let (table, method) = offset(operand(0, of: id))
    // PyMappingMethods: mp_length, mp_subscript, mp_ass_subscript
    guard typeSlot(table) == 0x70 else { return nil }
    return [0: 1, 8: 2, 16: 3][method]
  }

  private static let slotParameters: [UInt64: Int] = [
    0x30: 1,  // tp_dealloc
    0x58: 1,  // tp_repr
    0x78: 1,  // tp_hash
    0x80: 3,  // tp_call
    0x88: 1,  // tp_str
    0x90: 2,  // tp_getattro
    0x98: 3,  // tp_setattro
    0xC8: 3,  // tp_richcompare
    0xD8: 1,  // tp_iter
    0xE0: 1,  // tp_iternext
    0x110: 3,  // tp_descr_get
    0x118: 3,  // tp_descr_set
    0x128: 3,  // tp_init
    0x130: 2,  // tp_alloc
    0x138: 3,  // tp_new
  ]
}
