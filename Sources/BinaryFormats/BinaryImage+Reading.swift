extension BinaryImage {
  /// Reads an extension module.
  ///
  /// - Parameter bytes: the whole file.
  /// - Throws: what is wrong with the file.
  package init(reading bytes: [UInt8]) throws(BinaryFormatError) {
    if bytes.starts(with: ELFHeaders.magic) {
      self = try ELFReader.read(bytes)
    } else if bytes.starts(with: [0x4d, 0x5a]) {
      throw .unsupportedFormat("PE")
    } else if Self.isMachO(bytes) {
      throw .unsupportedFormat("Mach-O")
    } else {
      throw .unknownFormat
    }
  }

  private static func isMachO(_ bytes: [UInt8]) -> Bool {
    let magics: [[UInt8]] = [
      [0xcf, 0xfa, 0xed, 0xfe], [0xce, 0xfa, 0xed, 0xfe], [0xca, 0xfe, 0xba, 0xbe],
      [0xca, 0xfe, 0xba, 0xbf],
    ]
    return magics.contains { bytes.starts(with: $0) }
  }
}
