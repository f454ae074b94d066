import PythonSyntax

// What people ask before they begin.
extension [Statement] {
  /// ```
  /// if x is not None:              if x is None: return False
  ///   for y in x: f(y)      →      for y in x: f(y)
  /// return False                   return False
  /// ```
  /// Of what a test that denies something leads to, the shorter part comes first. Both forms are the same
  /// code; lines and columns may choose the other one.
  mutating func guardFirst() {
    guard count > 1, let last, last.isPlainReturn,
      case .if(let test, let body, []) = self[count - 2].kind, test.denies,
      body.alwaysLeaves ? body.count > 1 : body.contains(where: { !$0.inner.isEmpty })
    else { return }
    removeLast()
    self[count - 1].kind = .if(test.negated, [last], [])
    self += body
    if !body.alwaysLeaves { append(last) }
  }
}

extension Statement {
  /// Whether a variable or a constant is returned.
  fileprivate var isPlainReturn: Bool {
    switch kind {
    case .return(.name?), .return(.constant?): true
    default: false
    }
  }
}

extension Expression {
  /// Whether a test reads `not …`, `… is not …` and the like.
  fileprivate var denies: Bool {
    switch self {
    case .unary(.not, _): true
    case .comparison(_, let parts):
      parts.count == 1 && [.isNot, .notIn, .notEqual].contains(parts[0].operator)
    default: false
    }
  }
}
