import BinaryFormats

/// The symbols of a PE file with the names behind them, old and new.
///
/// Microsoft's *PE Format*, "COFF Symbol Table" and "COFF String Table".
struct COFFSymbolTable {
  private static let rowSize = 18

  private let sections: [PEHeaders.Section]
  private var rows = ByteWriter()
  /// The names, behind their own length.
  private var texts = ByteWriter()

  /// Starts with what the file has.
  init(_ file: ByteBuffer, _ headers: PEHeaders) throws(BinaryFormatError) {
    sections = headers.sections
    texts.append(0, size: 4)
    let (start, count) = headers.symbols
    // Long names of sections stand in the table of names even where there are no symbols.
    guard start > 0 else { return }
    rows.append(Array(try file.slice(start, count * Self.rowSize)))
    let names = start + rows.count
    let length = try file.count(at: names, size: 4)
    guard length > 4 else { return }
    texts.append(Array(try file.slice(names + 4, length - 4)))
    // Nothing that is damaged runs into what is added.
    texts.append([0])
  }

  /// How many rows there are.
  var count: Int { rows.count / Self.rowSize }

  var bytes: [UInt8] {
    var names = texts
    names.put(names.count, at: 0, size: 4)
    return rows.bytes + names.bytes
  }

  /// The place of a new text among the names.
  mutating func add(text: String) -> Int {
    defer { texts.append(text: text) }
    return texts.count
  }

  /// What a section is called, whose own field has room for eight bytes: "/4" is the name at place 4.
  func name(of section: PEHeaders.Section) -> String {
    guard section.name.first == "/", let place = Int(section.name.dropFirst()) else {
      return section.name
    }
    return ByteBuffer(texts.bytes).string(at: place)
  }

  /// Adds a symbol that nothing outside refers to; one that lies in no section has no row.
  mutating func add(_ symbol: ModuleSymbol, prefix: String) {
    let section = sections.firstIndex {
      symbol.address >= $0.address && symbol.address - $0.address < $0.size
    }
    guard let section else { return }
    let name = prefix + symbol.name
    if name.utf8.count <= 8 {
      rows.append(text: name, size: 8)
    } else {
      rows.append(0, size: 4)
      rows.append(add(text: name), size: 4)
    }
    rows.append(symbol.address - sections[section].address, size: 4)
    rows.append(section + 1, size: 2)
    // IMAGE_SYM_DTYPE_FUNCTION, IMAGE_SYM_CLASS_STATIC, and no further rows
    rows.append(symbol.isFunction ? 0x20 : 0, size: 2)
    rows.append([3, 0])
  }
}
