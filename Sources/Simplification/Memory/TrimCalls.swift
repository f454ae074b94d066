import Basics
package import IR
import RuntimeModel

extension Function {
  /// Leaves the calls of type slots and of Cython's helpers with the arguments that those take.
  ///
  /// ```
  /// call [type(o) + 0x90], o, n, RDX, RCX   →   call [type(o) + 0x90], o, n
  /// ```
  /// What else stands in argument registers is left there from before, and would keep it alive.
  ///
  /// - Returns: whether anything changed.
  package mutating func trimCalls(_ facts: some ModuleFacts & CallEffects) -> Bool {
    var changed = false
    for block in reversePostorder() {
      for id in self[block].instructions where self[id].operation == .call {
        guard let count = slotParameters(of: id) ?? helperParameters(id, facts),
          operandCount(of: id) > count + 1
        else { continue }
        setOperands(of: id, Array(operands(of: id).prefix(count + 1)))
        changed = true
      }
    }
    return changed
  }

  /// How many parameters a helper has; a compiler's clone may have fewer.
  private func helperParameters(
    _ call: Instruction.ID, _ facts: some ModuleFacts & CallEffects
  ) -> Int? {
    guard let callee = callee(of: call, facts), callee.name.hasPrefix("__Pyx"),
      !callee.isVariadic
    else { return nil }
    let read = constant(operand(0, of: call)).flatMap { facts.parametersRead(by: $0) }
    if let array = facts.argumentArray(of: call, in: self) {
      // What a clone knows by itself is given to it later.
      let isGiven = array.countArgument == nil || operandCount(of: call) > array.declared + 1
      return isGiven ? nil : read
    }
    guard let count = Self.meaningful[callee.name] else {
      return min(callee.parameters.count, read ?? .max)
    }
    // What lies in the frame needs the number of its items, and is not known for it at once.
    guard let parts = argument(0, of: call),
      self[parts].operation == .call || constant(parts) != nil
    else { return nil }
    return count
  }

  /// Helpers whose last parameters only make them faster: the length and kind of the text.
  private static let meaningful = ["__Pyx_PyUnicode_Join": 1]

  /// How many parameters the function in a slot of a type has, from `Include/cpython/object.h`.
  private func slotParameters(of call: Instruction.ID) -> Int? {
    let id = operand(0, of: call)
    if let slot = typeSlot(id) { return slot.parameterCount }
    if let slot = slotOfStaticType(id, in: call) { return slot.parameterCount }
    guard isMethodOfTypeSlot(id) else { return nil }
    let (table, method) = offset(operand(0, of: id))
    let index = method % layout.words(1) == 0 ? method / layout.words(1) : .max
    switch typeSlot(table) {
    case .sequenceMethods: return Self.sequenceParameters[index]
    case .mappingMethods: return Self.mappingParameters[index]
    // am_await, am_aiter, am_anext
    case .asynchronousMethods where index < 3: return 1
    default: return nil
    }
  }

  /// The slot `tp_alloc` or `tp_new`, if what is called was loaded from that slot of a type of the
  /// module's, which is the first argument.
  private func slotOfStaticType(_ id: Instruction.ID, in call: Instruction.ID) -> TypeSlot? {
    guard self[id].operation == .machine(.load), let place = constant(operand(0, of: id)),
      operandCount(of: call) > 1, let type = constant(operand(1, of: call))
    else { return nil }
    let slot = layout.slot(at: place &- type)
    return slot == .allocate || slot == .new ? slot : nil
  }

  /// PySequenceMethods: sq_length, sq_concat, sq_repeat, sq_item, sq_ass_item, sq_contains,
  /// sq_inplace_concat, sq_inplace_repeat.
  private static let sequenceParameters: [UInt64: Int] = [
    0: 1, 1: 2, 2: 2, 3: 2, 5: 3, 7: 2, 8: 2, 9: 2,
  ]

  /// PyMappingMethods: mp_length, mp_subscript, mp_ass_subscript.
  private static let mappingParameters: [UInt64: Int] = [0: 1, 1: 2, 2: 3]
}
