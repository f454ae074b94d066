/// Where machine code comes from, and what is known of its functions.
package protocol CodeSource {
  /// The executable bytes from an address on, at most `limit` of them.
  func code(at address: UInt64, limit: Int) -> ArraySlice<UInt8>?

  /// The function whose unwind entry covers an address.
  func functionRange(containing address: UInt64) -> Range<UInt64>?

  /// What stands in memory that nothing writes after loading.
  func constant(at address: UInt64, size: Int) -> UInt64?

  /// What the register for the table of addresses holds, on machines that have one.
  var tablePointer: UInt64? { get }

  /// Whether a call of the function at an address never comes back.
  func doesNotReturn(_ address: UInt64) -> Bool
}
