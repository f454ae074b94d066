/// A tar archive: ustar with the long names of GNU and of POSIX.
struct TarArchive {
  private let bytes: ArraySlice<UInt8>
  private static let blockSize = 512

  init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }

  static func matches(_ bytes: ArraySlice<UInt8>) -> Bool {
    bytes.text(at: 257, 5) == "ustar"
  }

  func entries(_ isWanted: (String) -> Bool) throws(ArchiveError) -> [Archive.Entry] {
    var result: [Archive.Entry] = []
    var offset = 0
    var longName: String?
    // Two blocks of zeros end the archive.
    while let first = bytes.number(at: offset, 1), first != 0 {
      guard let size = bytes.digits(at: offset + 124, 12, base: 8),
        let kind = bytes.number(at: offset + 156, 1), let short = bytes.text(at: offset, 100),
        let prefix = bytes.text(at: offset + 345, 155)
      else { throw .damaged("a header in a tar archive") }
      guard let content = bytes.bytes(at: offset + Self.blockSize, size) else { throw .truncated }
      let blocks = size / Self.blockSize + (size % Self.blockSize == 0 ? 0 : 1)
      offset += (1 + blocks) * Self.blockSize
      switch UInt8(truncatingIfNeeded: kind) {
      case UInt8(ascii: "L"): longName = content.text(at: 0, content.count)
      case UInt8(ascii: "x"): longName = Self.path(inRecords: content) ?? longName
      case UInt8(ascii: "0"), 0:
        let name = longName ?? (prefix.isEmpty ? short : prefix + "/" + short)
        longName = nil
        if isWanted(name) {
          result.append(Archive.Entry(path: Archive.safePath(name), bytes: Array(content)))
        }
      default: longName = nil
      }
    }
    return result
  }

  /// The `path` of records such as `30 path=a/long/name\n`.
  private static func path(inRecords bytes: ArraySlice<UInt8>) -> String? {
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      let text = String(decoding: line, as: UTF8.self)
      guard let space = text.firstIndex(of: " ") else { continue }
      let record = text[text.index(after: space)...]
      if record.hasPrefix("path=") { return String(record.dropFirst(5)) }
    }
    return nil
  }
}

/// A Debian package: an `ar` archive with the files in its member `data.tar`.
enum DebianPackage {
  /// The member with the files; nil if the bytes are no package.
  static func data(of bytes: ArraySlice<UInt8>) throws(ArchiveError) -> ArraySlice<UInt8>? {
    guard bytes.starts(with: Array("!<arch>\n".utf8)) else { return nil }
    var offset = 8
    while let name = bytes.text(at: offset, 16) {
      guard let size = bytes.digits(at: offset + 48, 10, base: 10) else {
        throw .damaged("a header in an ar archive")
      }
      guard let content = bytes.bytes(at: offset + 60, size) else { throw .truncated }
      if name.hasPrefix("data.tar") { return content }
      offset += 60 + size + size % 2
    }
    return nil
  }
}
