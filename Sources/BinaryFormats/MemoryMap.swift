/// Where a model of a process puts memory that is no module's own.
package struct MemoryMap: Sendable {
  /// Where objects and other allocations start.
  package let heap: UInt64
  /// Where the addresses of imports start.
  package let imports: UInt64
  /// The end of the stack, which grows down.
  package let stackTop: UInt64

  package init(pointerSize: Int) {
    if pointerSize == 8 {
      (heap, imports, stackTop) = (0x6000_0000_0000, 0x7000_0000_0000, 0x7FFF_FFF0_0000)
    } else {
      (heap, imports, stackTop) = (0x6000_0000, 0x9000_0000, 0xFF00_0000)
    }
  }

  /// The address below which modules must lie.
  static func limit(_ pointerSize: Int) -> UInt64 {
    pointerSize == 8 ? 0x4000_0000_0000 : 0x5000_0000
  }
}
