extension Expression {
  /// The expression with others in the place of those that `replacement` knows; defaults of lambdas
  /// stay as they are.
  package func replacing(_ replacement: (Expression) -> Expression?) -> Expression {
    if let new = replacement(self) { return new }
    func new(_ inner: Expression) -> Expression { inner.replacing(replacement) }
    switch self {
    case .constant, .name: return self
    case .attribute(let inner, let name): return .attribute(new(inner), name)
    case .item(let object, let index): return .item(new(object), new(index))
    case .slice(let start, let stop, let step):
      return .slice(start.map(new), stop.map(new), step.map(new))
    case .starred(let inner): return .starred(new(inner))
    case .call(let callee, let arguments, let keywords):
      return .call(
        new(callee), arguments.map(new), keywords.map { Keyword($0.name, new($0.value)) })
    case .unary(let op, let inner): return .unary(op, new(inner))
    case .binary(let left, let op, let right): return .binary(new(left), op, new(right))
    case .boolean(let op, let operands): return .boolean(op, operands.map(new))
    case .comparison(let first, let rest):
      return .comparison(
        new(first), rest.map { ComparisonPart($0.operator, new($0.operand)) })
    case .conditional(let test, let yes, let no):
      return .conditional(test: new(test), new(yes), new(no))
    case .lambda(let parameters, let body): return .lambda(parameters, new(body))
    case .tuple(let items): return .tuple(items.map(new))
    case .list(let items): return .list(items.map(new))
    case .set(let items): return .set(items.map(new))
    case .dictionary(let entries):
      return .dictionary(entries.map { DictionaryEntry($0.key.map(new), new($0.value)) })
    case .comprehension(let kind, let element, let value, let generators):
      return .comprehension(
        kind, new(element), value: value.map(new), generators.map { $0.replacing(replacement) })
    case .formatted(let parts): return .formatted(parts.map { $0.replacing(replacement) })
    case .await(let inner): return .await(new(inner))
    case .yield(let inner): return .yield(inner.map(new))
    case .yieldFrom(let inner): return .yieldFrom(new(inner))
    case .assignment(let name, let inner): return .assignment(name, new(inner))
    }
  }
}

extension Expression.Generator {
  fileprivate func replacing(_ replacement: (Expression) -> Expression?) -> Self {
    Self(
      target.replacing(replacement), iterable.replacing(replacement),
      conditions.map { $0.replacing(replacement) }, isAsync: isAsync)
  }
}

extension Expression.FormattedPart {
  fileprivate func replacing(_ replacement: (Expression) -> Expression?) -> Self {
    guard case .value(let value, let conversion, let specification) = self else { return self }
    return .value(
      value.replacing(replacement), conversion, specification?.map { $0.replacing(replacement) })
  }
}
