/// A container of files that is read in memory: a wheel or zip, a tar archive, a Debian package.
package struct Archive: Sendable {
  /// A file in an archive.
  package struct Entry: Sendable {
    /// The path inside the archive, without anything that could lead out of a folder.
    package let path: String
    package let bytes: [UInt8]
  }

  /// The files whose names were asked for, by path.
  package let entries: [Entry]

  /// The most bytes that are unpacked from one archive.
  static let limit = 2 << 30

  /// Reads an archive; nil if the bytes are none.
  ///
  /// `isWanted` tells by a file's name whether it is unpacked.
  package init?(
    reading bytes: [UInt8], isWanted: (String) -> Bool
  ) throws(ArchiveError) {
    guard let entries = try Self.entries(bytes[...], depth: 0, isWanted) else { return nil }
    self.entries = entries.sorted {
      $0.path.unicodeScalars.lexicographicallyPrecedes($1.path.unicodeScalars)
    }
  }

  private static func entries(
    _ bytes: ArraySlice<UInt8>, depth: Int, _ isWanted: (String) -> Bool
  ) throws(ArchiveError) -> [Entry]? {
    guard depth < 4 else { throw .damaged("archives in archives") }
    if ZipArchive.matches(bytes) { return try ZipArchive(bytes).entries(isWanted) }
    if TarArchive.matches(bytes) { return try TarArchive(bytes).entries(isWanted) }
    if let inner = try Compression.unpacked(bytes) {
      return try entries(inner[...], depth: depth + 1, isWanted)
    }
    guard let members = try DebianPackage.data(of: bytes) else { return nil }
    return try entries(members, depth: depth + 1, isWanted)
  }

  /// A path that stays inside the folder it is appended to.
  static func safePath(_ text: String) -> String {
    text.split(whereSeparator: { $0 == "/" || $0 == "\\" })
      .filter { $0 != "." && $0 != ".." }
      .map { part in
        String(
          part.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? "_" : Character($0) })
      }
      .joined(separator: "/")
  }
}

/// What is wrong with an archive.
package enum ArchiveError: Error, Equatable {
  case truncated
  case damaged(String)
  case unsupported(String)
  case tooLarge
}
