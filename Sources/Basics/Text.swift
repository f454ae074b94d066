/// Text as Python has it: any sequence of code points, lone surrogates included.
package struct Text: Hashable, Sendable {
  package let codePoints: [UInt32]

  package init(codePoints: [UInt32]) { self.codePoints = codePoints }

  package init(_ string: String) { codePoints = string.unicodeScalars.map(\.value) }

  /// Decodes UTF-8; surrogates may stand in it as three bytes, as Python's `surrogatepass` has it.
  ///
  /// - Returns: nil if the bytes are not of that form.
  package init?(utf8 bytes: some Collection<UInt8>) {
    var codePoints: [UInt32] = []
    codePoints.reserveCapacity(bytes.count)
    var iterator = bytes.makeIterator()
    while let first = iterator.next() {
      let (count, bits): (Int, UInt8)
      switch first {
      case 0..<0x80: (count, bits) = (0, first)
      case 0xC2..<0xE0: (count, bits) = (1, first & 0x1F)
      case 0xE0..<0xF0: (count, bits) = (2, first & 0x0F)
      case 0xF0..<0xF5: (count, bits) = (3, first & 0x07)
      default: return nil
      }
      var value = UInt32(bits)
      for _ in 0..<count {
        guard let next = iterator.next(), next & 0xC0 == 0x80 else { return nil }
        value = value << 6 | UInt32(next & 0x3F)
      }
      guard value <= 0x10FFFF else { return nil }
      codePoints.append(value)
    }
    self.codePoints = codePoints
  }

  /// The text as a Swift string; nil if it holds surrogates.
  package var string: String? {
    var result = String.UnicodeScalarView()
    for value in codePoints {
      guard let scalar = Unicode.Scalar(value) else { return nil }
      result.append(scalar)
    }
    return String(result)
  }
}
