/// A place inside machine code: one step of one instruction.
///
/// Most blocks start with step 0 of an instruction; conditional moves and repeated string
/// instructions branch inside themselves.
package struct CodePoint: Hashable, Comparable, BitwiseCopyable, Sendable {
  package var address: UInt64
  package var step: UInt16

  package init(_ address: UInt64, step: UInt16 = 0) {
    self.address = address
    self.step = step
  }

  package static func < (left: Self, right: Self) -> Bool {
    (left.address, left.step) < (right.address, right.step)
  }
}

/// Straight-line machine code: from one code point to the first transfer of control.
package struct MachineBlock: Sendable {
  /// How control leaves the block.
  package enum Exit: Hashable, Sendable {
    /// Goes on at one place.
    case jump(CodePoint)
    /// Goes to the first place if the varnode is true, else to the second.
    case branch(Varnode, CodePoint, CodePoint)
    /// Goes where the varnode says.
    case indirect(Varnode)
    /// Returns to the caller; the varnode holds the return address.
    case `return`(Varnode)
    /// Jumps to another function, which returns in this one's place.
    case tailCall(UInt64)
    /// Jumps through a table; the place for each value of the selector, from 0 on.
    case choose(Varnode, [CodePoint])
    /// The last call never comes back.
    case unreachable
    /// The bytes are no instruction, or the code runs into unmapped memory.
    case invalid
  }

  package var start: CodePoint
  package var transfers: [Transfer]
  package var exit: Exit
  /// The address behind the last instruction.
  package var end: UInt64

  package init(start: CodePoint, transfers: [Transfer], exit: Exit, end: UInt64) {
    self.start = start
    self.transfers = transfers
    self.exit = exit
    self.end = end
  }
}
