internal import CSleighShim

/// Compressed streams.
enum Compression {
  /// What a compressed file holds; nil if it is none.
  static func unpacked(_ bytes: ArraySlice<UInt8>) throws(ArchiveError) -> [UInt8]? {
    if bytes.starts(with: [0x1F, 0x8B]) { return try gzip(bytes) }
    for (name, mark) in unread where bytes.starts(with: mark) {
      throw .unsupported("\(name) compression")
    }
    return nil
  }

  private static let unread: [(String, [UInt8])] = [
    ("xz", [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]), ("zstd", [0x28, 0xB5, 0x2F, 0xFD]),
    ("bzip2", [0x42, 0x5A, 0x68]),
  ]

  /// A gzip file with one member (RFC 1952).
  private static func gzip(_ bytes: ArraySlice<UInt8>) throws(ArchiveError) -> [UInt8] {
    guard bytes.count >= 18, let flags = bytes.number(at: 3, 1),
      let size = bytes.number(at: bytes.count - 4, 4)
    else { throw .truncated }
    var offset = 10
    if flags & 4 != 0 {
      guard let extra = bytes.number(at: 10, 2) else { throw .truncated }
      offset += 2 + extra
    }
    // The file's name and a comment, which end in a zero each.
    for flag in [8, 16] where flags & flag != 0 {
      guard let rest = bytes.bytes(at: offset, bytes.count - offset),
        let end = rest.firstIndex(of: 0)
      else { throw .truncated }
      offset = end + 1 - bytes.startIndex
    }
    if flags & 2 != 0 { offset += 2 }
    guard let stream = bytes.bytes(at: offset, bytes.count - 8 - offset) else { throw .truncated }
    return try inflate(stream, size: size)
  }

  /// Unpacks a deflate stream to its known size.
  static func inflate(_ stream: ArraySlice<UInt8>, size: Int) throws(ArchiveError) -> [UInt8] {
    guard size <= Archive.limit else { throw .tooLarge }
    // Deflate never packs tighter than that.
    guard size / 1032 <= stream.count else { throw .damaged("the size of a compressed stream") }
    var output = [UInt8](repeating: 0, count: max(size, 1))
    let input = Array(stream)
    let written = unsafe csleigh_inflate_raw(input, input.count, &output, output.count)
    guard written == size else { throw .damaged("a compressed stream") }
    return Array(output.prefix(size))
  }
}
