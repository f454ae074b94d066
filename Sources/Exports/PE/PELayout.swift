import BinaryFormats

/// What a PE file says of itself that changes when something is added to it.
///
/// Microsoft's *PE Format*, "Optional Header (Image Only)" and "Section Table (Section Headers)".
struct PELayout {
  static let sectionHeaderSize = 40

  let headers: PEHeaders
  /// What addresses of sections are multiples of, and what their places in the file are.
  let alignment: (memory: Int, file: Int)
  let headersSize: Int
  /// Whether the file states a sum of its bytes.
  let hasChecksum: Bool
  /// Where the directory's entry for signatures stands, if there is one.
  let signatures: Int?
  /// The flags of the COFF header.
  let characteristics: Int

  init(_ file: ByteBuffer) throws(BinaryFormatError) {
    headers = try PEHeaders(file)
    let (header, optional, sections) = headers.places
    let directories = optional + (headers.architecture.pointerSize == 8 ? 112 : 96)
    guard sections >= directories else { throw .invalid("optional header", offset: optional) }
    alignment = (
      try file.count(at: optional + 32, size: 4), try file.count(at: optional + 36, size: 4)
    )
    guard Self.isPowerOfTwo(alignment.memory), Self.isPowerOfTwo(alignment.file),
      alignment.file <= 0x1_0000
    else { throw .invalid("alignment", offset: optional + 32) }
    headersSize = try file.count(at: optional + 60, size: 4)
    hasChecksum = try file.integer(at: optional + 64, size: 4) != 0
    let entries = try file.count(at: directories - 4, size: 4)
    let entry = directories + 4 * 8
    signatures = entries > 4 && entry + 8 <= sections ? entry : nil
    characteristics = try file.count(at: header + 18, size: 2)
  }

  private static func isPowerOfTwo(_ number: Int) -> Bool {
    number > 0 && number & (number - 1) == 0
  }

  /// Where headers of further sections go.
  var tableEnd: Int { headers.places.sections + headers.sections.count * Self.sectionHeaderSize }

  /// Whether further sections fit behind the section table, where nothing else stands, and whether the
  /// loader takes that many.
  func hasRoom(for count: Int, in file: ByteBuffer) -> Bool {
    let size = count * Self.sectionHeaderSize
    let contents = headers.sections.filter { $0.fileSize > 0 }.map(\.offset)
    let limit = min(headersSize, contents.min() ?? headersSize)
    guard tableEnd + size <= limit, headers.sections.count + count <= 96,
      let bytes = try? file.slice(tableEnd, size)
    else { return false }
    // Files whose sections lie in memory as they do in the file cannot get others behind their end.
    return bytes.allSatisfy { $0 == 0 } && alignment.memory >= 0x1000
  }

  /// Where the memory of the last section ends, relative to the start of the image: the loader allows
  /// no gaps.
  var memoryEnd: Int {
    let ends = headers.sections.map { Int(clamping: $0.address - headers.base &+ $0.size) }
    return aligned(ends.max() ?? headersSize)
  }

  /// The first address for a section at a distance or behind it.
  func aligned(_ distance: Int) -> Int { (distance + alignment.memory - 1) & -alignment.memory }
}
