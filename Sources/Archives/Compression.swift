internal import CCompressionShim
internal import CSleighShim

/// Compressed streams.
enum Compression {
  /// What a compressed file holds; nil if it is none.
  static func unpacked(_ bytes: ArraySlice<UInt8>) throws(ArchiveError) -> [UInt8]? {
    if bytes.starts(with: [0x1F, 0x8B]) { return try gzip(bytes) }
    for format in Format.allCases where bytes.starts(with: format.mark) {
      return try unpacked(Array(bytes), format)
    }
    return nil
  }

  /// The formats that libraries unpack.
  private enum Format: CaseIterable {
    case xz, zstd, bzip2

    /// What a stream begins with.
    var mark: [UInt8] {
      switch self {
      case .xz: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]
      case .zstd: [0x28, 0xB5, 0x2F, 0xFD]
      case .bzip2: [0x42, 0x5A, 0x68]
      }
    }
  }

  private static func unpacked(_ bytes: [UInt8], _ format: Format) throws(ArchiveError) -> [UInt8] {
    var output: UnsafeMutablePointer<UInt8>?
    var size = 0
    let limit = Archive.limit
    let result =
      switch format {
      case .xz: unsafe ccompression_unpack_xz(bytes, bytes.count, limit, &output, &size)
      case .zstd: unsafe ccompression_unpack_zstd(bytes, bytes.count, limit, &output, &size)
      case .bzip2: unsafe ccompression_unpack_bzip2(bytes, bytes.count, limit, &output, &size)
      }
    defer { unsafe ccompression_free(output) }
    switch Int(result) {
    case CCOMPRESSION_DONE: return unsafe Array(UnsafeBufferPointer(start: output, count: size))
    case CCOMPRESSION_TRUNCATED: throw .truncated
    case CCOMPRESSION_TOO_LARGE: throw .tooLarge
    default: throw .damaged("a compressed stream")
    }
  }

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
