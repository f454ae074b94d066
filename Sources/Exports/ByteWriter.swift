/// Bytes in the order of a little-endian file.
struct ByteWriter {
  private(set) var bytes: [UInt8] = []

  var count: Int { bytes.count }

  mutating func append(_ value: UInt64, size: Int) {
    for index in 0..<size { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
  }

  mutating func append(_ value: Int, size: Int) {
    append(UInt64(bitPattern: Int64(value)), size: size)
  }

  mutating func append(_ other: [UInt8]) { bytes += other }

  /// A text and a zero behind it; nothing in it ends it early.
  mutating func append(text: String) { bytes += text.utf8.filter { $0 != 0 } + [0] }

  /// A text in a field of its own, zeroes behind it; what does not fit is cut off.
  mutating func append(text: String, size: Int) {
    let content = text.utf8.prefix(size)
    bytes += content + [UInt8](repeating: 0, count: size - content.count)
  }

  mutating func appendUnsigned(leb128 value: UInt64) {
    var value = value
    repeat {
      let byte = UInt8(value & 0x7F)
      value >>= 7
      bytes.append(value == 0 ? byte : byte | 0x80)
    } while value != 0
  }

  mutating func appendSigned(leb128 value: Int) {
    var value = value
    while true {
      let byte = UInt8(value & 0x7F)
      value >>= 7
      let isDone = value == 0 && byte & 0x40 == 0 || value == -1 && byte & 0x40 != 0
      bytes.append(isDone ? byte : byte | 0x80)
      if isDone { return }
    }
  }

  mutating func align(to size: Int) {
    while bytes.count % size != 0 { bytes.append(0) }
  }

  /// Writes a number over bytes that stand there already.
  mutating func put(_ value: Int, at place: Int, size: Int) {
    for index in 0..<size {
      bytes[place + index] = UInt8(truncatingIfNeeded: value >> (8 * index))
    }
  }

  mutating func put(_ other: [UInt8], at place: Int) {
    bytes.replaceSubrange(place..<(place + other.count), with: other)
  }

  /// Puts the number of bytes behind a place into the four bytes before it.
  mutating func setLength(behind place: Int) {
    put(bytes.count - place, at: place - 4, size: 4)
  }
}
