import BinaryFormats

/// The file in a dSYM: the segments of a Mach-O module without what they hold, symbols, and DWARF.
///
/// Debuggers know by `LC_UUID` which module it belongs to. Source: Apple's `<mach-o/loader.h>`; what
/// stands in the file, and in which order, is as LLVM's dsymutil has it (`MachOUtils.cpp`).
struct DSYMCompanion {
  private static let headerSize = 32
  private static let pageSize = 0x1000

  /// The magic number and the processor.
  private let processor: [UInt8]
  /// The commands that tell which module and system the file is for.
  private let identity: [[UInt8]]
  private var segments: [CompanionSegment]
  private var symbols: MachOSymbolTable

  /// Nil if the module has no UUID.
  ///
  /// - Parameter bytes: the module, for one processor.
  /// - Throws: what is wrong with the module.
  init?(_ bytes: [UInt8]) throws(BinaryFormatError) {
    let file = ByteBuffer(bytes)
    let headers = try MachOHeaders(file)
    processor = Array(try file.slice(0, 12))
    identity = try Self.identity(file, headers)
    var segments: [CompanionSegment] = []
    let commands = headers.commands.filter { $0.kind == 0x19 }
    for (command, segment) in zip(commands, headers.segments) where segment.name != "__DWARF" {
      segments.append(try CompanionSegment(file, command.bytes, segment))
    }
    self.segments = segments
    symbols = MachOSymbolTable(segments.flatMap(\.segment.sections))
    if identity.isEmpty { return nil }
  }

  /// `LC_UUID`, and `LC_BUILD_VERSION` without the tools that it names; empty without the former.
  private static func identity(
    _ file: ByteBuffer, _ headers: MachOHeaders
  ) throws(BinaryFormatError) -> [[UInt8]] {
    let size = 24
    var commands: [[UInt8]] = []
    for kind: UInt64 in [0x1B, 0x32] {
      guard let place = headers.commands.first(where: { $0.kind == kind })?.bytes.lowerBound else {
        return commands
      }
      var command = ByteWriter()
      command.append(Array(try file.slice(place, size)))
      command.put(size, at: 4, size: 4)
      if kind == 0x32 { command.put(0, at: 20, size: 4) }
      commands.append(command.bytes)
    }
    return commands
  }

  mutating func addSymbols(_ added: [ModuleSymbol]) {
    for symbol in added { symbols.add(symbol) }
  }

  /// The whole file.
  mutating func finish(_ debug: DWARFSegment) -> [UInt8] {
    var debug = debug
    let start = Self.aligned(Self.headerSize + commandsSize(debug))
    let links = start..<(start + symbols.rows.count + symbols.texts.count)
    for index in segments.indices where segments[index].segment.name == "__LINKEDIT" {
      segments[index].setContents(links, size: Self.aligned(links.count))
    }
    let end = Int(clamping: segments.map(\.end).max() ?? 0)
    debug.place = (Self.aligned(links.upperBound), Self.aligned(end))
    var writer = header(debug)
    for command in identity { writer.append(command) }
    writer.append(symbols.command(at: links.lowerBound))
    for segment in segments { writer.append(segment.bytes) }
    writer.append(debug.command)
    for contents in [symbols.rows.bytes + symbols.texts.bytes, debug.contents] {
      writer.align(to: Self.pageSize)
      writer.append(contents)
    }
    return writer.bytes
  }

  private func commandsSize(_ debug: DWARFSegment) -> Int {
    identity.joined().count + MachOSymbolTable.commandSize
      + segments.reduce(debug.commandSize) { $0 + $1.size }
  }

  private func header(_ debug: DWARFSegment) -> ByteWriter {
    var writer = ByteWriter()
    writer.append(processor)
    // MH_DSYM; ncmds, sizeofcmds, flags and reserved
    let count = identity.count + segments.count + 2
    for field in [0xA, count, commandsSize(debug), 0, 0] { writer.append(field, size: 4) }
    return writer
  }

  /// The first multiple of a page that is not less than a number.
  static func aligned(_ number: Int) -> Int { (number + pageSize - 1) & -pageSize }
}
