import IR
import ModuleRecovery
import RuntimeModel
import Simplification

// Stores that mean nothing in Python.
extension Raiser {
  /// What lies in the stack frame was forwarded to its readers.
  func removeFrameStores() {
    let frame = StackFrame(&function, program.machine)
    for block in function.reversePostorder() {
      for id in function[block].instructions where function[id].operation == .machine(.store) {
        if frame.offset(of: function.operand(0, of: id), in: function) != nil
          || isCacheOfGlobal(id) || isUnchanged(id)
        {
          function.remove(id)
        }
      }
    }
  }

  /// Takes stores of counts away that were seen to change nothing once values that meet were known to
  /// be one.
  func removeUnchangedCounts() {
    for block in function.reversePostorder() {
      for id in function[block].instructions
      where function[id].operation == .machine(.store) && isUnchanged(id)
        && function.offset(function.operand(0, of: id)).offset == function.layout.referenceCount
      {
        function.remove(id)
      }
    }
    function.removeDead(Self.isRemovable)
  }

  /// Whether a store puts back what was there, as a count does that was raised and lowered again.
  private func isUnchanged(_ store: Instruction.ID) -> Bool {
    let value = function.operand(1, of: store)
    return function[value].operation == .machine(.load)
      && function.operand(0, of: value) == function.operand(0, of: store)
  }

  /// Whether a store keeps what a global meant, or the version of the dictionary at that time.
  private func isCacheOfGlobal(_ store: Instruction.ID) -> Bool {
    guard function.constant(function.operand(0, of: store)) != nil else { return false }
    let value = function.operand(1, of: store)
    if case .global? = operation(value) { return true }
    return function.roots(of: value).allSatisfy { root in
      function[root].operation == .machine(.load)
        && function.constant(function.operand(0, of: root))
          .map { $0 &- view.dictionaryVersion < 8 } == true
    }
  }
}
