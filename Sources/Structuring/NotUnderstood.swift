/// Why a function cannot be written as Python.
package struct NotUnderstood: Error, Hashable, Sendable {
  package let reason: String
  /// Where in the binary the step stands that stopped the work; 0 if it was none in particular.
  package let address: UInt64

  /// Whether nothing around the step can be trusted either.
  package let isFatal: Bool

  package init(_ reason: String, at address: UInt64 = 0, isFatal: Bool = false) {
    self.reason = reason
    self.isFatal = isFatal
    self.address = address
  }
}
