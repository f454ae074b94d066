/// The fixed parts of an ELF file, as the *System V Application Binary Interface* defines them.
struct ELFHeaders {
  /// A row of the program header table.
  struct ProgramHeader {
    let kind: UInt64
    let flags: UInt64
    let offset: Int
    let address: UInt64
    let fileSize: Int
    let memorySize: UInt64
  }

  /// A row of the section header table.
  struct SectionHeader {
    let name: Int
    let kind: UInt64
    let address: UInt64
    let offset: Int
    let size: Int
    let link: Int
  }

  let architecture: Architecture
  let is64Bit: Bool
  /// Width of an address in bytes.
  var wordSize: Int { is64Bit ? 8 : 4 }
  /// What the processor's own supplement defines.
  let flags: UInt64
  let programHeaders: [ProgramHeader]
  /// Empty if the table is missing or damaged; nothing relies on it.
  let sectionHeaders: [SectionHeader]
  let sectionNames: Int

  static let magic: [UInt8] = [0x7f, 0x45, 0x4c, 0x46]

  init(_ file: ByteBuffer) throws(BinaryFormatError) {
    is64Bit = try file.integer(at: 4, size: 1) == 2
    let machine = try file.integer(at: 18, size: 2)
    guard let architecture = Self.architectures[machine] else {
      throw .unsupportedArchitecture("ELF machine \(machine)")
    }
    self.architecture = machine == 8 && is64Bit ? .mips64 : architecture
    let word = is64Bit ? 8 : 4
    flags = try file.integer(at: is64Bit ? 48 : 36, size: 4)
    let programOffset = try file.count(at: is64Bit ? 32 : 28, size: word)
    let programSize = try file.count(at: is64Bit ? 54 : 42, size: 2)
    let programCount = try file.count(at: is64Bit ? 56 : 44, size: 2)
    guard programCount > 0, programSize >= (is64Bit ? 56 : 32) else {
      throw .invalid("program header table", offset: programOffset)
    }
    var programHeaders: [ProgramHeader] = []
    for index in 0..<programCount {
      let offset = programOffset.addingReportingOverflow(index * programSize).partialValue
      programHeaders.append(try Self.programHeader(file, offset, is64Bit))
    }
    self.programHeaders = programHeaders
    (sectionHeaders, sectionNames) = Self.sections(file, is64Bit)
  }

  private static func programHeader(
    _ file: ByteBuffer, _ offset: Int, _ is64Bit: Bool
  ) throws(BinaryFormatError) -> ProgramHeader {
    guard is64Bit else {
      return ProgramHeader(
        kind: try file.integer(at: offset, size: 4),
        flags: try file.integer(at: offset + 24, size: 4),
        offset: try file.count(at: offset + 4, size: 4),
        address: try file.integer(at: offset + 8, size: 4),
        fileSize: try file.count(at: offset + 16, size: 4),
        memorySize: try file.integer(at: offset + 20, size: 4))
    }
    return ProgramHeader(
      kind: try file.integer(at: offset, size: 4),
      flags: try file.integer(at: offset + 4, size: 4),
      offset: try file.count(at: offset + 8, size: 8),
      address: try file.integer(at: offset + 16, size: 8),
      fileSize: try file.count(at: offset + 32, size: 8),
      memorySize: try file.integer(at: offset + 40, size: 8))
  }

  /// Reads the section header table, if there is a sound one.
  private static func sections(
    _ file: ByteBuffer, _ is64Bit: Bool
  ) -> (headers: [SectionHeader], names: Int) {
    let word = is64Bit ? 8 : 4
    guard let table = try? file.count(at: is64Bit ? 40 : 32, size: word), table > 0,
      let size = try? file.count(at: is64Bit ? 58 : 46, size: 2), size >= (is64Bit ? 64 : 40),
      let count = try? file.count(at: is64Bit ? 60 : 48, size: 2),
      let names = try? file.count(at: is64Bit ? 62 : 50, size: 2),
      table <= file.count
    else { return ([], 0) }
    var headers: [SectionHeader] = []
    for index in 0..<count {
      let offset = table + index * size
      guard let header = try? sectionHeader(file, offset, is64Bit) else { return ([], 0) }
      headers.append(header)
    }
    return (headers, names)
  }

  private static func sectionHeader(
    _ file: ByteBuffer, _ offset: Int, _ is64Bit: Bool
  ) throws(BinaryFormatError) -> SectionHeader {
    let word = is64Bit ? 8 : 4
    return SectionHeader(
      name: try file.count(at: offset, size: 4),
      kind: try file.integer(at: offset + 4, size: 4),
      address: try file.integer(at: offset + (is64Bit ? 16 : 12), size: word),
      offset: try file.count(at: offset + (is64Bit ? 24 : 16), size: word),
      size: try file.count(at: offset + (is64Bit ? 32 : 20), size: word),
      link: try file.count(at: offset + (is64Bit ? 40 : 24), size: 4))
  }

  private static let architectures: [UInt64: Architecture] = [
    3: .i386, 8: .mips32, 21: .powerpc64, 22: .s390x, 40: .arm, 62: .x8664, 183: .aarch64,
    243: .riscv64,
  ]
}
