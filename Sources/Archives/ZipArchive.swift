/// A zip file, wheel or egg, from its central directory (PKWARE's APPNOTE.TXT).
struct ZipArchive {
  private let bytes: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }

  static func matches(_ bytes: ArraySlice<UInt8>) -> Bool {
    bytes.starts(with: [0x50, 0x4B, 3, 4]) || bytes.starts(with: [0x50, 0x4B, 5, 6])
  }

  func entries(_ isWanted: (String) -> Bool) throws(ArchiveError) -> [Archive.Entry] {
    guard let end = endOfDirectory(), let count = bytes.number(at: end + 10, 2),
      var offset = bytes.number(at: end + 16, 4)
    else { throw .truncated }
    var result: [Archive.Entry] = []
    var total = 0
    for _ in 0..<count {
      guard bytes.number(at: offset, 4) == 0x0201_4B50, let flags = bytes.number(at: offset + 8, 2),
        let method = bytes.number(at: offset + 10, 2), let size = bytes.number(at: offset + 24, 4),
        let packed = bytes.number(at: offset + 20, 4),
        let nameSize = bytes.number(at: offset + 28, 2),
        let extraSize = bytes.number(at: offset + 30, 2),
        let commentSize = bytes.number(at: offset + 32, 2),
        let header = bytes.number(at: offset + 42, 4),
        let name = bytes.text(at: offset + 46, nameSize)
      else { throw .damaged("the directory of a zip file") }
      offset += 46 + nameSize + extraSize + commentSize
      guard isWanted(name) else { continue }
      guard flags & 1 == 0 else { throw .unsupported("encryption") }
      guard size < 0xFFFF_FFFF, packed < 0xFFFF_FFFF, header < 0xFFFF_FFFF else {
        throw .tooLarge
      }
      total += size
      guard total <= Archive.limit else { throw .tooLarge }
      let content = try content(at: header, method: method, packed: packed, size: size)
      result.append(Archive.Entry(path: Archive.safePath(name), bytes: content))
    }
    return result
  }

  /// The record at the end; a comment of up to 64 KiB may stand behind it.
  private func endOfDirectory() -> Int? {
    var offset = bytes.count - 22
    let last = max(0, offset - 0xFFFF)
    while offset >= last {
      if bytes.number(at: offset, 4) == 0x0605_4B50 { return offset }
      offset -= 1
    }
    return nil
  }

  private func content(
    at header: Int, method: Int, packed: Int, size: Int
  ) throws(ArchiveError) -> [UInt8] {
    guard bytes.number(at: header, 4) == 0x0403_4B50,
      let nameSize = bytes.number(at: header + 26, 2),
      let extraSize = bytes.number(at: header + 28, 2),
      let stream = bytes.bytes(at: header + 30 + nameSize + extraSize, packed)
    else { throw .damaged("a zip file's entry") }
    switch method {
    case 0 where packed == size: return Array(stream)
    case 8: return try Compression.inflate(stream, size: size)
    default: throw .unsupported("zip method \(method)")
    }
  }
}
