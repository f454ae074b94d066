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
  /// Hears of every event before what it tells happens.
  package let observe: (Event) -> Void

  package init(skipped: [UInt64: String] = [:], observe: @escaping (Event) -> Void = { _ in }) {
    self.skipped = skipped
    self.observe = observe
  }
}
