/// Where a machine-level value lives before SSA form: a stretch of bytes of one storage space.
package struct Varnode: Hashable, BitwiseCopyable, Sendable {
  /// A kind of storage.
  package enum Space: UInt8, BitwiseCopyable, Sendable {
    /// Not storage: the offset is the value itself.
    case constant
    case register
    /// Scratch storage that lives within one machine instruction.
    case temporary
  }

  package var offset: UInt64
  /// Width in bytes; vector registers are up to 64 wide.
  package var size: UInt16
  package var space: Space

  package init(_ space: Space, offset: UInt64, size: Int) {
    self.space = space
    self.offset = offset
    self.size = UInt16(clamping: size)
  }

  package static func constant(_ value: UInt64, size: Int) -> Varnode {
    Varnode(.constant, offset: value, size: size)
  }
}
