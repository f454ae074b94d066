/// Mapped memory on the way to a ``BinaryImage``.
struct ELFMemory {
  let segments: [BinaryImage.Segment]

  func integer(at address: UInt64, size: Int) -> UInt64? {
    guard let bytes = bytes(at: address, limit: size), bytes.count == size else { return nil }
    return bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  func bytes(at address: UInt64, limit: Int) -> ArraySlice<UInt8>? {
    for segment in segments where address >= segment.address && address < segment.end {
      let start = Int(address - segment.address)
      return segment.bytes[start..<min(segment.bytes.count, start + limit)]
    }
    return nil
  }

  func string(at address: UInt64) -> String {
    guard let bytes = bytes(at: address, limit: 4096) else { return "" }
    return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }
}
