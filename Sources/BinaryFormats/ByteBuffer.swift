/// Bytes of an untrusted file, read with bounds checks.
package struct ByteBuffer: Sendable {
  package let bytes: [UInt8]
  package let isBigEndian: Bool

  package init(_ bytes: [UInt8], isBigEndian: Bool = false) {
    self.bytes = bytes
    self.isBigEndian = isBigEndian
  }

  package var count: Int { bytes.count }

  /// Reads an unsigned integer of up to eight bytes.
  package func integer(at offset: Int, size: Int) throws(BinaryFormatError) -> UInt64 {
    guard offset >= 0, size >= 0, offset <= count - size else {
      throw .truncated(offset: offset, wanted: size)
    }
    var value: UInt64 = 0
    for index in 0..<size {
      let position = isBigEndian ? index : size - 1 - index
      value = value << 8 | UInt64(bytes[offset + position])
    }
    return value
  }

  /// Reads an unsigned integer as an offset or a count.
  package func count(at offset: Int, size: Int) throws(BinaryFormatError) -> Int {
    let value = try integer(at: offset, size: size)
    guard let number = Int(exactly: value) else { throw .invalid("count", offset: offset) }
    return number
  }

  package func slice(_ offset: Int, _ size: Int) throws(BinaryFormatError) -> ArraySlice<UInt8> {
    guard offset >= 0, size >= 0, offset <= count - size else {
      throw .truncated(offset: offset, wanted: size)
    }
    return bytes[offset..<(offset + size)]
  }

  /// Reads a string up to its terminating zero, or up to the end of the bytes.
  package func string(at offset: Int) -> String {
    guard offset >= 0, offset < count else { return "" }
    let text = bytes[offset...].prefix(4096).prefix { $0 != 0 }
    return String(decoding: text, as: UTF8.self)
  }
}
