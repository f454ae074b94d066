/// How whoever started a decompilation watches it, and keeps it from what went wrong before.
///
/// A trap of Swift's runtime ends the process, and a loop may not end at all. The process that looks
/// on knows from the last event which function that was, and starts again without it.
package struct Supervision {
  package enum Event: Hashable, Sendable {
    /// The function at an address is begun, inside those that are not finished.
    case begin(address: UInt64, name: String)
    /// The function that was begun last is finished.
    case end
  }

  /// Why functions are left out, by the address of their code.
  package let skipped: [UInt64: String]
  /// If there is no time for more, the functions that are not left out, and why all others are.
  package let only: Selection?
  /// Hears of every event before what it tells happens.
  package let observe: (Event) -> Void

  /// Functions, by the address of their code, with the reason why all others are left out.
  package struct Selection: Codable, Sendable {
    package let addresses: Set<UInt64>
    package let reason: String

    package init(_ addresses: Set<UInt64>, reason: String) {
      self.addresses = addresses
      self.reason = reason
    }
  }

  package init(
    skipped: [UInt64: String] = [:], only: Selection? = nil,
    observe: @escaping (Event) -> Void = { _ in }
  ) {
    self.skipped = skipped
    self.only = only
    self.observe = observe
  }

  /// Why the function at an address is left out; nil if it is not.
  func reasonToSkip(_ address: UInt64) -> String? {
    if let only, !only.addresses.contains(address) { return only.reason }
    return skipped[address]
  }
}
