/// Where the steps of a function stand in the C source, in its order.
///
/// Cython 0.29 and 3.0 keep the line of each step that can fail in both sources for tracebacks. In front of
/// each statement stands a comment with its source, so that the distance between two steps tells what
/// stands between them even if it cannot fail (`emit_marker` in `Cython/Compiler/Code.py`).
package struct CLineTable: Sendable {
  /// Steps that follow each other in the C source and belong to one line of the Python source.
  struct Run {
    let line: Int
    let first: Int
    var last: Int
  }

  let runs: [Run]
  /// The lines of the Python source with a step.
  let lines: Set<Int>
  /// Whether the source may hold `:=`, which Cython knows since 3.0.
  let hasAssignmentExpressions: Bool

  /// - Parameters:
  ///   - places: the lines of each step in the Python source and in the C source.
  ///   - hasAssignmentExpressions: whether the source may hold `:=`.
  package init(_ places: [(line: Int, cLine: Int)], hasAssignmentExpressions: Bool = true) {
    self.hasAssignmentExpressions = hasAssignmentExpressions
    var runs: [Run] = []
    for place in places.sorted(by: { ($0.cLine, $0.line) < ($1.cLine, $1.line) }) {
      if let last = runs.last, last.line == place.line {
        runs[runs.count - 1].last = place.cLine
      } else {
        runs.append(Run(line: place.line, first: place.cLine, last: place.cLine))
      }
    }
    self.runs = runs
    lines = Set(runs.map(\.line))
  }

  package var isEmpty: Bool { runs.isEmpty }
}
