import IR
import Raising
import Simplification

// Where steps stand in the C code, which Cython 0.29 and 3.0 keep for tracebacks.
extension FunctionStructurer {
  /// Whether the arms of a test are parts of the test's own statement; nil if nothing tells.
  ///
  /// What stands nearer than a comment is proof; more may be done between the parts of an expression.
  ///
  /// In front of each statement stands a comment of nine lines with its source
  /// (`emit_marker` in `Cython/Compiler/Code.py`).
  ///
  /// ```
  /// x = a.b if c else a.d        C lines 10, 12, 17
  /// if c: x = a.b
  /// else: x = a.d                C lines 10, 20, 41
  /// ```
  func isOneStatement(_ test: Test) -> Bool? {
    guard let last = test.blocks.compactMap({ cLines(of: $0).max() }).max() else { return nil }
    let arms = [test.yes, test.no].compactMap { side -> Int? in
      guard raiser.function[side.target].predecessors.allSatisfy(test.blocks.contains) else {
        return nil
      }
      return cLines(of: side.target).min()
    }
    if let first = arms.min() {
      return first > last && first - last < Self.markerLines ? true : nil
    }
    // Neither arm can fail. What comes behind stands below at least one comment.
    guard let next = sortedCLines.first(where: { $0 > last }) else { return nil }
    let distance = next - last
    if distance < 3 * Self.markerLines { return true }
    return distance < 4 * Self.markerLines || distance > 7 * Self.markerLines ? nil : false
  }

  private static let markerLines = 9

  private func cLines(of block: Block.ID) -> [Int] {
    // Later versions hand on 0.
    raiser.function[block].instructions.compactMap { raiser.sites[$0]?.cLine }.filter { $0 > 0 }
  }
}
