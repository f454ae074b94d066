package import IR

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension Verifier {
  /// Whether functions are checked between passes.
  package static let isEnabled = unsafe getenv("DECYTHON_VERIFY") != nil

  /// Ends the program if a pass left a function that is not sound.
  ///
  /// - Parameters:
  ///   - function: what the pass left.
  ///   - phase: how far the function is.
  ///   - pass: the name of the pass.
  package static func check(
    _ function: borrowing Function, _ phase: Phase, after pass: StaticString
  ) {
    guard isEnabled else { return }
    let problems = Verifier(phase).problems(in: function)
    guard problems.isEmpty else {
      let place = "function 0x" + String(function.address, radix: 16)
      fatalError("\(pass) left \(place) unsound: " + problems.joined(separator: "; "))
    }
  }
}
