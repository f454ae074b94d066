/// Where functions start and end, according to `.eh_frame`.
///
/// The format is DWARF's call frame information in the variant of the *Linux Standard Base*.
/// `.eh_frame_hdr`, which a program header names, leads to it.
struct UnwindTables {
  private let memory: MappedMemory
  private let wordSize: Int
  private let header: ELFHeaders.ProgramHeader?

  init(_ headers: ELFHeaders, _ memory: MappedMemory) {
    self.memory = memory
    wordSize = headers.wordSize
    header = headers.programHeaders.first { $0.kind == 0x6474_e550 }
  }

  /// The functions by address, without overlaps.
  func functionRanges() -> [Range<UInt64>] {
    guard let header, let start = frameStart(header.address) else { return [] }
    var ranges: [Range<UInt64>] = []
    var encodings: [UInt64: UInt8] = [:]
    var address = start
    while ranges.count < 1 << 20, let length = memory.integer(at: address, size: 4), length > 0 {
      // 64-bit records do not occur in modules of a few megabytes.
      guard length < 0xFFFF_FFF0 else { break }
      let body = address &+ 4
      if let range = record(body, &encodings) { ranges.append(range) }
      address = body &+ length
    }
    return Self.withoutOverlaps(ranges)
  }

  /// The place of `.eh_frame`, from the header's first field.
  private func frameStart(_ address: UInt64) -> UInt64? {
    guard memory.integer(at: address, size: 1) == 1,
      let encoding = memory.integer(at: address &+ 1, size: 1)
    else { return nil }
    return pointer(at: address &+ 4, encoding: UInt8(truncatingIfNeeded: encoding))?.value
  }

  /// Reads one record: a common one, which is remembered, or one of a function.
  private func record(_ body: UInt64, _ encodings: inout [UInt64: UInt8]) -> Range<UInt64>? {
    guard let distance = memory.integer(at: body, size: 4) else { return nil }
    if distance == 0 {
      encodings[body &- 4] = pointerEncoding(body)
      return nil
    }
    let common = body &- distance
    let encoding = encodings[common] ?? pointerEncoding(common &+ 4)
    guard let start = pointer(at: body &+ 4, encoding: encoding),
      let size = pointer(at: body &+ 4 &+ UInt64(start.size), encoding: encoding & 0x0F)
    else { return nil }
    let end = start.value.addingReportingOverflow(size.value)
    guard !end.overflow, size.value > 0 else { return nil }
    return start.value..<end.partialValue
  }

  /// How a common record says that its functions' addresses are written.
  private func pointerEncoding(_ body: UInt64) -> UInt8 {
    let absolute: UInt8 = 0
    let augmentation = memory.string(at: body &+ 5)
    guard augmentation.hasPrefix("z") else { return absolute }
    var address = body &+ 5 &+ UInt64(augmentation.utf8.count) &+ 1
    for _ in 0..<3 { skipNumber(&address) }  // code and data alignment, return register
    skipNumber(&address)  // length of the augmentation data
    for letter in augmentation.utf8.dropFirst() {
      let byte = UInt8(truncatingIfNeeded: memory.integer(at: address, size: 1) ?? 0)
      switch letter {
      case UInt8(ascii: "R"): return byte
      case UInt8(ascii: "L"): address &+= 1
      case UInt8(ascii: "P"):
        guard let routine = pointer(at: address &+ 1, encoding: byte) else { return absolute }
        address &+= 1 &+ UInt64(routine.size)
      default: break
      }
    }
    return absolute
  }

  /// Skips a LEB128 number.
  private func skipNumber(_ address: inout UInt64) {
    for _ in 0..<10 {
      let byte = memory.integer(at: address, size: 1) ?? 0
      address &+= 1
      if byte & 0x80 == 0 { return }
    }
  }

  /// Reads an address in one of DWARF's encodings.
  private func pointer(at address: UInt64, encoding: UInt8) -> (value: UInt64, size: Int)? {
    let sizes: [UInt8: Int] = [0: wordSize, 2: 2, 3: 4, 4: 8, 10: 2, 11: 4, 12: 8]
    guard let size = sizes[encoding & 0x0F], var value = memory.integer(at: address, size: size)
    else { return nil }
    if encoding & 0x08 != 0, size < 8 {
      let shift = UInt64(64 - size * 8)
      value = UInt64(bitPattern: Int64(bitPattern: value << shift) >> Int64(shift))
    }
    switch encoding & 0x70 {
    case 0: break
    case 0x10: value = value &+ address
    case 0x30: value = value &+ (header?.address ?? 0)
    default: return nil
    }
    if wordSize == 4 { value &= 0xFFFF_FFFF }
    return (value, size)
  }

  private static func withoutOverlaps(_ ranges: [Range<UInt64>]) -> [Range<UInt64>] {
    var result: [Range<UInt64>] = []
    for range in ranges.sorted(by: {
      ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound)
    }) {
      if let last = result.last, range.lowerBound < last.upperBound { continue }
      result.append(range)
    }
    return result
  }
}
