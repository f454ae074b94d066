// Fields at distances from a slice's start; nil where the slice ends before them.
extension ArraySlice<UInt8> {
  func bytes(at offset: Int, _ count: Int) -> ArraySlice<UInt8>? {
    guard offset >= 0, count >= 0, offset <= self.count, count <= self.count - offset else {
      return nil
    }
    return self[(startIndex + offset)..<(startIndex + offset + count)]
  }

  /// A little-endian number.
  func number(at offset: Int, _ size: Int) -> Int? {
    guard let field = bytes(at: offset, size) else { return nil }
    let value = field.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return Int(exactly: value)
  }

  func text(at offset: Int, _ size: Int) -> String? {
    bytes(at: offset, size).map { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }

  /// A number in digits of a base, with spaces around it.
  func digits(at offset: Int, _ size: Int, base: Int) -> Int? {
    let digits = text(at: offset, size)?.filter { $0 != " " }
    return digits.flatMap { $0.isEmpty ? 0 : Int($0, radix: base) }.flatMap { $0 < 0 ? nil : $0 }
  }
}
