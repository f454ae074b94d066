extension BinaryImage {
  /// Reads an extension module.
  ///
  /// - Parameter bytes: the whole file.
  /// - Throws: what is wrong with the file.
  package init(reading bytes: [UInt8]) throws(BinaryFormatError) {
    if bytes.starts(with: ELFHeaders.magic) {
      self = try ELFReader.read(bytes)
    } else if bytes.starts(with: PEHeaders.magic) {
      self = try PEReader.read(bytes)
    } else if MachOReader.canRead(bytes) {
      self = try MachOReader.read(bytes)
    } else {
      throw .unknownFormat
    }
  }
}
