import BinaryFormats

/// A copy of a PE file with a symbol table and more sections behind its end.
///
/// All that the loader maps stays byte for byte as it is, but for fields of the headers. A signature
/// fits no changed file, so the copy has none: its bytes stay where they are, and the directory no
/// longer leads to them. Source: Microsoft's *PE Format*; what MinGW's linker writes.
struct PECopy {
  /// Why sections cannot be added.
  enum Obstacle {
    case noRoom, ownLines

    var description: String {
      switch self {
      case .noRoom: "its headers have no room for more sections"
      case .ownLines: "it has debug information of its own"
      }
    }
  }

  private let original: ByteBuffer
  private let layout: PELayout
  private var table: COFFSymbolTable
  private var output = ByteWriter()
  private var sectionHeaders = ByteWriter()
  private var memoryEnd: Int

  init(_ bytes: [UInt8]) throws(BinaryFormatError) {
    original = ByteBuffer(bytes)
    layout = try PELayout(original)
    table = try COFFSymbolTable(original, layout.headers)
    memoryEnd = layout.memoryEnd
    output.append(bytes)
  }

  /// Why a number of sections with debug information cannot be added; nil if they can.
  func obstacle(to count: Int) -> Obstacle? {
    if layout.headers.sections.contains(where: { table.name(of: $0) == ".debug_info" }) {
      return .ownLines
    }
    return layout.hasRoom(for: count, in: original) ? nil : .noRoom
  }

  /// Adds a section that the loader may leave out; its name is a long one.
  mutating func addSection(_ name: String, _ bytes: [UInt8]) throws(BinaryFormatError) {
    output.align(to: layout.alignment.file)
    let offset = output.count
    output.append(bytes)
    output.align(to: layout.alignment.file)
    let reference = "/\(table.add(text: name))"
    let next = layout.aligned(memoryEnd + bytes.count)
    guard reference.utf8.count <= 8, UInt32(exactly: next) != nil else {
      throw .tooLarge(UInt64(next))
    }
    sectionHeaders.append(text: reference, size: 8)
    for field in [bytes.count, memoryEnd, output.count - offset, offset, 0, 0, 0] {
      sectionHeaders.append(field, size: 4)
    }
    // IMAGE_SCN_MEM_READ, IMAGE_SCN_MEM_DISCARDABLE and IMAGE_SCN_CNT_INITIALIZED_DATA
    sectionHeaders.append(0x4200_0040, size: 4)
    memoryEnd = next
  }

  /// Adds symbols; `prefix` is what the processor's C compilers put in front of names.
  mutating func addSymbols(_ symbols: [ModuleSymbol], prefix: String) {
    for symbol in symbols { table.add(symbol, prefix: prefix) }
  }

  /// The whole file.
  mutating func finish() throws(BinaryFormatError) -> [UInt8] {
    output.align(to: 4)
    let symbols = output.count
    output.append(table.bytes)
    guard UInt32(exactly: output.count) != nil else { throw .tooLarge(UInt64(output.count)) }
    writeHeaders(symbols: symbols)
    if let place = layout.signatures { output.put(0, at: place, size: 8) }
    if layout.hasChecksum {
      let place = layout.headers.places.optional + 64
      output.put(PEChecksum.sum(of: output.bytes, at: place), at: place, size: 4)
    }
    return output.bytes
  }

  private mutating func writeHeaders(symbols: Int) {
    let (header, optional, _) = layout.headers.places
    let added = sectionHeaders.count / PELayout.sectionHeaderSize
    // IMAGE_FILE_LOCAL_SYMS_STRIPPED, IMAGE_FILE_DEBUG_STRIPPED
    let stripped = added > 0 ? 0x208 : 0x8
    output.put(layout.headers.sections.count + added, at: header + 2, size: 2)
    output.put(symbols, at: header + 8, size: 4)
    output.put(table.count, at: header + 12, size: 4)
    output.put(layout.characteristics & ~stripped, at: header + 18, size: 2)
    guard added > 0 else { return }
    output.put(memoryEnd, at: optional + 56, size: 4)
    output.put(sectionHeaders.bytes, at: layout.tableEnd)
  }
}
