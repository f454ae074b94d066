extension ELFReader {
  /// Applies the relocations of x86-64 as the loader does, with the module at address 0.
  mutating func relocate(
    _ dynamic: ELFDynamicSection, _ symbols: ELFDynamicSymbols
  ) throws(BinaryFormatError) {
    let tables: [(ELFDynamicSection.Tag, ELFDynamicSection.Tag)] = [
      (.relocations, .relocationsSize), (.pltRelocations, .pltRelocationsSize),
    ]
    for (start, size) in tables {
      guard let address = dynamic.value(of: start), let bytes = dynamic.value(of: size) else {
        continue
      }
      guard bytes <= Self.memoryLimit else { throw .tooLarge(bytes) }
      for index in 0..<(bytes / 24) { relocate(at: address &+ index * 24, symbols) }
    }
    relocateRelative(dynamic)
  }

  private mutating func relocate(at row: UInt64, _ symbols: ELFDynamicSymbols) {
    guard let place = memoryInteger(row), let code = memoryInteger(row &+ 8),
      let addend = memoryInteger(row &+ 16)
    else { return }
    let symbol = code >> 32
    switch code & 0xFFFF_FFFF {
    case 8:  // R_X86_64_RELATIVE
      write(addend, at: place)
    case 1:  // R_X86_64_64
      if let value = value(of: symbol, symbols) { write(value &+ addend, at: place) }
    case 6, 7:  // R_X86_64_GLOB_DAT, R_X86_64_JUMP_SLOT
      if let value = value(of: symbol, symbols) { write(value, at: place) }
    case 0: break
    case let kind:
      let note = "relocation of kind \(kind) ignored"
      if !notes.contains(note) { notes.append(note) }
    }
  }

  /// DT_RELR: addresses of pointers to adjust, packed into bitmaps.
  private mutating func relocateRelative(_ dynamic: ELFDynamicSection) {
    guard let start = dynamic.value(of: .relativeRelocations),
      let size = dynamic.value(of: .relativeRelocationsSize), size <= Self.memoryLimit
    else { return }
    // The module stands at address 0, so the pointers are right as they are; the bitmaps only have
    // to be well-formed.
    if memoryInteger(start) == nil, size > 0 { notes.append("damaged relative relocations") }
  }

  private mutating func value(of symbol: UInt64, _ symbols: ELFDynamicSymbols) -> UInt64? {
    guard let row = symbols.row(symbol) else { return nil }
    return row.isDefined ? row.value : imports.address(of: row.name)
  }

  private func memoryInteger(_ address: UInt64) -> UInt64? {
    for segment in segments where address >= segment.address && address < segment.end {
      let start = Int(address - segment.address)
      guard start + 8 <= segment.bytes.count else { return nil }
      var value: UInt64 = 0
      for byte in 0..<8 { value |= UInt64(segment.bytes[start + byte]) << (8 * UInt64(byte)) }
      return value
    }
    return nil
  }
}
