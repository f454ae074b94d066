/// The load commands of a Mach-O file, as Apple's `<mach-o/loader.h>` defines them.
package struct MachOHeaders {
  /// A segment, of which the file names the parts.
  package struct Segment {
    package let name: String
    package let address: UInt64
    package let size: UInt64
    let offset: Int
    let fileSize: Int
    let isWritable: Bool
    package let sections: [Section]
  }

  package struct Section {
    package let address: UInt64
    package let size: UInt64
    let flags: UInt64

    /// Whether the section holds instructions.
    var isExecutable: Bool { flags & 0x8000_0400 != 0 }
    /// Whether the section holds nothing but addresses of imports.
    var holdsImports: Bool { flags & 0xFF == 6 || flags & 0xFF == 7 }
  }

  /// Commands that lead to a table in the file, by their number.
  enum Table: UInt64 {
    case functionStarts = 0x26
    case exports = 0x8000_0033
    case chainedFixups = 0x8000_0034
  }

  let architecture: Architecture
  /// The commands by their order: what each is, and the bytes that it takes.
  package let commands: [(kind: UInt64, bytes: Range<Int>)]
  package let segments: [Segment]
  let libraries: [String]
  /// The compilers and linkers that are named.
  let tools: [String]
  /// Where the symbol table and its strings lie, and how many rows it has.
  let symbols: (offset: Int, count: Int, strings: Int)
  /// The tables of `LC_DYLD_INFO`: what to bind at once, weakly and late, and the exports.
  let bindings: [Range<Int>]
  let exports: Range<Int>?
  private let tables: [UInt64: Range<Int>]

  static let magic: [UInt8] = [0xCF, 0xFA, 0xED, 0xFE]

  package init(_ file: ByteBuffer) throws(BinaryFormatError) {
    let machine = try file.integer(at: 4, size: 4)
    guard let architecture = Self.architectures[machine] else {
      throw .unsupportedArchitecture("Mach-O processor 0x\(String(machine, radix: 16))")
    }
    self.architecture = architecture
    var commands = Commands()
    var list: [(kind: UInt64, bytes: Range<Int>)] = []
    var offset = 32
    for _ in 0..<min(try file.count(at: 16, size: 4), 4096) {
      let size = try file.count(at: offset + 4, size: 4)
      guard size >= 8 else { throw .invalid("load command", offset: offset) }
      try commands.read(file, offset, size)
      list.append((try file.integer(at: offset, size: 4), offset..<(offset + size)))
      offset += size
    }
    self.commands = list
    segments = commands.segments
    libraries = commands.libraries
    tools = commands.tools
    symbols = commands.symbols
    bindings = commands.bindings
    exports = commands.exports
    tables = commands.tables
  }

  func range(of table: Table) -> Range<Int>? { tables[table.rawValue] }

  private static let architectures: [UInt64: Architecture] = [
    0x0100_0007: .x8664, 0x0100_000C: .aarch64,
  ]
}

/// What the load commands have said so far.
private struct Commands {
  var segments: [MachOHeaders.Segment] = []
  var libraries: [String] = []
  var tools: [String] = []
  var symbols = (offset: 0, count: 0, strings: 0)
  var bindings: [Range<Int>] = []
  var exports: Range<Int>?
  var tables: [UInt64: Range<Int>] = [:]

  mutating func read(_ file: ByteBuffer, _ offset: Int, _ size: Int) throws(BinaryFormatError) {
    let kind = try file.integer(at: offset, size: 4)
    switch kind {
    case 0x19: segments.append(try segment(file, offset))
    case 0x02:
      symbols = (
        try file.count(at: offset + 8, size: 4), try file.count(at: offset + 12, size: 4),
        try file.count(at: offset + 16, size: 4)
      )
    // LC_LOAD_DYLIB and its weak kind
    case 0x0C, 0x8000_0018:
      libraries.append(file.string(at: offset + (try file.count(at: offset + 8, size: 4))))
    case 0x22, 0x8000_0022:
      for field in [16, 24, 32] { bindings.append(try range(file, offset + field)) }
      exports = try range(file, offset + 40)
    case 0x32: try readTools(file, offset)
    default:
      if MachOHeaders.Table(rawValue: kind) != nil { tables[kind] = try range(file, offset + 8) }
    }
  }

  private func range(_ file: ByteBuffer, _ offset: Int) throws(BinaryFormatError) -> Range<Int> {
    let start = try file.count(at: offset, size: 4)
    let size = try file.count(at: offset + 4, size: 4)
    return start..<(start + size)
  }

  private func segment(
    _ file: ByteBuffer, _ offset: Int
  ) throws(BinaryFormatError) -> MachOHeaders.Segment {
    let name = try file.slice(offset + 8, 16).prefix { $0 != 0 }
    var sections: [MachOHeaders.Section] = []
    for index in 0..<min(try file.count(at: offset + 64, size: 4), 256) {
      let place = offset + 72 + index * 80
      sections.append(
        MachOHeaders.Section(
          address: try file.integer(at: place + 32, size: 8),
          size: try file.integer(at: place + 40, size: 8),
          flags: try file.integer(at: place + 64, size: 4)))
    }
    return MachOHeaders.Segment(
      name: String(decoding: name, as: UTF8.self),
      address: try file.integer(at: offset + 24, size: 8),
      size: try file.integer(at: offset + 32, size: 8),
      offset: try file.count(at: offset + 40, size: 8),
      fileSize: try file.count(at: offset + 48, size: 8),
      isWritable: try file.integer(at: offset + 60, size: 4) & 2 != 0,
      sections: sections)
  }

  /// LC_BUILD_VERSION: a number for each tool, and its release in three parts.
  private mutating func readTools(
    _ file: ByteBuffer, _ offset: Int
  ) throws(BinaryFormatError) {
    let names: [UInt64: String] = [1: "clang", 2: "swift", 3: "ld", 4: "lld"]
    for index in 0..<min(try file.count(at: offset + 20, size: 4), 16) {
      let place = offset + 24 + index * 8
      guard let name = names[try file.integer(at: place, size: 4)] else { continue }
      let version = try file.integer(at: place + 4, size: 4)
      tools.append("Apple \(name) \(version >> 16).\(version >> 8 & 0xFF).\(version & 0xFF)")
    }
  }
}
