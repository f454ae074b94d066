/// Mapped memory on the way to a ``BinaryImage``.
struct MappedMemory {
  private(set) var segments: [BinaryImage.Segment] = []
  private var total: UInt64 = 0
  private let isBigEndian: Bool

  init(isBigEndian: Bool = false) { self.isBigEndian = isBigEndian }

  /// The most memory that a module may ask for, in bytes.
  static let limit: UInt64 = 1 << 28

  /// Maps a part of the file, and zeroes behind it up to the size of the segment.
  ///
  /// - Throws: an error if the module asks for too much.
  mutating func map(
    _ content: ArraySlice<UInt8>, at address: UInt64, size: UInt64, isWritable: Bool,
    isExecutable: Bool
  ) throws(BinaryFormatError) {
    guard size <= Self.limit, total + size <= Self.limit else { throw .tooLarge(size) }
    total += size
    var bytes = Array(content.prefix(Int(size)))
    bytes.append(contentsOf: repeatElement(0, count: Int(size) - bytes.count))
    segments.append(
      BinaryImage.Segment(
        address: address, bytes: bytes, isWritable: isWritable, isExecutable: isExecutable))
  }

  /// Puts the segments in order.
  ///
  /// - Throws: an error if some overlap.
  mutating func finish() throws(BinaryFormatError) {
    segments.sort { $0.address < $1.address }
    for (lower, upper) in zip(segments, segments.dropFirst()) where lower.end > upper.address {
      throw .invalid("overlapping segments", offset: Int(clamping: upper.address))
    }
  }

  func integer(at address: UInt64, size: Int) -> UInt64? {
    guard let bytes = bytes(at: address, limit: size), bytes.count == size else { return nil }
    return bytes.integer(isBigEndian: isBigEndian)
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

  /// Writes an integer into mapped memory; what lies elsewhere is ignored.
  mutating func write(_ value: UInt64, at address: UInt64, size: Int) {
    for index in segments.indices
    where address >= segments[index].address && address < segments[index].end {
      let start = Int(address - segments[index].address)
      guard start + size <= segments[index].bytes.count else { return }
      for byte in 0..<size {
        let position = isBigEndian ? size - 1 - byte : byte
        segments[index].bytes[start + position] = UInt8(truncatingIfNeeded: value >> (8 * byte))
      }
    }
  }
}

extension ArraySlice<UInt8> {
  /// The number that up to eight bytes make.
  func integer(isBigEndian: Bool) -> UInt64 {
    isBigEndian
      ? reduce(0) { $0 << 8 | UInt64($1) } : reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
