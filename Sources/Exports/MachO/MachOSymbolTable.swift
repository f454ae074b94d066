import BinaryFormats

/// The symbols of a Mach-O file, with their names.
///
/// `nlist_64` of Apple's `<mach-o/nlist.h>`, `symtab_command` of `<mach-o/loader.h>`.
struct MachOSymbolTable {
  static let commandSize = 24
  private static let rowSize = 16

  /// The sections of all segments, in the order that numbers them from 1.
  private let sections: [MachOHeaders.Section]
  private(set) var rows = ByteWriter()
  private(set) var texts = ByteWriter()

  init(_ sections: [MachOHeaders.Section]) {
    self.sections = sections
    texts.append([0])
  }

  /// The load command that leads to the rows, and to the names behind them.
  func command(at offset: Int) -> [UInt8] {
    var writer = ByteWriter()
    // LC_SYMTAB
    let count = rows.count / Self.rowSize
    for field in [2, Self.commandSize, offset, count, offset + rows.count, texts.count] {
      writer.append(field, size: 4)
    }
    return writer.bytes
  }

  /// Adds a symbol that is seen in this file alone, with the underscore that C compilers put in front.
  mutating func add(_ symbol: ModuleSymbol) {
    let section = sections.prefix(255).firstIndex {
      symbol.address >= $0.address && symbol.address - $0.address < $0.size
    }
    rows.append(texts.count, size: 4)
    texts.append(text: "_" + symbol.name)
    // N_SECT and the section's number, or N_ABS; n_desc says nothing.
    rows.append(section.map { [0x0E, UInt8($0 + 1)] } ?? [0x02, 0])
    rows.append(0, size: 2)
    rows.append(symbol.address, size: 8)
  }
}
