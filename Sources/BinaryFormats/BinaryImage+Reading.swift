extension BinaryImage.Format {
  /// The format that a file's first bytes tell; nil if it is none of these.
  package init?(of bytes: [UInt8]) {
    if bytes.starts(with: ELFHeaders.magic) {
      self = .elf
    } else if bytes.starts(with: PEHeaders.magic) {
      self = .portableExecutable
    } else if MachOReader.canRead(bytes) {
      self = .machO
    } else {
      return nil
    }
  }
}

extension BinaryImage {
  /// Reads an extension module.
  ///
  /// - Parameter bytes: the whole file.
  /// - Throws: what is wrong with the file.
  package init(reading bytes: [UInt8]) throws(BinaryFormatError) {
    self =
      switch Format(of: bytes) {
      case .elf: try ELFReader.read(bytes)
      case .portableExecutable: try PEReader.read(bytes)
      case .machO: try MachOReader.read(bytes)
      case nil: throw .unknownFormat
      }
  }
}
