/// Storage that SSA form keeps apart: eight bytes of a register or of the stack frame, or a flag.
///
/// Narrower accesses read and replace parts of a cell; wider ones touch several cells.
package struct Cell: Hashable, Comparable, BitwiseCopyable, Sendable {
  package enum Kind: UInt8, BitwiseCopyable, Sendable {
    /// A part of the register file; the offset is SLEIGH's.
    case register
    /// A part of the stack; the offset counts from the stack pointer at function entry.
    case stack
  }

  package let kind: Kind
  package let offset: Int32

  package init(_ kind: Kind, offset: Int32) {
    self.kind = kind
    self.offset = offset
  }

  package static func < (left: Self, right: Self) -> Bool {
    (left.kind.rawValue, left.offset) < (right.kind.rawValue, right.offset)
  }
}
