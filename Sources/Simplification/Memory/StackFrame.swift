import Basics
package import IR

/// What calls may do to the stack frame of their caller.
package protocol CallEffects {
  /// The array that holds arguments of a call, if the callee takes one.
  func argumentArray(of call: Instruction.ID, in function: borrowing Function) -> ArgumentArray?

  /// How many bytes a function may write through a pointer argument.
  ///
  /// `call` is the call.
  /// `argument` is the position of the argument, from 0.
  /// - Returns: the number of bytes from the pointer on, or nil if nobody knows.
  func bytesWritten(
    by call: Instruction.ID, through argument: Int, in function: borrowing Function
  ) -> Int?
}

/// Addresses in the stack frame of a function.
package struct StackFrame {
  private let base: Instruction.ID

  /// `machine` says which register points at the stack.
  package init(_ function: inout Function, _ machine: Machine) {
    let offset = Int32(truncatingIfNeeded: machine.stackPointer.offset)
    base = function.entry(Cell(.register, offset: offset), width: machine.pointerSize)
  }

  /// The distance of an address from the stack pointer at function entry, if it is in the frame.
  package func offset(of address: Instruction.ID, in function: borrowing Function) -> Int? {
    let (start, offset) = function.offset(address)
    guard start == base else { return nil }
    let distance = Opcode.signed(offset, function.pointerSize)
    // A frame is small; anything else is arithmetic on a pointer that went astray.
    return abs(distance) < 1 << 24 ? Int(distance) : nil
  }

  /// The values made from addresses in the frame in ways that ``offset(of:in:)`` cannot follow.
  ///
  /// - Returns: one flag per instruction.
  func strayAddresses(in function: borrowing Function) -> [Bool] {
    var isDerived = [Bool](repeating: false, count: function.instructionCount)
    var isStray = isDerived
    isDerived[base.index] = true
    var changed = true
    while changed {
      changed = false
      for id in function.instructionIDs where !isDerived[id.index] {
        guard passesAddress(id, function) else { continue }
        let operands = function.operands(of: id)
        guard operands.contains(where: { isDerived[$0.index] }) else { continue }
        isDerived[id.index] = true
        isStray[id.index] = offset(of: id, in: function) == nil
        changed = true
      }
    }
    return isStray
  }

  private func passesAddress(_ id: Instruction.ID, _ function: borrowing Function) -> Bool {
    switch function[id].operation {
    case .phi, .machine(.add), .machine(.subtract), .machine(.and), .machine(.or): true
    default: false
    }
  }
}

/// An array of arguments that a call gets a pointer to.
package struct ArgumentArray {
  /// The position of the pointer among the arguments.
  package let argument: Int
  /// The number of values in the array.
  package let count: Int
  /// How many parameters the callee declares.
  package let declared: Int

  package init(argument: Int, count: Int, declared: Int) {
    self.argument = argument
    self.count = count
    self.declared = declared
  }
}
