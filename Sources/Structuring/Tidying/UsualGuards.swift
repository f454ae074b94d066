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
      body.alwaysLeaves
        ? body.count > 1 && !body.contains(last.kind)
        : body.contains(where: \.isMoreThanTest)
    else { return }
    removeLast()
    self[count - 1].kind = .if(test.negated, [last], [])
    self += body
    if !body.alwaysLeaves { append(last) }
  }
}

extension [Statement] {
  /// Whether a statement stands anywhere in these: compilers have one copy of it then.
  fileprivate func contains(_ kind: Statement.Kind) -> Bool {
    contains { $0.kind == kind || $0.inner.contains(kind) }
  }
}

extension Statement {
  /// Whether other statements stand in this one, which is no test that may belong to the one around it:
  /// `if a and b: …`.
  fileprivate var isMoreThanTest: Bool {
    if case .if = kind { false } else { !inner.isEmpty }
  }

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
