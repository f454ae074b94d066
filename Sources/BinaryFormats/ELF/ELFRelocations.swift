/// What the kinds of relocations mean that shared objects of an architecture have.
struct RelocationKinds: Sendable {
  /// The module's own address is added.
  let relative: UInt64
  /// The address of a symbol, added to what stands there or to the addend.
  let absolute: [UInt64]
  /// The address of a symbol alone.
  let slots: [UInt64]
  /// Kinds of no effect here: thread-local storage and the like.
  var ignored: [UInt64] = []
}

extension ELFReader {
  /// The architectures that are read, with their relocations.
  static let relocationKinds: [Architecture: RelocationKinds] = [
    // R_X86_64_RELATIVE, R_X86_64_64, R_X86_64_GLOB_DAT and R_X86_64_JUMP_SLOT
    .x8664: RelocationKinds(relative: 8, absolute: [1], slots: [6, 7]),
    // R_AARCH64_RELATIVE, R_AARCH64_ABS64, R_AARCH64_GLOB_DAT and R_AARCH64_JUMP_SLOT
    .aarch64: RelocationKinds(relative: 1027, absolute: [257], slots: [1025, 1026]),
    // R_MIPS_REL32, with and without a symbol, and R_MIPS_JUMP_SLOT
    .mips32: RelocationKinds(relative: 3, absolute: [3], slots: [127]),
  ]

  /// Applies the relocations as the loader does, with the module at address 0.
  mutating func relocate(
    _ dynamic: ELFDynamicSection, _ symbols: ELFDynamicSymbols
  ) throws(BinaryFormatError) {
    guard let kinds = Self.relocationKinds[headers.architecture] else { return }
    let pltHasAddends = dynamic.value(of: .pltRelocationsKind).map {
      $0 == ELFDynamicSection.Tag.relocations.rawValue
    }
    let tables: [(ELFDynamicSection.Tag, ELFDynamicSection.Tag, hasAddends: Bool)] = [
      (.relocations, .relocationsSize, true),
      (.relocationsWithoutAddends, .relocationsWithoutAddendsSize, false),
      (.pltRelocations, .pltRelocationsSize, pltHasAddends ?? headers.is64Bit),
    ]
    for (start, size, hasAddends) in tables {
      guard let address = dynamic.value(of: start), let bytes = dynamic.value(of: size) else {
        continue
      }
      guard bytes <= MappedMemory.limit else { throw .tooLarge(bytes) }
      let width = UInt64(headers.wordSize * (hasAddends ? 3 : 2))
      for index in 0..<(bytes / width) {
        relocate(at: address &+ index * width, hasAddend: hasAddends, kinds, symbols)
      }
    }
    relocateRelative(dynamic)
    if headers.architecture == .mips32 { fillAddressTable(dynamic, symbols) }
  }

  /// MIPS: the loader fills the second half of the global offset table with the addresses of symbols,
  /// without relocations.
  private mutating func fillAddressTable(
    _ dynamic: ELFDynamicSection, _ symbols: ELFDynamicSymbols
  ) {
    guard let table = dynamic.value(of: .addressTable),
      let locals = dynamic.value(of: .localEntries), locals < 1 << 20,
      let first = dynamic.value(of: .firstGlobalSymbol),
      let count = dynamic.value(of: .symbolCount), first <= count, count < 1 << 20
    else { return }
    let word = UInt64(headers.wordSize)
    for index in first..<count {
      guard let value = value(of: index, symbols) else { continue }
      write(value, at: table &+ (locals + index - first) * word)
    }
    let size = (locals + count - first) * word
    if table < MappedMemory.limit { relocatedConstants.append(table..<(table + size)) }
    // Code reaches the table through a pointer to its middle.
    tablePointer = table &+ 0x7FF0
  }

  private mutating func relocate(
    at row: UInt64, hasAddend: Bool, _ kinds: RelocationKinds, _ symbols: ELFDynamicSymbols
  ) {
    let word = UInt64(headers.wordSize)
    guard let place = memoryInteger(row), let code = memoryInteger(row &+ word) else { return }
    let addend = memoryInteger(hasAddend ? row &+ 2 * word : place) ?? 0
    let symbol = headers.is64Bit ? code >> 32 : code >> 8
    let kind = headers.is64Bit ? code & 0xFFFF_FFFF : code & 0xFF
    if kind == kinds.relative, symbol == 0 || !kinds.absolute.contains(kind) {
      write(addend, at: place)
    } else if kinds.absolute.contains(kind) {
      if let value = value(of: symbol, symbols) { write(value &+ addend, at: place) }
    } else if kinds.slots.contains(kind) {
      if let value = value(of: symbol, symbols) { write(value, at: place) }
    } else if kind != 0, !kinds.ignored.contains(kind) {
      let note = "relocation of kind \(kind) ignored"
      if !notes.contains(note) { notes.append(note) }
    }
  }

  /// DT_RELR: addresses of pointers to adjust, packed into bitmaps.
  private mutating func relocateRelative(_ dynamic: ELFDynamicSection) {
    guard let start = dynamic.value(of: .relativeRelocations),
      let size = dynamic.value(of: .relativeRelocationsSize), size <= MappedMemory.limit
    else { return }
    // The module stands at address 0, so the pointers are right as they are; the bitmaps only have
    // to be well-formed.
    if memoryInteger(start) == nil, size > 0 { notes.append("damaged relative relocations") }
  }

  mutating func value(of symbol: UInt64, _ symbols: ELFDynamicSymbols) -> UInt64? {
    guard let row = symbols.row(symbol) else { return nil }
    return row.isDefined ? row.value : imports.address(of: row.name)
  }

  private func memoryInteger(_ address: UInt64) -> UInt64? {
    memory.integer(at: address, size: headers.wordSize)
  }

  private mutating func write(_ value: UInt64, at address: UInt64) {
    memory.write(value, at: address, size: headers.wordSize)
  }
}
