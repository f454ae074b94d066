/// Reads a Windows DLL at the address that it was linked for.
struct PEReader {
  private let file: ByteBuffer
  private let headers: PEHeaders
  private var memory = MappedMemory()
  private var imports: ImportTable
  private var libraries: [String] = []
  /// The pointers that the loader fills, which nothing changes afterwards.
  private var slots: [Range<UInt64>] = []

  static func read(_ bytes: [UInt8]) throws(BinaryFormatError) -> BinaryImage {
    let file = ByteBuffer(bytes)
    var reader = PEReader(file, try PEHeaders(file))
    return try reader.readImage()
  }

  private init(_ file: ByteBuffer, _ headers: PEHeaders) {
    self.file = file
    self.headers = headers
    imports = ImportTable(MemoryMap(pointerSize: headers.architecture.pointerSize))
  }

  private var wordSize: Int { headers.architecture.pointerSize }

  private mutating func readImage() throws(BinaryFormatError) -> BinaryImage {
    try mapSections()
    bindImports()
    bindDelayedImports()
    return BinaryImage(
      format: .portableExecutable,
      architecture: headers.architecture,
      isBigEndian: false,
      segments: memory.segments,
      imports: imports,
      exports: exports(),
      symbols: symbols(),
      functionRanges: PEFunctionTable(headers, memory).functionRanges(),
      libraries: libraries,
      comments: comments(),
      tablePointer: nil,
      notes: [],
      loaderTexts: nil,
      relocatedConstants: slots)
  }

  private mutating func mapSections() throws(BinaryFormatError) {
    let limit = MemoryMap.limit(wordSize)
    for section in headers.sections where section.size > 0 {
      guard section.size <= MappedMemory.limit else { throw .tooLarge(section.size) }
      guard section.address < limit - section.size else {
        throw .invalid("section", offset: section.offset)
      }
      try memory.map(
        file.slice(section.offset, section.fileSize), at: section.address, size: section.size,
        isWritable: section.isWritable, isExecutable: section.isExecutable)
    }
    try memory.finish()
  }

  // MARK: Imports and exports

  /// Binds what the import directory names.
  ///
  /// A row for each library names two lists of the same length. One says
  /// what is wanted, the other one is filled with addresses.
  private mutating func bindImports() {
    guard let table = headers.range(of: .imports) else { return }
    for row in 0..<UInt64(512) {
      let place = table.lowerBound &+ row * 20
      guard let library = address(at: place &+ 12), let slots = address(at: place &+ 16) else {
        return
      }
      bind(slots, to: address(at: place) ?? slots, of: library)
    }
  }

  /// The same for libraries that are loaded when one of their functions is first called.
  private mutating func bindDelayedImports() {
    guard let table = headers.range(of: .delayedImports) else { return }
    for row in 0..<UInt64(512) {
      let place = table.lowerBound &+ row * 32
      guard let library = address(at: place &+ 4), let slots = address(at: place &+ 12),
        let names = address(at: place &+ 16)
      else { return }
      bind(slots, to: names, of: library)
    }
  }

  private mutating func bind(_ slots: UInt64, to names: UInt64, of library: UInt64) {
    let library = memory.string(at: library)
    libraries.append(library)
    let word = UInt64(wordSize)
    var count: UInt64 = 0
    while count < 1 << 16, let wanted = memory.integer(at: names &+ count * word, size: wordSize),
      wanted != 0
    {
      let isNumber = wanted >> (word * 8 - 1) == 1
      let name =
        isNumber
        ? "\(library)#\(wanted & 0xFFFF)"
        : memory.string(at: headers.base &+ (wanted & 0x7FFF_FFFF) &+ 2)
      memory.write(imports.address(of: name), at: slots &+ count * word, size: wordSize)
      count += 1
    }
    self.slots.append(slots..<(slots + count * word))
  }

  private func exports() -> [String: UInt64] {
    guard let table = headers.range(of: .exports)?.lowerBound,
      let count = memory.integer(at: table &+ 24, size: 4),
      let functions = address(at: table &+ 28), let names = address(at: table &+ 32),
      let numbers = address(at: table &+ 36)
    else { return [:] }
    var exports: [String: UInt64] = [:]
    for index in 0..<min(count, 1 << 16) {
      guard let name = address(at: names &+ index * 4),
        let number = memory.integer(at: numbers &+ index * 2, size: 2),
        let function = address(at: functions &+ number * 4)
      else { break }
      exports[memory.string(at: name)] = function
    }
    return exports
  }

  /// The address that a distance from the start of the image gives; nil for none.
  private func address(at place: UInt64) -> UInt64? {
    guard let distance = memory.integer(at: place, size: 4), distance != 0 else { return nil }
    return headers.base &+ distance
  }

  // MARK: Extras

  /// What compilers and linkers left: MinGW's notes, or the release of Microsoft's linker.
  private func comments() -> [String] {
    let mark = Array("GCC: (".utf8)
    for section in headers.sections where !section.isExecutable {
      guard let bytes = memory.bytes(at: section.address, limit: Int(clamping: section.size)),
        let start = bytes.firstRange(of: mark)?.lowerBound
      else { continue }
      return [String(decoding: bytes[start...].prefix(256).prefix { $0 != 0 }, as: UTF8.self)]
    }
    // Microsoft's linker writes what it linked between the program for DOS and the signature.
    let stub = (try? file.slice(0, min(file.count, 1024))) ?? []
    return stub.firstRange(of: Array("Rich".utf8)) == nil
      ? [] : ["Microsoft linker \(headers.linker)"]
  }

  /// The symbol table of MinGW's linker, of which a row takes 18 bytes; strings stand behind it.
  private func symbols() -> [BinaryImage.Symbol] {
    let (start, count) = headers.symbols
    guard start > 0, count > 0, count < 1 << 20, start < file.count else { return [] }
    let strings = start + count * 18
    var symbols: [BinaryImage.Symbol] = []
    var row = 0
    while row < count, let bytes = try? file.slice(start + row * 18, 18) {
      let fields = ByteBuffer(Array(bytes))
      row += 1 + Int(bytes.last ?? 0)
      guard let section = try? fields.count(at: 12, size: 2), section > 0,
        section <= headers.sections.count, let value = try? fields.integer(at: 8, size: 4),
        let kind = try? fields.integer(at: 14, size: 2)
      else { continue }
      var name = String(decoding: bytes.prefix(8).prefix { $0 != 0 }, as: UTF8.self)
      if let zeros = try? fields.integer(at: 0, size: 4), zeros == 0 {
        name = file.string(at: strings + ((try? fields.count(at: 4, size: 4)) ?? 0))
      }
      symbols.append(
        BinaryImage.Symbol(
          name: name, address: headers.sections[section - 1].address &+ value, size: 0,
          isFunction: kind == 0x20))
    }
    return symbols
  }
}
