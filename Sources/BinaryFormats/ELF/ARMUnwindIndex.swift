/// Where functions start, according to `.ARM.exidx`: *Exception Handling ABI for the Arm Architecture*.
///
/// A row is the distance to a function and what undoes its prologue; the linker leaves rows out that say
/// the same as the one before.
struct ARMUnwindIndex {
  private let headers: ELFHeaders
  private let memory: MappedMemory

  init(_ headers: ELFHeaders, _ memory: MappedMemory) {
    self.headers = headers
    self.memory = memory
  }

  func functionRanges() -> [Range<UInt64>] {
    // PT_ARM_EXIDX
    guard headers.architecture == .arm,
      let table = headers.programHeaders.first(where: { $0.kind == 0x7000_0001 })
    else { return [] }
    var starts: [UInt64] = []
    for row in 0..<min(table.memorySize / 8, 1 << 20) {
      let place = table.address &+ row * 8
      guard let word = memory.integer(at: place, size: 4) else { break }
      // 31 bits with a sign
      let distance = Int64(Int32(truncatingIfNeeded: word << 1) >> 1)
      starts.append((place &+ UInt64(bitPattern: distance)) & 0xFFFF_FFFE)
    }
    starts.sort()
    guard let last = starts.last,
      let code = memory.segments.first(where: { last >= $0.address && last < $0.end })
    else { return [] }
    return zip(starts, starts.dropFirst() + [code.end]).filter { $0 < $1 }.map { $0..<$1 }
  }
}
