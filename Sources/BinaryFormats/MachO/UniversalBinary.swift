/// A file that holds a module for several processors.
///
/// Source: Apple's `<mach-o/fat.h>`; unlike all else, its numbers have their highest byte first.
package enum UniversalBinary {
  private static let magics: [[UInt8]] = [[0xCA, 0xFE, 0xBA, 0xBE], [0xCA, 0xFE, 0xBA, 0xBF]]

  /// Whether a Mach-O file holds parts.
  package static func isUniversal(_ bytes: [UInt8]) -> Bool {
    magics.contains { bytes.starts(with: $0) }
  }

  /// The bytes of a Mach-O file that become the ``BinaryImage``: all of them, or those for one processor.
  package static func analysedPart(of bytes: [UInt8]) throws(BinaryFormatError) -> [UInt8] {
    isUniversal(bytes) ? try part(of: bytes) : bytes
  }

  /// The part for x86-64 if there is one, else the first one that can be read.
  private static func part(of bytes: [UInt8]) throws(BinaryFormatError) -> [UInt8] {
    let file = ByteBuffer(bytes, isBigEndian: true)
    let isWide = try file.integer(at: 0, size: 4) == 0xCAFE_BABF
    let word = isWide ? 8 : 4
    var parts: [UInt64: ArraySlice<UInt8>] = [:]
    // Java's classes start with the same four bytes; their version would be more parts than this.
    let count = try file.count(at: 4, size: 4)
    guard count > 0, count < 20 else { throw .unknownFormat }
    for index in 0..<count {
      let row = 8 + index * (isWide ? 32 : 20)
      let machine = try file.integer(at: row, size: 4)
      let offset = try file.count(at: row + 8, size: word)
      let size = try file.count(at: row + 8 + word, size: word)
      if parts[machine] == nil { parts[machine] = try file.slice(offset, size) }
    }
    for machine: UInt64 in [0x0100_0007, 0x0100_000C] {
      guard let part = parts[machine], part.starts(with: MachOHeaders.magic) else { continue }
      return Array(part)
    }
    throw .unsupportedArchitecture("Mach-O processors that are not known")
  }
}
