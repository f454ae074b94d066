/// The sum by which Windows tells a damaged image, `CheckSum` of the optional header: all 16-bit words
/// added with their carries, and the file's length.
///
/// Microsoft's *PE Format* names `CheckSumMappedFile` of imagehlp.dll, which computes it.
enum PEChecksum {
  /// The sum of a file, its own field, of four bytes, left out.
  static func sum(of bytes: [UInt8], at field: Int) -> Int {
    var sum = 0
    for place in stride(from: 0, to: bytes.count, by: 2) where place != field && place != field + 2
    {
      sum += Int(bytes[place]) | (place + 1 < bytes.count ? Int(bytes[place + 1]) << 8 : 0)
      sum = sum & 0xFFFF + sum >> 16
    }
    return sum + bytes.count
  }
}
