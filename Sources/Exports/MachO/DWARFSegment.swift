/// The segment of a dSYM that holds the debug information.
struct DWARFSegment {
  let sections: [DebugInformation.Section]
  /// Where the contents lie in the file, and the address of memory that nothing else takes.
  var place: (offset: Int, address: Int) = (0, 0)

  init(_ sections: [DebugInformation.Section]) { self.sections = sections }

  var commandSize: Int {
    CompanionSegment.commandSize + sections.count * CompanionSegment.sectionSize
  }

  var contents: [UInt8] { sections.flatMap(\.bytes) }

  /// The load command, with what dsymutil allows the memory.
  var command: [UInt8] {
    var writer = ByteWriter()
    let size = contents.count
    // LC_SEGMENT_64
    writer.append(0x19, size: 4)
    writer.append(commandSize, size: 4)
    writer.append(text: "__DWARF", size: 16)
    for field in [place.address, DSYMCompanion.aligned(size), place.offset, size] {
      writer.append(field, size: 8)
    }
    // maxprot, initprot, nsects, flags
    for field in [7, 3, sections.count, 0] { writer.append(field, size: 4) }
    var (offset, address) = place
    for (name, bytes) in sections {
      writer.append(text: "__" + name, size: 16)
      writer.append(text: "__DWARF", size: 16)
      writer.append(address, size: 8)
      writer.append(bytes.count, size: 8)
      writer.append(offset, size: 4)
      writer.append([UInt8](repeating: 0, count: 28))
      (offset, address) = (offset + bytes.count, address + bytes.count)
    }
    return writer.bytes
  }
}
