/// Where functions start and end, according to `.pdata`, Windows' table for unwinding.
///
/// Functions that keep nothing on the stack have no row; they are told by the filling between functions.
struct PEFunctionTable {
  private let headers: PEHeaders
  private let memory: MappedMemory

  init(_ headers: PEHeaders, _ memory: MappedMemory) {
    self.headers = headers
    self.memory = memory
  }

  /// The functions by address, without overlaps.
  func functionRanges() -> [Range<UInt64>] {
    var ranges: [Range<UInt64>] = []
    for range in rows() {
      if let last = ranges.last, range.lowerBound < last.upperBound { continue }
      ranges.append(range)
    }
    for section in headers.sections where section.isExecutable {
      ranges += functions(between: ranges, section)
    }
    return ranges.sorted { $0.lowerBound < $1.lowerBound }
  }

  private func rows() -> [Range<UInt64>] {
    guard let table = headers.range(of: .exceptions) else { return [] }
    let width: UInt64 = headers.architecture == .aarch64 ? 8 : 12
    let count = min(UInt64(table.count) / width, 1 << 20)
    var ranges: [Range<UInt64>] = []
    for index in 0..<count {
      let row = table.lowerBound &+ index * width
      let range = width == 8 ? shortRow(row) : longRow(row)
      guard let range else { continue }
      if isContinuation(row), ranges.last?.upperBound == range.lowerBound,
        let last = ranges.popLast()
      {
        ranges.append(last.lowerBound..<range.upperBound)
      } else {
        ranges.append(range)
      }
    }
    return ranges.sorted { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }
  }

  /// x86-64: start, end, and what undoes the prologue.
  private func longRow(_ row: UInt64) -> Range<UInt64>? {
    guard let start = memory.integer(at: row, size: 4),
      let end = memory.integer(at: row &+ 4, size: 4), start > 0, start < end
    else { return nil }
    return (headers.base &+ start)..<(headers.base &+ end)
  }

  /// x86-64: a piece of the function whose row the unwinding goes on with.
  private func isContinuation(_ row: UInt64) -> Bool {
    guard headers.architecture == .x8664, let place = memory.integer(at: row &+ 8, size: 4) else {
      return false
    }
    if place & 1 == 1 { return true }
    guard let first = memory.integer(at: headers.base &+ place, size: 1) else { return false }
    return first >> 3 & 4 != 0
  }

  /// AArch64: the start, and the length with what undoes the prologue or a pointer to both.
  private func shortRow(_ row: UInt64) -> Range<UInt64>? {
    guard let start = memory.integer(at: row, size: 4), start > 0,
      let word = memory.integer(at: row &+ 4, size: 4)
    else { return nil }
    var length = word >> 2 & 0x7FF
    if word & 3 == 0 {
      guard let header = memory.integer(at: headers.base &+ word, size: 4) else { return nil }
      length = header & 0x3_FFFF
    }
    guard length > 0 else { return nil }
    return (headers.base &+ start)..<(headers.base &+ start &+ length * 4)
  }

  /// Functions in the gaps of the table: they start at multiples of 16, behind filling of `int3`.
  private func functions(
    between known: [Range<UInt64>], _ section: PEHeaders.Section
  ) -> [Range<UInt64>] {
    guard headers.architecture == .x8664 || headers.architecture == .i386,
      let code = memory.bytes(at: section.address, limit: Int(clamping: section.size))
    else { return [] }
    var found: [Range<UInt64>] = []
    var start = section.address
    let end = section.address + UInt64(code.count)
    for range in known + [end..<end] where range.lowerBound >= start && range.lowerBound <= end {
      found += functions(in: start..<range.lowerBound, code, section.address)
      start = range.upperBound
    }
    return found
  }

  private func functions(
    in gap: Range<UInt64>, _ code: ArraySlice<UInt8>, _ base: UInt64
  ) -> [Range<UInt64>] {
    let filling: UInt8 = 0xCC
    func byte(_ address: UInt64) -> UInt8 { code[code.startIndex + Int(address - base)] }
    var found: [Range<UInt64>] = []
    var start: UInt64?
    for address in gap {
      let isFilling = byte(address) == filling
      let isBehindFilling = address == gap.lowerBound || byte(address - 1) == filling
      if start == nil, !isFilling, isBehindFilling { start = address }
      guard let first = start, address > first, address & 15 == 0, isBehindFilling else { continue }
      found.append(first..<lastByte(before: address, first, byte))
      start = isFilling ? nil : address
    }
    if let start, start < gap.upperBound {
      found.append(start..<lastByte(before: gap.upperBound, start, byte))
    }
    return found
  }

  /// The end of a function, filling left out.
  private func lastByte(
    before end: UInt64, _ start: UInt64, _ byte: (UInt64) -> UInt8
  ) -> UInt64 {
    var end = end
    while end > start + 1, byte(end - 1) == 0xCC { end -= 1 }
    return end
  }
}
