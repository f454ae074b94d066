/// How many rewrites a function may still get.
///
/// Whoever looks for the rewrite that goes wrong lowers the limit until the result is right.
package struct RewriteLimit {
  private var remaining: Int

  package init(_ limit: Int = .max) { remaining = limit }

  /// Takes one rewrite off; false if none is left.
  package mutating func spend() -> Bool {
    guard remaining > 0 else { return false }
    remaining -= 1
    return true
  }
}
