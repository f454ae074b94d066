/// Reads a Mach-O bundle or library at the address that it was linked for, which is 0 as a rule.
struct MachOReader {
  private let file: ByteBuffer
  private let headers: MachOHeaders
  private var memory = MappedMemory()
  private var imports: ImportTable
  /// The pointers that the loader fills, which nothing changes afterwards.
  private var constants: [Range<UInt64>] = []

  /// Whether a file starts as one of this format does, be it for one processor or for several.
  static func canRead(_ bytes: [UInt8]) -> Bool {
    bytes.starts(with: MachOHeaders.magic) || UniversalBinary.isUniversal(bytes)
  }

  static func read(_ bytes: [UInt8]) throws(BinaryFormatError) -> BinaryImage {
    let file = ByteBuffer(try UniversalBinary.analysedPart(of: bytes))
    var reader = MachOReader(file, try MachOHeaders(file))
    return try reader.readImage()
  }

  private init(_ file: ByteBuffer, _ headers: MachOHeaders) {
    self.file = file
    self.headers = headers
    imports = ImportTable(MemoryMap(pointerSize: 8))
  }

  private mutating func readImage() throws(BinaryFormatError) -> BinaryImage {
    try mapSegments()
    let base = headers.segments.first { $0.name == "__TEXT" }?.address ?? 0
    if let range = headers.range(of: .chainedFixups) {
      var fixups = MachOChainedFixups(file, range, base: base)
      fixups.apply(&memory, &imports)
    }
    for range in headers.bindings {
      MachOBindings(file, range, headers.segments).apply(&memory, &imports)
    }
    return BinaryImage(
      format: .machO,
      architecture: headers.architecture,
      isBigEndian: false,
      segments: memory.segments,
      imports: imports,
      exports: exports(base),
      symbols: symbols().filter { !$0.isExternal }.map(\.symbol),
      functionRanges: functionRanges(base),
      libraries: headers.libraries,
      comments: headers.tools,
      tablePointer: nil,
      notes: [],
      loaderTexts: nil,
      relocatedConstants: constants)
  }

  /// Maps each segment in stretches of code and of data.
  private mutating func mapSegments() throws(BinaryFormatError) {
    let limit = MemoryMap.limit(8)
    for segment in headers.segments where segment.size > 0 && !segment.sections.isEmpty {
      guard segment.size <= MappedMemory.limit else { throw .tooLarge(segment.size) }
      guard segment.address < limit - segment.size, UInt64(segment.fileSize) <= segment.size else {
        throw .invalid("segment", offset: segment.offset)
      }
      let end = segment.address + segment.size
      let content = try file.slice(segment.offset, segment.fileSize)
      var start = segment.address
      var isExecutable = segment.sections.first?.isExecutable ?? false
      for section in segment.sections.dropFirst() where section.isExecutable != isExecutable {
        guard section.address >= start, section.address <= end else {
          throw .invalid("section", offset: segment.offset)
        }
        try map(start..<section.address, of: segment, content, isExecutable: isExecutable)
        start = section.address
        isExecutable = section.isExecutable
      }
      try map(start..<end, of: segment, content, isExecutable: isExecutable)
      noteConstants(segment)
    }
    try memory.finish()
  }

  private mutating func map(
    _ range: Range<UInt64>, of segment: MachOHeaders.Segment, _ content: ArraySlice<UInt8>,
    isExecutable: Bool
  ) throws(BinaryFormatError) {
    guard !range.isEmpty else { return }
    try memory.map(
      content.dropFirst(Int(range.lowerBound - segment.address)), at: range.lowerBound,
      size: UInt64(range.count), isWritable: segment.isWritable, isExecutable: isExecutable)
  }

  private mutating func noteConstants(_ segment: MachOHeaders.Segment) {
    if segment.name == "__DATA_CONST" {
      constants.append(segment.address..<(segment.address + segment.size))
    }
    for section in segment.sections where section.holdsImports {
      let end = section.address.addingReportingOverflow(section.size)
      if !end.overflow { constants.append(section.address..<end.partialValue) }
    }
  }

  // MARK: Symbols and functions

  /// Symbols of C start with an underscore of their own.
  static func name(_ symbol: String) -> String {
    symbol.hasPrefix("_") ? String(symbol.dropFirst()) : symbol
  }

  private func symbols() -> [(symbol: BinaryImage.Symbol, isExternal: Bool)] {
    let (start, count, strings) = headers.symbols
    var symbols: [(BinaryImage.Symbol, Bool)] = []
    for row in 0..<min(count, 1 << 20) {
      let place = start + row * 16
      guard let name = try? file.count(at: place, size: 4),
        let kind = try? file.integer(at: place + 4, size: 1),
        let address = try? file.integer(at: place + 8, size: 8)
      else { break }
      // Defined in a section, and not for debuggers.
      guard kind & 0xEE == 0x0E || kind & 0xEE == 0x0F else { continue }
      let isFunction = memory.segments.contains {
        $0.isExecutable && address >= $0.address && address < $0.end
      }
      let symbol = BinaryImage.Symbol(
        name: Self.name(file.string(at: strings + name)), address: address, size: 0,
        isFunction: isFunction)
      symbols.append((symbol, kind & 1 == 1))
    }
    return symbols
  }

  private func exports(_ base: UInt64) -> [String: UInt64] {
    var exports: [String: UInt64] = [:]
    for (symbol, isExternal) in symbols() where isExternal { exports[symbol.name] = symbol.address }
    if let range = headers.range(of: .exports) ?? headers.exports {
      for (name, offset) in MachOExportTrie(file, range).exports() {
        exports[Self.name(name)] = base &+ offset
      }
    }
    return exports
  }

  /// Where functions start is a list of distances; each one ends where the next one starts.
  private func functionRanges(_ base: UInt64) -> [Range<UInt64>] {
    guard let table = headers.range(of: .functionStarts) else { return [] }
    var numbers = PackedNumbers(file, table)
    var address = base
    var starts: [UInt64] = []
    while let distance = numbers.unsigned(), distance > 0, starts.count < 1 << 20 {
      address = address &+ distance
      starts.append(address)
    }
    var ranges: [Range<UInt64>] = []
    for (index, start) in starts.enumerated() {
      guard
        let segment = memory.segments.first(where: { start >= $0.address && start < $0.end }),
        segment.isExecutable
      else { continue }
      let next = index + 1 < starts.count ? starts[index + 1] : segment.end
      let end = min(next, segment.end)
      if start < end, start >= ranges.last?.upperBound ?? 0 { ranges.append(start..<end) }
    }
    return ranges
  }
}
