import PythonSyntax

// The order of definitions in the source, as far as lines tell.
extension [Statement] {
  /// Puts a definition before the first one that stands lower in the source, or at the end.
  mutating func insertByLine(_ definition: Statement) {
    guard let line = definition.knownLine else {
      append(definition)
      return
    }
    let place = firstIndex { ($0.knownLine ?? 0) > line }
    insert(definition, at: place ?? endIndex)
  }
}

extension Statement {
  /// The first line of the statement, or of what stands in it, that is known.
  fileprivate var knownLine: Int? {
    if case .function(let definition) = kind, let line = definition.line { return line }
    return line ?? inner.compactMap(\.knownLine).min()
  }
}
