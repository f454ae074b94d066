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
    case stringsSize = 10
    case pltRelocations = 23
    case relativeRelocationsSize = 35
    case relativeRelocations = 36
    case hash = 4
    case gnuHash = 0x6fff_fef5
  }

  private var rows: [(tag: UInt64, value: UInt64)] = []

  init(_ headers: ELFHeaders, _ memory: ELFMemory) throws(BinaryFormatError) {
    guard let header = headers.programHeaders.first(where: { $0.kind == 2 }) else {
      throw .invalid("dynamic section", offset: 0)
    }
    let count = min(header.memorySize / 16, 4096)
    for index in 0..<count {
      let address = header.address &+ index * 16
      guard let tag = memory.integer(at: address, size: 8), tag != 0,
        let value = memory.integer(at: address &+ 8, size: 8)
      else { break }
      rows.append((tag, value))
    }
  }

  func value(of tag: Tag) -> UInt64? { rows.first { $0.tag == tag.rawValue }?.value }

  func values(of tag: Tag) -> [UInt64] {
    rows.filter { $0.tag == tag.rawValue }.map(\.value)
  }
}

/// The dynamic symbol table.
struct ELFDynamicSymbols {
  private let symbols: UInt64
  private let strings: UInt64
  private let memory: ELFMemory
  private let count: UInt64

  /// One row: a symbol that the module defines or asks for.
  struct Row {
    let name: String
    let isDefined: Bool
    let value: UInt64
  }

  init(_ dynamic: ELFDynamicSection, _ memory: ELFMemory) {
    symbols = dynamic.value(of: .symbols) ?? 0
    strings = dynamic.value(of: .strings) ?? 0
    self.memory = memory
    count = Self.count(dynamic, memory, symbols, strings)
  }

  func string(at offset: UInt64) -> String { memory.string(at: strings &+ offset) }

  func row(_ index: UInt64) -> Row? {
    guard index < 1 << 24 else { return nil }
    let address = symbols &+ index * 24
    guard let name = memory.integer(at: address, size: 4),
      let section = memory.integer(at: address &+ 6, size: 2),
      let value = memory.integer(at: address &+ 8, size: 8)
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
    _ dynamic: ELFDynamicSection, _ memory: ELFMemory, _ symbols: UInt64, _ strings: UInt64
  ) -> UInt64 {
    if let hash = dynamic.value(of: .hash), let chains = memory.integer(at: hash &+ 4, size: 4) {
      return min(chains, 1 << 20)
    }
    if let hash = dynamic.value(of: .gnuHash), let count = gnuCount(hash, memory) { return count }
    // Linkers put the strings right behind the symbols.
    return strings > symbols ? min((strings - symbols) / 24, 1 << 20) : 0
  }

  private static func gnuCount(_ hash: UInt64, _ memory: ELFMemory) -> UInt64? {
    guard let buckets = memory.integer(at: hash, size: 4),
      let first = memory.integer(at: hash &+ 4, size: 4),
      let words = memory.integer(at: hash &+ 8, size: 4), buckets < 1 << 20, words < 1 << 20
    else { return nil }
    let table = hash &+ 16 &+ words * 8
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
