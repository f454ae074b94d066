import Basics
package import IR

extension Function {
  /// Forgets what calls leave in registers that callees may change.
  ///
  /// ```
  /// %9 = after.RCX %7     →     undefined
  /// ```
  /// A call that takes more registers than its callee reads would keep such values alive. Functions of
  /// the module itself are left alone, because a compiler may know what those change.
  ///
  /// - Returns: whether anything changed.
  package mutating func forgetLeftovers(_ machine: Machine, _ facts: some ModuleFacts) -> Bool {
    // Two registers return a number that is wider than one.
    let registers = machine.argumentRegisters.dropFirst(machine.pointerSize < 8 ? 2 : 0)
      .filter { $0 != machine.resultRegister }
    let cells = Set(registers.map { Cell(.register, offset: Int32(clamping: $0.offset)) })
    var changed = false
    for id in instructionIDs {
      guard case .after(let cell) = self[id].operation, cells.contains(cell) else { continue }
      let call = operand(0, of: id)
      guard self[call].operation == .call else { continue }
      if let target = constant(operand(0, of: call)), !facts.isImported(target) { continue }
      forward(id, to: undefined(width: size(id)))
      changed = true
    }
    return changed
  }
}
