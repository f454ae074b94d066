extension Expression {
  /// The expression with an assignment for the variable that it reads first; nil if it reads something
  /// else before.
  ///
  /// ```
  /// x is not None       →      (x := f()) is not None
  /// ```
  package func assigningFirst(_ name: String, _ value: Expression) -> Expression? {
    func first(_ inner: Expression) -> Expression? { inner.assigningFirst(name, value) }
    switch self {
    case .name(name): return .assignment(name, value)
    case .unary(let operation, let inner): return first(inner).map { .unary(operation, $0) }
    case .comparison(let left, let parts): return first(left).map { .comparison($0, parts) }
    case .boolean(let operation, let operands):
      return first(operands[0]).map { .boolean(operation, [$0] + operands.dropFirst()) }
    case .binary(let left, let operation, let right):
      return first(left).map { .binary($0, operation, right) }
    case .attribute(let object, let attribute):
      return first(object).map { .attribute($0, attribute) }
    case .call(.name(let callee), let arguments, let keywords)
    where callee != name && !arguments.isEmpty:
      return first(arguments[0]).map {
        .call(.name(callee), [$0] + arguments.dropFirst(), keywords)
      }
    default: return nil
    }
  }
}

extension [Statement] {
  /// Whether the statements give a variable another value, perhaps by further decisions.
  package func decideOn(_ name: String) -> Bool {
    contains { statement in
      switch statement.kind {
      case .assign(let targets, _): targets.contains(.name(name))
      case .if(_, let body, let rest): body.decideOn(name) || rest.decideOn(name)
      default: false
      }
    }
  }
}
