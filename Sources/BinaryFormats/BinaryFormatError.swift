/// The ways in which an untrusted file can fail to be what it claims.
package enum BinaryFormatError: Error, Equatable {
  /// The file is no executable of a known format.
  case unknownFormat
  /// The file is of a known format that is not read yet.
  case unsupportedFormat(String)
  /// The processor is one that is not read yet.
  case unsupportedArchitecture(String)
  /// Something should stand at an offset behind the end of the file.
  case truncated(offset: Int, wanted: Int)
  /// A field has a value that makes no sense.
  case invalid(String, offset: Int)
  /// The file asks for more memory than any extension module needs.
  case tooLarge(UInt64)
}
