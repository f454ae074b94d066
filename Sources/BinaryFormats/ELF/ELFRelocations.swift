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
    .mips64: RelocationKinds(relative: 3, absolute: [3], slots: [127]),
    // R_386_RELATIVE, R_386_32, R_386_GLOB_DAT and R_386_JMP_SLOT
    .i386: RelocationKinds(relative: 8, absolute: [1], slots: [6, 7]),
    // R_ARM_RELATIVE, R_ARM_ABS32, R_ARM_GLOB_DAT and R_ARM_JUMP_SLOT
    .arm: RelocationKinds(relative: 23, absolute: [2], slots: [21, 22]),
    // R_RISCV_RELATIVE, R_RISCV_64 and R_RISCV_JUMP_SLOT
    .riscv64: RelocationKinds(relative: 3, absolute: [2], slots: [5]),
    // R_PPC64_RELATIVE, R_PPC64_ADDR64, R_PPC64_GLOB_DAT and R_PPC64_JMP_SLOT
    .powerpc64: RelocationKinds(relative: 22, absolute: [38], slots: [20, 21]),
    // R_390_RELATIVE, R_390_64, R_390_GLOB_DAT and R_390_JMP_SLOT
    .s390x: RelocationKinds(relative: 12, absolute: [22], slots: [10, 11]),
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
    switch headers.architecture {
    case .mips32, .mips64: fillAddressTable(dynamic, symbols)
    case .i386: tablePointer = dynamic.value(of: .addressTable)
    case .powerpc64: tablePointer = tableOfContents(symbols)
    default: break
    }
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
    let (symbol, kind) = parts(code)
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

  /// The symbol and the kind of a relocation.
  private func parts(_ code: UInt64) -> (symbol: UInt64, kind: UInt64) {
    if !headers.is64Bit { return (code >> 8, code & 0xFF) }
    // MIPS64 has three kinds in one, the last bytes of the word; only the first one matters here.
    if headers.architecture == .mips64, !file.isBigEndian {
      return (code & 0xFFFF_FFFF, code >> 56)
    }
    return (code >> 32, code & (headers.architecture == .mips64 ? 0xFF : 0xFFFF_FFFF))
  }

  /// PowerPC: what a function adds to its own address for the table of contents; all of a module get
  /// the same.
  ///
  /// ```
  /// addis r2, r12, high; addi r2, r2, low
  /// ```
  private func tableOfContents(_ symbols: ELFDynamicSymbols) -> UInt64? {
    for (name, address) in symbols.exports().sorted(by: { $0.key < $1.key })
    where name.hasPrefix("PyInit") {
      guard let first = memory.integer(at: address, size: 4), first >> 16 == 0x3C4C,
        let second = memory.integer(at: address &+ 4, size: 4), second >> 16 == 0x3842
      else { continue }
      let high = Int64(Int16(truncatingIfNeeded: first)) << 16
      return address &+ UInt64(bitPattern: high + Int64(Int16(truncatingIfNeeded: second)))
    }
    return nil
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
