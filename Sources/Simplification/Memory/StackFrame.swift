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

  /// How many arguments the function of the module at an address reads at most; nil if it is unknown.
  func parametersRead(by address: UInt64) -> Int?
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

  /// Decides comparisons of addresses in the frame with numbers, such as null, which they never equal.
  ///
  /// - Returns: whether there was one.
  func decideComparisons(in function: inout Function) -> Bool {
    var changed = false
    for id in function.instructionIDs {
      guard let (opcode, left, right) = function.machine(id),
        opcode == .equal || opcode == .notEqual, left == base, function.constant(right) != nil
      else { continue }
      function.forward(id, to: function.constant(opcode == .equal ? 0 : 1, width: 1))
      changed = true
    }
    return changed
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
  /// The position of the argument that says how many values there are, for callees that may know it
  /// without.
  package let countArgument: Int?

  package init(argument: Int, count: Int, declared: Int, countArgument: Int? = nil) {
    self.argument = argument
    self.countArgument = countArgument
    self.count = count
    self.declared = declared
  }
}
