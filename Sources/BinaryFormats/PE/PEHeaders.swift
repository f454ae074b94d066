/// The fixed parts of a PE file, as Microsoft's *PE Format* defines them.
package struct PEHeaders {
  /// A row of the section table.
  package struct Section {
    package let name: String
    package let address: UInt64
    package let size: UInt64
    package let offset: Int
    package let fileSize: Int
    let flags: UInt64

    var isExecutable: Bool { flags & 0x2000_0000 != 0 }
    var isWritable: Bool { flags & 0x8000_0000 != 0 }
  }

  /// The tables that the optional header leads to, by their number.
  enum Directory: Int {
    case exports = 0
    case imports = 1
    case exceptions = 3
    case importAddresses = 12
    case delayedImports = 13
  }

  package let architecture: Architecture
  /// Where the image wants to lie; addresses in the file are relative to it.
  package let base: UInt64
  package let sections: [Section]
  /// The release of the linker.
  let linker: String
  /// Where the rows of the symbol table lie in the file, and their number; 0 if there are none.
  package let symbols: (offset: Int, count: Int)
  /// Where the COFF header, the optional header and the section table start in the file.
  package let places: (header: Int, optional: Int, sections: Int)
  private let directories: [Range<UInt64>]

  static let magic: [UInt8] = [0x4d, 0x5a]

  package init(_ file: ByteBuffer) throws(BinaryFormatError) {
    let start = try file.count(at: 0x3C, size: 4)
    guard try file.integer(at: start, size: 4) == 0x4550 else {
      throw .invalid("PE signature", offset: start)
    }
    let machine = try file.integer(at: start + 4, size: 2)
    guard let architecture = Self.architectures[machine] else {
      throw .unsupportedArchitecture("PE machine 0x\(String(machine, radix: 16))")
    }
    self.architecture = architecture
    let optional = start + 24
    let is64Bit = try file.integer(at: optional, size: 2) == 0x20B
    guard is64Bit == (architecture.pointerSize == 8) else {
      throw .invalid("optional header", offset: optional)
    }
    base = try file.integer(at: optional + (is64Bit ? 24 : 28), size: is64Bit ? 8 : 4)
    guard base < MemoryMap.limit(architecture.pointerSize) else {
      throw .invalid("image base", offset: optional)
    }
    let major = try file.integer(at: optional + 2, size: 1)
    linker = "\(major).\(try file.integer(at: optional + 3, size: 1))"
    symbols = (
      try file.count(at: start + 12, size: 4), try file.count(at: start + 16, size: 4)
    )
    directories = try Self.directories(file, optional + (is64Bit ? 108 : 92), base)
    let table = optional + (try file.count(at: start + 20, size: 2))
    var sections: [Section] = []
    for index in 0..<(try file.count(at: start + 6, size: 2)) {
      sections.append(try Self.section(file, table + index * 40, base))
    }
    self.sections = sections
    places = (start + 4, optional, table)
  }

  /// The memory that a table takes; nil if there is no such table.
  func range(of directory: Directory) -> Range<UInt64>? {
    guard directory.rawValue < directories.count else { return nil }
    let range = directories[directory.rawValue]
    return range.lowerBound > base && !range.isEmpty ? range : nil
  }

  private static func directories(
    _ file: ByteBuffer, _ offset: Int, _ base: UInt64
  ) throws(BinaryFormatError) -> [Range<UInt64>] {
    var directories: [Range<UInt64>] = []
    for index in 0..<min(try file.count(at: offset, size: 4), 16) {
      let start = base &+ (try file.integer(at: offset + 4 + index * 8, size: 4))
      let end = start.addingReportingOverflow(
        try file.integer(at: offset + 8 + index * 8, size: 4))
      directories.append(end.overflow ? start..<start : start..<end.partialValue)
    }
    return directories
  }

  private static func section(
    _ file: ByteBuffer, _ offset: Int, _ base: UInt64
  ) throws(BinaryFormatError) -> Section {
    let name = try file.slice(offset, 8).prefix { $0 != 0 }
    let fileSize = try file.count(at: offset + 16, size: 4)
    let size = try file.integer(at: offset + 8, size: 4)
    return Section(
      name: String(decoding: name, as: UTF8.self),
      address: base &+ (try file.integer(at: offset + 12, size: 4)),
      // Some linkers leave the size in memory out.
      size: size == 0 ? UInt64(fileSize) : size,
      offset: try file.count(at: offset + 20, size: 4),
      fileSize: min(fileSize, Int(clamping: size == 0 ? UInt64(fileSize) : size)),
      flags: try file.integer(at: offset + 36, size: 4))
  }

  private static let architectures: [UInt64: Architecture] = [
    0x14C: .i386, 0x1C4: .arm, 0x8664: .x8664, 0xAA64: .aarch64,
  ]
}
