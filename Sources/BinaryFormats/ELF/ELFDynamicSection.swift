/// The dynamic section: where the loader finds symbols, relocations and libraries.
struct ELFDynamicSection {
  /// The tags that matter here.
  enum Tag: UInt64 {
    case needed = 1
    case pltRelocationsSize = 2
    case strings = 5
    case symbols = 6
    case relocations = 7
    case relocationsSize = 8
    case relocationsWithoutAddends = 17
    case relocationsWithoutAddendsSize = 18
    case pltRelocationsKind = 20
    case stringsSize = 10
    case pltRelocations = 23
    case relativeRelocationsSize = 35
    case relativeRelocations = 36
    case hash = 4
    case addressTable = 3
    case localEntries = 0x7000_000a
    case symbolCount = 0x7000_0011
    case firstGlobalSymbol = 0x7000_0013
    case gnuHash = 0x6fff_fef5
  }

  private var rows: [(tag: UInt64, value: UInt64)] = []

  init(_ headers: ELFHeaders, _ memory: MappedMemory) throws(BinaryFormatError) {
    guard let header = headers.programHeaders.first(where: { $0.kind == 2 }) else {
      throw .invalid("dynamic section", offset: 0)
    }
    let word = UInt64(headers.wordSize)
    let count = min(header.memorySize / (word * 2), 4096)
    for index in 0..<count {
      let address = header.address &+ index * word * 2
      guard let tag = memory.integer(at: address, size: headers.wordSize), tag != 0,
        let value = memory.integer(at: address &+ word, size: headers.wordSize)
      else { break }
      rows.append((tag, value))
    }
  }

  func value(of tag: Tag) -> UInt64? { rows.first { $0.tag == tag.rawValue }?.value }

  /// The memory whose start and size two tags give.
  func range(_ start: Tag, _ size: Tag) -> Range<UInt64>? {
    guard let start = value(of: start), let size = value(of: size) else { return nil }
    let end = start.addingReportingOverflow(size)
    return end.overflow ? nil : start..<end.partialValue
  }

  func values(of tag: Tag) -> [UInt64] {
    rows.filter { $0.tag == tag.rawValue }.map(\.value)
  }
}

/// The dynamic symbol table.
struct ELFDynamicSymbols {
  private let symbols: UInt64
  private let strings: UInt64
  private let memory: MappedMemory
  private let count: UInt64
  private let is64Bit: Bool

  /// One row: a symbol that the module defines or asks for.
  struct Row {
    let name: String
    let isDefined: Bool
    let value: UInt64
  }

  init(_ dynamic: ELFDynamicSection, _ memory: MappedMemory, is64Bit: Bool) {
    symbols = dynamic.value(of: .symbols) ?? 0
    strings = dynamic.value(of: .strings) ?? 0
    self.memory = memory
    self.is64Bit = is64Bit
    count = Self.count(dynamic, memory, symbols, strings, is64Bit: is64Bit)
  }

  func string(at offset: UInt64) -> String { memory.string(at: strings &+ offset) }

  func row(_ index: UInt64) -> Row? {
    guard index < 1 << 24 else { return nil }
    let address = symbols &+ index * (is64Bit ? 24 : 16)
    guard let name = memory.integer(at: address, size: 4),
      let section = memory.integer(at: address &+ (is64Bit ? 6 : 14), size: 2),
      let value = is64Bit
        ? memory.integer(at: address &+ 8, size: 8) : memory.integer(at: address &+ 4, size: 4)
    else { return nil }
    return Row(name: string(at: name), isDefined: section != 0, value: value)
  }

  func exports() -> [String: UInt64] {
    var exports: [String: UInt64] = [:]
    for index in 0..<count {
      if let row = row(index), row.isDefined, !row.name.isEmpty { exports[row.name] = row.value }
    }
    return exports
  }

  /// How many symbols there are; only a hash table says so.
  private static func count(
    _ dynamic: ELFDynamicSection, _ memory: MappedMemory, _ symbols: UInt64, _ strings: UInt64,
    is64Bit: Bool
  ) -> UInt64 {
    if let hash = dynamic.value(of: .hash), let chains = memory.integer(at: hash &+ 4, size: 4) {
      return min(chains, 1 << 20)
    }
    if let hash = dynamic.value(of: .gnuHash), let count = gnuCount(hash, memory, is64Bit: is64Bit)
    {
      return count
    }
    // Linkers put the strings right behind the symbols.
    return strings > symbols ? min((strings - symbols) / (is64Bit ? 24 : 16), 1 << 20) : 0
  }

  private static func gnuCount(
    _ hash: UInt64, _ memory: MappedMemory, is64Bit: Bool
  ) -> UInt64? {
    guard let buckets = memory.integer(at: hash, size: 4),
      let first = memory.integer(at: hash &+ 4, size: 4),
      let words = memory.integer(at: hash &+ 8, size: 4), buckets < 1 << 20, words < 1 << 20
    else { return nil }
    let table = hash &+ 16 &+ words * (is64Bit ? 8 : 4)
    var last: UInt64 = 0
    for index in 0..<buckets {
      guard let start = memory.integer(at: table &+ index * 4, size: 4) else { return nil }
      last = max(last, start)
    }
    guard last >= first else { return first }
    let chains = table &+ buckets * 4
    while last < 1 << 20 {
      guard let link = memory.integer(at: chains &+ (last - first) * 4, size: 4) else { return nil }
      last += 1
      if link & 1 == 1 { break }
    }
    return last
  }
}
