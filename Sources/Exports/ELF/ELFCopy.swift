/// A copy of an ELF file with more sections behind its end.
///
/// What the loader maps stays byte for byte as it is, but for the fields of the file's header that say
/// where the section table stands. Source: *System V Application Binary Interface*, chapter 4.
struct ELFCopy {
  /// A section's header.
  private struct Header {
    var name = 0
    var kind: UInt64 = 0
    var flags: UInt64 = 0
    var address: UInt64 = 0
    var offset: UInt64 = 0
    var size: UInt64 = 0
    var link: UInt64 = 0
    var info: UInt64 = 0
    var alignment: UInt64 = 1
    var entrySize: UInt64 = 0
  }

  private let original: [UInt8]
  private let is64Bit: Bool
  private var word: Int { is64Bit ? 8 : 4 }
  private var headers: [Header] = []
  private var names = ByteWriter()
  private var namesIndex = 0
  private var output = ByteWriter()

  /// Reads the section table of a file, or makes one from its segments.
  init?(_ bytes: [UInt8]) {
    original = bytes
    guard bytes.count > 64, bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46]), bytes[5] == 1 else {
      return nil
    }
    is64Bit = bytes[4] == 2
    output.append(bytes)
    readSections()
    if headers.isEmpty { makeSections() }
  }

  private func integer(_ offset: UInt64, _ size: Int) -> UInt64 {
    guard offset <= UInt64(original.count), original.count - Int(offset) >= size else { return 0 }
    return (0..<size).reduce(0) { $0 | UInt64(original[Int(offset) + $1]) << (8 * UInt64($1)) }
  }

  private mutating func readSections() {
    let table = integer(is64Bit ? 40 : 32, word)
    let size = integer(is64Bit ? 58 : 46, 2)
    let count = integer(is64Bit ? 60 : 48, 2)
    let (length, overflows) = size.multipliedReportingOverflow(by: count)
    guard count > 0, size == (is64Bit ? 64 : 40), !overflows, table < UInt64(original.count),
      length <= UInt64(original.count) - table
    else { return }
    for index in 0..<count {
      let place = table + index * size
      func field(_ position: UInt64) -> UInt64 {
        integer(place + (is64Bit ? 8 + 8 * position : 8 + 4 * position), word)
      }
      var header = Header()
      header.name = Int(integer(place, 4))
      header.kind = integer(place + 4, 4)
      (header.flags, header.address) = (field(0), field(1))
      (header.offset, header.size) = (field(2), field(3))
      header.link = integer(place + (is64Bit ? 40 : 24), 4)
      header.info = integer(place + (is64Bit ? 44 : 28), 4)
      header.alignment = integer(place + (is64Bit ? 48 : 32), word)
      header.entrySize = integer(place + (is64Bit ? 56 : 36), word)
      headers.append(header)
    }
    namesIndex = Int(integer(is64Bit ? 62 : 50, 2))
    guard namesIndex < headers.count, namesIndex > 0 else {
      headers = []
      return
    }
    let strings = headers[namesIndex]
    let start = min(strings.offset, UInt64(original.count))
    let end = min(UInt64(original.count), start + min(strings.size, UInt64(original.count) - start))
    names.append(Array(original[Int(start)..<Int(end)]))
    names.append([0])
  }

  /// Sections in the place of segments, for files that lost their table.
  private mutating func makeSections() {
    names.append([0])
    headers = [Header()]
    let table = integer(is64Bit ? 32 : 28, word)
    let size = integer(is64Bit ? 54 : 42, 2)
    for index in 0..<min(64, integer(is64Bit ? 56 : 44, 2)) {
      let place = table &+ index &* size
      guard integer(place, 4) == 1 else { continue }
      let flags = integer(place + (is64Bit ? 4 : 24), 4)
      var header = Header()
      header.offset = integer(place + (is64Bit ? 8 : 4), word)
      header.address = integer(place + (is64Bit ? 16 : 8), word)
      header.size = integer(place + (is64Bit ? 32 : 16), word)
      header.kind = 1
      header.alignment = 16
      header.flags = 2 | (flags & 2 != 0 ? 1 : 0) | (flags & 1 != 0 ? 4 : 0)
      header.name = name(flags & 1 != 0 ? ".text" : flags & 2 != 0 ? ".data" : ".rodata")
      headers.append(header)
    }
    namesIndex = headers.count
    var header = Header()
    header.kind = 3
    header.name = name(".shstrtab")
    headers.append(header)
  }

  private mutating func name(_ text: String) -> Int {
    defer { names.append(text: text) }
    return names.count
  }

  /// The section that an address lies in, for symbols; 0xFFF1 is none.
  private func section(of address: UInt64) -> Int {
    headers.firstIndex {
      $0.flags & 2 != 0 && $0.flags & 0x400 == 0 && address >= $0.address
        && address - $0.address < $0.size
    } ?? 0xFFF1
  }

  /// Appends a section's contents.
  private mutating func place(_ bytes: [UInt8], alignment: Int) -> (offset: UInt64, size: UInt64) {
    output.align(to: alignment)
    defer { output.append(bytes) }
    return (UInt64(output.count), UInt64(bytes.count))
  }

  /// Adds a section that is not mapped.
  mutating func addSection(_ text: String, _ bytes: [UInt8]) {
    var header = Header()
    header.kind = 1
    header.name = name(text)
    (header.offset, header.size) = place(bytes, alignment: 1)
    headers.append(header)
  }

  /// Adds symbols to the symbol table, a new one if there is none.
  mutating func addSymbols(_ symbols: [ModuleSymbol]) {
    var strings = ByteWriter()
    var (local, global) = (ByteWriter(), ByteWriter())
    let rowSize = is64Bit ? 24 : 16
    let table = headers.firstIndex { $0.kind == 2 }
    var stringTable: Int?
    if let table, headers[table].link < UInt64(headers.count) {
      let (rows, old) = (headers[table], headers[Int(headers[table].link)])
      stringTable = Int(headers[table].link)
      strings.append(slice(old))
      let bytes = slice(rows)
      let split = min(
        bytes.count,
        Int(clamping: rows.info.multipliedReportingOverflow(by: UInt64(rowSize)).partialValue))
      local.append(Array(bytes[..<split]))
      global.append(Array(bytes[split...]))
    }
    if local.count == 0 { local.append([UInt8](repeating: 0, count: rowSize)) }
    if strings.count == 0 { strings.append([0]) }
    for symbol in symbols {
      let name = strings.count
      strings.append(text: symbol.name)
      let section = section(of: symbol.address)
      let kind = symbol.isFunction ? 2 : 1
      local.append(name, size: 4)
      if is64Bit {
        local.append(kind, size: 1)
        local.append(0, size: 1)
        local.append(section, size: 2)
      }
      local.append(symbol.address, size: word)
      local.append(symbol.size, size: word)
      if !is64Bit {
        local.append(kind, size: 1)
        local.append(0, size: 1)
        local.append(section, size: 2)
      }
    }
    let count = local.count / rowSize
    local.append(global.bytes)
    write(local.bytes, strings.bytes, locals: count, table, stringTable)
  }

  private mutating func write(
    _ symbols: [UInt8], _ strings: [UInt8], locals: Int, _ table: Int?, _ stringTable: Int?
  ) {
    var texts = Header()
    texts.kind = 3
    if let stringTable, stringTable != namesIndex {
      texts = headers[stringTable]
    } else {
      texts.name = name(".strtab")
    }
    (texts.offset, texts.size) = place(strings, alignment: 1)
    var textsIndex = headers.count
    if let stringTable, stringTable != namesIndex {
      headers[stringTable] = texts
      textsIndex = stringTable
    } else {
      headers.append(texts)
    }
    var rows = table.map { headers[$0] } ?? Header()
    rows.kind = 2
    if table == nil { rows.name = name(".symtab") }
    (rows.offset, rows.size) = place(symbols, alignment: 8)
    rows.link = UInt64(textsIndex)
    rows.info = UInt64(locals)
    rows.alignment = UInt64(word)
    rows.entrySize = is64Bit ? 24 : 16
    if let table { headers[table] = rows } else { headers.append(rows) }
  }

  private func slice(_ header: Header) -> [UInt8] {
    let count = UInt64(original.count)
    guard header.offset <= count, header.size <= count - header.offset else { return [] }
    return Array(original[Int(header.offset)..<Int(header.offset + header.size)])
  }

  /// The whole file.
  mutating func finish() -> [UInt8] {
    let (offset, size) = place(names.bytes, alignment: 1)
    headers[namesIndex].offset = offset
    headers[namesIndex].size = size
    output.align(to: 8)
    let table = output.count
    for header in headers { append(header) }
    output.put(table, at: is64Bit ? 40 : 32, size: word)
    output.put(is64Bit ? 64 : 40, at: is64Bit ? 58 : 46, size: 2)
    output.put(headers.count, at: is64Bit ? 60 : 48, size: 2)
    output.put(namesIndex, at: is64Bit ? 62 : 50, size: 2)
    return output.bytes
  }

  private mutating func append(_ header: Header) {
    output.append(header.name, size: 4)
    output.append(header.kind, size: 4)
    for value in [header.flags, header.address, header.offset, header.size] {
      output.append(value, size: word)
    }
    output.append(header.link, size: 4)
    output.append(header.info, size: 4)
    output.append(header.alignment, size: word)
    output.append(header.entrySize, size: word)
  }
}
