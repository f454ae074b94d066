extension Expression {
  /// The expression with every part replaced, innermost first.
  package func mapped(_ change: (Expression) -> Expression) -> Expression {
    change(mappingParts { $0.mapped(change) })
  }

  /// The expression with the expressions of which it consists replaced, in the order of ``parts``
  /// except for the test of a conditional expression, which comes first.
  package func mappingParts(_ map: (Expression) -> Expression) -> Expression {
    switch self {
    case .constant, .name: self
    case .attribute(let inner, let name): .attribute(map(inner), name)
    case .starred(let inner): .starred(map(inner))
    case .unary(let operation, let inner): .unary(operation, map(inner))
    case .await(let inner): .await(map(inner))
    case .yieldFrom(let inner): .yieldFrom(map(inner))
    case .assignment(let name, let inner): .assignment(name, map(inner))
    case .item(let object, let index): .item(map(object), map(index))
    case .slice(let start, let stop, let step):
      .slice(start.map(map), stop.map(map), step.map(map))
    case .call(let callee, let arguments, let keywords):
      .call(
        map(callee), arguments.map(map), keywords.map { Keyword($0.name, map($0.value)) })
    case .binary(let left, let operation, let right): .binary(map(left), operation, map(right))
    case .boolean(let operation, let operands): .boolean(operation, operands.map(map))
    case .comparison(let first, let rest):
      .comparison(map(first), rest.map { ComparisonPart($0.operator, map($0.operand)) })
    case .conditional(let test, let yes, let no):
      .conditional(test: map(test), map(yes), map(no))
    case .lambda(let parameters, let body): .lambda(parameters, map(body))
    case .tuple(let items): .tuple(items.map(map))
    case .list(let items): .list(items.map(map))
    case .set(let items): .set(items.map(map))
    case .dictionary(let entries):
      .dictionary(entries.map { DictionaryEntry($0.key.map(map), map($0.value)) })
    case .comprehension(let kind, let element, let value, let generators):
      .comprehension(
        kind, map(element), value: value.map(map),
        generators.map {
          Generator(
            map($0.target), map($0.iterable), $0.conditions.map(map), isAsync: $0.isAsync)
        })
    case .formatted(let parts): .formatted(parts.map { $0.mapping(map) })
    case .yield(let inner): .yield(inner.map(map))
    }
  }
}

extension Expression.FormattedPart {
  fileprivate func mapping(_ map: (Expression) -> Expression) -> Self {
    switch self {
    case .text: self
    case .value(let value, let conversion, let specification):
      .value(map(value), conversion, specification.map { $0.map { $0.mapping(map) } })
    }
  }
}

extension Statement {
  /// The statement with the expressions that stand in itself replaced, innermost first.
  package func mappingExpressions(_ change: (Expression) -> Expression) -> Statement {
    mappingOwnExpressions { $0.mapped(change) }
  }

  /// The statement with the expressions that stand in itself replaced, as a whole each.
  package func mappingOwnExpressions(_ map: (Expression) -> Expression) -> Statement {
    var result = self
    switch kind {
    case .expression(let value): result.kind = .expression(map(value))
    case .assign(let targets, let value): result.kind = .assign(targets.map(map), map(value))
    case .augmentedAssign(let target, let operation, let value):
      result.kind = .augmentedAssign(map(target), operation, map(value))
    case .annotatedAssign(let target, let annotation, let value):
      result.kind = .annotatedAssign(map(target), annotation: annotation, value.map(map))
    case .delete(let targets): result.kind = .delete(targets.map(map))
    case .return(let value): result.kind = .return(value.map(map))
    case .raise(let exception, let cause):
      result.kind = .raise(exception.map(map), cause: cause.map(map))
    case .assert(let test, let message):
      result.kind = .assert(map(test), message: message.map(map))
    case .if(let test, let body, let rest): result.kind = .if(map(test), body, rest)
    case .while(let test, let body, let rest): result.kind = .while(map(test), body, rest)
    case .for(let target, let iterable, let body, let rest, let isAsync):
      result.kind = .for(map(target), map(iterable), body, rest, isAsync: isAsync)
    case .with(let items, let body, let isAsync):
      result.kind = .with(
        items.map { WithItem(map($0.context), $0.target.map(map)) }, body, isAsync: isAsync)
    case .try(let body, let handlers, let rest, let last):
      result.kind = .try(
        body, handlers.map { .init($0.type.map(map), $0.name, $0.body) }, rest, last)
    default: break
    }
    return result
  }

  /// The statement with each of its bodies replaced; definitions are left as they are.
  package func mappingBodies(_ change: ([Statement]) -> [Statement]) -> Statement {
    var result = self
    switch kind {
    case .if(let test, let body, let rest): result.kind = .if(test, change(body), change(rest))
    case .while(let test, let body, let rest):
      result.kind = .while(test, change(body), change(rest))
    case .for(let target, let iterable, let body, let rest, let isAsync):
      result.kind = .for(target, iterable, change(body), change(rest), isAsync: isAsync)
    case .try(let body, let handlers, let rest, let last):
      result.kind = .try(
        change(body), handlers.map { .init($0.type, $0.name, change($0.body)) }, change(rest),
        change(last))
    case .with(let items, let body, let isAsync):
      result.kind = .with(items, change(body), isAsync: isAsync)
    default: break
    }
    return result
  }
}

extension [Statement] {
  /// The statements with other names for variables.
  package func renaming(_ names: [String: String]) -> [Statement] {
    map { statement in
      statement.mappingExpressions { expression in
        guard case .name(let name) = expression, let other = names[name] else { return expression }
        return .name(other)
      }
      .mappingBodies { $0.renaming(names) }
      .renamingCaught(names)
    }
  }
}

extension Statement {
  /// The statement with other names for what its own handlers catch.
  fileprivate func renamingCaught(_ names: [String: String]) -> Statement {
    guard case .try(let body, let handlers, let rest, let last) = kind else { return self }
    var result = self
    let renamed = handlers.map { handler in
      ExceptHandler(handler.type, handler.name.map { names[$0] ?? $0 }, handler.body)
    }
    result.kind = .try(body, renamed, rest, last)
    return result
  }
}
