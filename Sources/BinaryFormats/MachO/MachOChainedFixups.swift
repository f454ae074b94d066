/// Pointers that the loader adjusts, each of which says where the next one is: Apple's
/// `<mach-o/fixup-chains.h>`.
struct MachOChainedFixups {
  private let file: ByteBuffer
  private let start: Int
  private let base: UInt64
  private var names: [String] = []

  init(_ file: ByteBuffer, _ range: Range<Int>, base: UInt64) {
    self.file = file
    self.base = base
    start = range.lowerBound
    names = (try? importedNames()) ?? []
  }

  mutating func apply(_ memory: inout MappedMemory, _ imports: inout ImportTable) {
    guard let table = try? start + file.count(at: start + 4, size: 4),
      let count = try? file.count(at: table, size: 4)
    else { return }
    for index in 0..<min(count, 256) {
      guard let offset = try? file.count(at: table + 4 + index * 4, size: 4), offset > 0 else {
        continue
      }
      try? follow(segment: table + offset, &memory, &imports)
    }
  }

  /// Goes along the chains of a segment, one for each page.
  private func follow(
    segment: Int, _ memory: inout MappedMemory, _ imports: inout ImportTable
  ) throws(BinaryFormatError) {
    let pageSize = try file.integer(at: segment + 4, size: 2)
    let format = try file.integer(at: segment + 6, size: 2)
    // DYLD_CHAINED_PTR_64 and DYLD_CHAINED_PTR_64_OFFSET
    guard format == 2 || format == 6 else {
      throw .unsupportedFormat("chained pointers of kind \(format)")
    }
    let address = base &+ (try file.integer(at: segment + 8, size: 8))
    for page in 0..<(try file.count(at: segment + 20, size: 2)) {
      let first = try file.integer(at: segment + 22 + page * 2, size: 2)
      guard first != 0xFFFF else { continue }
      var place = address &+ UInt64(page) * pageSize &+ first
      for _ in 0...pageSize {
        guard let word = memory.integer(at: place, size: 8) else { break }
        memory.write(value(of: word, format, &imports), at: place, size: 8)
        let next = word >> 51 & 0xFFF
        guard next > 0 else { break }
        place = place &+ next * 4
      }
    }
  }

  private func value(_ word: UInt64, _ imports: inout ImportTable) -> UInt64? {
    let ordinal = Int(word & 0xFF_FFFF)
    guard ordinal < names.count else { return nil }
    return imports.address(of: names[ordinal]) &+ (word >> 24 & 0xFF)
  }

  private func value(of word: UInt64, _ format: UInt64, _ imports: inout ImportTable) -> UInt64 {
    if word >> 63 == 1 { return value(word, &imports) ?? 0 }
    let target = word & 0xF_FFFF_FFFF | (word >> 36 & 0xFF) << 56
    return format == 6 ? base &+ target : target
  }

  private func importedNames() throws(BinaryFormatError) -> [String] {
    let table = start + (try file.count(at: start + 8, size: 4))
    let strings = start + (try file.count(at: start + 12, size: 4))
    let format = try file.integer(at: start + 20, size: 4)
    let width = [1: 4, 2: 8, 3: 16][format] ?? 4
    var names: [String] = []
    for index in 0..<min(try file.count(at: start + 16, size: 4), 1 << 20) {
      let word = try file.integer(at: table + index * width, size: min(width, 8))
      let offset = format == 3 ? word >> 32 : (word & 0xFFFF_FFFF) >> 9
      names.append(MachOReader.name(file.string(at: strings + Int(offset))))
    }
    return names
  }
}
