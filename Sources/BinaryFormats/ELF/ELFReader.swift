/// Reads an ELF shared object from its program headers and dynamic section.
///
/// Section headers may be missing or wrong; they only add the full symbol table and comments.
struct ELFReader {
  let file: ByteBuffer
  let headers: ELFHeaders
  /// The mapped memory as it is now.
  var memory: MappedMemory
  var relocatedConstants: [Range<UInt64>] = []
  var imports: ImportTable
  var notes: [String] = []
  var tablePointer: UInt64?

  static func read(_ bytes: [UInt8]) throws(BinaryFormatError) -> BinaryImage {
    let order = try ByteBuffer(bytes).integer(at: 5, size: 1)
    let file = ByteBuffer(bytes, isBigEndian: order == 2)
    let headers = try ELFHeaders(file)
    guard Self.relocationKinds[headers.architecture] != nil,
      headers.is64Bit == (headers.architecture.pointerSize == 8)
    else {
      throw .unsupportedArchitecture(headers.architecture.rawValue)
    }
    var reader = ELFReader(
      file: file, headers: headers, memory: MappedMemory(isBigEndian: file.isBigEndian),
      imports: ImportTable(MemoryMap(pointerSize: headers.architecture.pointerSize)))
    return try reader.readImage()
  }

  private mutating func readImage() throws(BinaryFormatError) -> BinaryImage {
    try mapSegments()
    let dynamic = try ELFDynamicSection(headers, memory)
    let symbols = ELFDynamicSymbols(dynamic, memory, is64Bit: headers.is64Bit)
    try relocate(dynamic, symbols)
    // Some linkers leave the table of addresses writable; only the loader writes there.
    if let table = section(named: ".got") {
      let end = table.address.addingReportingOverflow(UInt64(table.size))
      if !end.overflow { relocatedConstants.append(table.address..<end.partialValue) }
    }
    return BinaryImage(
      format: .elf,
      architecture: headers.architecture,
      isBigEndian: file.isBigEndian,
      segments: memory.segments,
      imports: imports,
      exports: symbols.exports(),
      symbols: fullSymbols(),
      functionRanges: functionRanges(),
      libraries: dynamic.values(of: .needed).map { symbols.string(at: $0) },
      comments: comments(),
      tablePointer: tablePointer,
      // EF_ARM_ABI_FLOAT_HARD
      hasHardwareFloats: headers.flags & 0x400 != 0,
      notes: notes,
      loaderTexts: dynamic.range(.strings, .stringsSize),
      relocatedConstants: relocatedConstants)
  }

  private func functionRanges() -> [Range<UInt64>] {
    let ranges = UnwindTables(headers, memory).functionRanges()
    return ranges.isEmpty ? ARMUnwindIndex(headers, memory).functionRanges() : ranges
  }

  private mutating func mapSegments() throws(BinaryFormatError) {
    let limit = MemoryMap.limit(headers.architecture.pointerSize)
    for header in headers.programHeaders {
      let end = header.address.addingReportingOverflow(header.memorySize)
      switch header.kind {
      case 1:
        guard header.memorySize <= MappedMemory.limit else { throw .tooLarge(header.memorySize) }
        guard UInt64(header.fileSize) <= header.memorySize, !end.overflow,
          end.partialValue < limit
        else { throw .invalid("segment", offset: header.offset) }
        try memory.map(
          file.slice(header.offset, header.fileSize), at: header.address, size: header.memorySize,
          isWritable: header.flags & 2 != 0, isExecutable: header.flags & 1 != 0)
      case 0x6474_e552:
        // PT_GNU_RELRO: the loader protects it after relocation.
        if !end.overflow { relocatedConstants.append(header.address..<end.partialValue) }
      default: break
      }
    }
    try memory.finish()
  }

  // MARK: Extras from section headers

  private func section(named name: String) -> ELFHeaders.SectionHeader? {
    guard headers.sectionNames < headers.sectionHeaders.count else { return nil }
    let names = headers.sectionHeaders[headers.sectionNames].offset
    return headers.sectionHeaders.first { header in
      let offset = names.addingReportingOverflow(header.name)
      return !offset.overflow && file.string(at: offset.partialValue) == name
    }
  }

  private func comments() -> [String] {
    guard let section = section(named: ".comment"),
      let bytes = try? file.slice(section.offset, min(section.size, 1 << 16))
    else { return [] }
    return bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
  }

  private func fullSymbols() -> [BinaryImage.Symbol] {
    var symbols: [BinaryImage.Symbol] = []
    for header in headers.sectionHeaders where header.kind == 2 {
      guard header.link < headers.sectionHeaders.count, header.offset <= file.count else {
        continue
      }
      let strings = headers.sectionHeaders[header.link].offset
      let rows = min(header.size, file.count - header.offset) / (headers.is64Bit ? 24 : 16)
      for row in 0..<rows {
        if let symbol = symbol(at: header.offset + row * (headers.is64Bit ? 24 : 16), strings) {
          symbols.append(symbol)
        }
      }
    }
    return symbols
  }

  private func symbol(at offset: Int, _ strings: Int) -> BinaryImage.Symbol? {
    let is64Bit = headers.is64Bit
    guard let name = try? file.count(at: offset, size: 4),
      let kind = try? file.integer(at: offset + (is64Bit ? 4 : 12), size: 1) & 15,
      kind == 1 || kind == 2,
      let address = try? file.integer(at: offset + (is64Bit ? 8 : 4), size: headers.wordSize),
      address != 0,
      let size = try? file.integer(at: offset + (is64Bit ? 16 : 8), size: headers.wordSize)
    else { return nil }
    let place = strings.addingReportingOverflow(name)
    guard !place.overflow else { return nil }
    return BinaryImage.Symbol(
      name: file.string(at: place.partialValue), address: address, size: size,
      isFunction: kind == 2)
  }
}
