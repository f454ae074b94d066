/// A processor family with its pointer size and byte order.
package enum Architecture: String, CaseIterable, Sendable {
  case x8664 = "x86-64"
  case i386
  case aarch64
  case arm
  case mips32
  case mips64
  case powerpc64
  case riscv64
  case s390x

  /// Width of a pointer in bytes.
  package var pointerSize: Int {
    switch self {
    case .i386, .arm, .mips32: 4
    case .x8664, .aarch64, .mips64, .powerpc64, .riscv64, .s390x: 8
    }
  }
}
