/// Where machine code comes from, and what is known of its functions.
package protocol CodeSource {
  /// The executable bytes from an address on, at most `limit` of them.
  func code(at address: UInt64, limit: Int) -> ArraySlice<UInt8>?

  /// The function whose unwind entry covers an address.
  func functionRange(containing address: UInt64) -> Range<UInt64>?

  /// Whether a call of the function at an address never comes back.
  func doesNotReturn(_ address: UInt64) -> Bool
}
