extension [Statement] {
  /// Whether Python refuses the statements because too much stands in one another, with some room for
  /// what they are put into.
  ///
  /// CPython takes 100 levels of indentation and 200 of parentheses (`MAXINDENT` and `MAXLEVEL` in
  /// Parser/tokenizer.h).
  package var areNestedTooDeeply: Bool { areNested(deeperThan: 80) }

  private func areNested(deeperThan limit: Int) -> Bool {
    guard limit > 0 else { return true }
    return contains { statement in
      if statement.expressions.contains(where: { $0.isNested(deeperThan: 150) }) { return true }
      // `elif` stands where its `if` does.
      if case .if(_, let body, let rest) = statement.kind, rest.count == 1, case .if = rest[0].kind
      {
        return body.areNested(deeperThan: limit - 1) || rest.areNested(deeperThan: limit)
      }
      return !statement.inner.isEmpty && statement.inner.areNested(deeperThan: limit - 1)
    }
  }
}

extension Expression {
  fileprivate func isNested(deeperThan limit: Int) -> Bool {
    limit <= 0 || parts.contains { $0.isNested(deeperThan: limit - 1) }
  }
}
