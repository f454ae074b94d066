import BinaryFormats

/// A segment's load command in a dSYM: the module's own, with nothing of the file behind it.
///
/// `segment_command_64` and `section_64` of Apple's `<mach-o/loader.h>`.
struct CompanionSegment {
  static let commandSize = 72
  static let sectionSize = 80

  let segment: MachOHeaders.Segment
  private(set) var end: UInt64
  private var command = ByteWriter()

  /// - Parameters:
  ///   - file: the module.
  ///   - range: the bytes of the command.
  ///   - segment: what it says.
  /// - Throws: what is wrong with the command.
  init(
    _ file: ByteBuffer, _ range: Range<Int>, _ segment: MachOHeaders.Segment
  ) throws(BinaryFormatError) {
    let (end, overflows) = segment.address.addingReportingOverflow(segment.size)
    guard range.count == Self.commandSize + segment.sections.count * Self.sectionSize,
      !overflows, end <= UInt64(Int64.max >> 1)
    else { throw .invalid("segment", offset: range.lowerBound) }
    (self.segment, self.end) = (segment, end)
    command.append(Array(try file.slice(range.lowerBound, range.count)))
    // fileoff and filesize; offset of each section, reloff and nreloc
    command.put([UInt8](repeating: 0, count: 16), at: 40)
    for index in segment.sections.indices {
      let place = Self.commandSize + index * Self.sectionSize
      command.put(0, at: place + 48, size: 4)
      command.put(0, at: place + 56, size: 8)
    }
  }

  var size: Int { command.count }

  var bytes: [UInt8] { command.bytes }

  /// Says where in the dSYM the segment's contents lie, and makes it as large as they are.
  mutating func setContents(_ range: Range<Int>, size: Int) {
    command.put(size, at: 32, size: 8)
    command.put(range.lowerBound, at: 40, size: 8)
    command.put(range.count, at: 48, size: 8)
    end = segment.address + UInt64(size)
  }
}
