extension Expression {
  /// The expressions of which this one consists, in the order in which they are written.
  package var parts: [Expression] {
    switch self {
    case .constant, .name: []
    case .attribute(let inner, _), .starred(let inner), .unary(_, let inner), .await(let inner),
      .yieldFrom(let inner), .assignment(_, let inner):
      [inner]
    case .item(let object, let index): [object, index]
    case .slice(let start, let stop, let step): [start, stop, step].compactMap { $0 }
    case .call(let callee, let arguments, let keywords):
      [callee] + arguments + keywords.map(\.value)
    case .binary(let left, _, let right): [left, right]
    case .boolean(_, let operands): operands
    case .comparison(let first, let rest): [first] + rest.map(\.operand)
    case .conditional(let test, let yes, let no): [yes, test, no]
    case .lambda(let parameters, let body): parameters.expressions + [body]
    case .tuple(let items), .list(let items), .set(let items): items
    case .dictionary(let entries): entries.flatMap { [$0.key, $0.value].compactMap { $0 } }
    case .comprehension(_, let element, let value, let generators):
      [element] + [value].compactMap { $0 }
        + generators.flatMap { [$0.target, $0.iterable] + $0.conditions }
    case .formatted(let parts): parts.flatMap(\.expressions)
    case .yield(let inner): [inner].compactMap { $0 }
    }
  }

  /// Whether a name stands anywhere in the expression.
  package func mentions(_ isWanted: (String) -> Bool) -> Bool {
    if case .name(let name) = self { return isWanted(name) }
    return parts.contains { $0.mentions(isWanted) }
  }
}

extension Expression.FormattedPart {
  var expressions: [Expression] {
    switch self {
    case .text: []
    case .value(let value, _, let specification):
      [value] + (specification ?? []).flatMap(\.expressions)
    }
  }
}

extension Parameters {
  /// Defaults and annotations.
  var expressions: [Expression] {
    let named = positionalOnly + positional + keywordOnly
    let all = named + [star, doubleStar].compactMap { $0 }
    return all.flatMap { [$0.annotation, $0.defaultValue].compactMap { $0 } }
  }
}

extension Statement {
  /// The expressions that stand in the statement itself.
  package var expressions: [Expression] {
    switch kind {
    case .expression(let value): [value]
    case .assign(let targets, let value): targets + [value]
    case .augmentedAssign(let target, _, let value): [target, value]
    case .annotatedAssign(let target, let annotation, let value):
      [target, annotation] + [value].compactMap { $0 }
    case .delete(let targets): targets
    case .return(let value): [value].compactMap { $0 }
    case .raise(let exception, let cause): [exception, cause].compactMap { $0 }
    case .assert(let test, let message): [test] + [message].compactMap { $0 }
    case .if(let test, _, _), .while(let test, _, _): [test]
    case .for(let target, let iterable, _, _, _): [target, iterable]
    case .try(_, let handlers, _, _): handlers.compactMap(\.type)
    case .with(let items, _, _): items.flatMap { [$0.context, $0.target].compactMap { $0 } }
    case .function(let definition):
      definition.decorators + definition.parameters.expressions
        + [definition.returns].compactMap { $0 }
    case .class(let definition):
      definition.decorators + definition.bases + definition.keywords.map(\.value)
    case .pass, .break, .continue, .global, .nonlocal, .import, .importFrom, .comment: []
    }
  }

  /// The statements inside the statement.
  package var inner: [Statement] {
    switch kind {
    case .if(_, let body, let rest), .while(_, let body, let rest),
      .for(_, _, let body, let rest, _):
      body + rest
    case .try(let body, let handlers, let rest, let last):
      body + handlers.flatMap(\.body) + rest + last
    case .with(_, let body, _): body
    case .function(let definition): definition.body
    case .class(let definition): definition.body
    default: []
    }
  }

  /// Whether a name stands anywhere in the statement.
  package func mentions(_ isWanted: (String) -> Bool) -> Bool {
    expressions.contains { $0.mentions(isWanted) } || inner.contains { $0.mentions(isWanted) }
  }
}

extension Expression {
  /// Whether a `yield` stands in the expression that makes its function a generator.
  fileprivate var yields: Bool {
    switch self {
    case .yield, .yieldFrom: true
    case .lambda(let parameters, _): parameters.expressions.contains(where: \.yields)
    default: parts.contains(where: \.yields)
    }
  }
}

extension [Statement] {
  /// Whether a `yield` stands among the statements that makes their function a generator.
  package var yield: Bool {
    contains { statement in
      if statement.expressions.contains(where: \.yields) { return true }
      switch statement.kind {
      case .function, .class: return false
      default: return statement.inner.yield
      }
    }
  }

  /// Whether control never gets behind the statements.
  package var alwaysLeaves: Bool {
    guard let last else { return false }
    switch last.kind {
    case .return, .raise, .break, .continue: return true
    case .if(_, let body, let rest): return body.alwaysLeaves && rest.alwaysLeaves
    case .try(let body, let handlers, let rest, _):
      return handlers.allSatisfy { $0.body.alwaysLeaves }
        && (body.alwaysLeaves || rest.alwaysLeaves)
    default: return false
    }
  }

  /// The statements of a loop with bare `return`s replaced, as far as they leave this loop only.
  package func replacingReturns(by kind: Statement.Kind) -> [Statement] {
    map { statement in
      switch statement.kind {
      case .return(nil), .return(.constant(.none)): return Statement(kind, line: statement.line)
      case .for, .while: return statement
      default: return statement.mappingBodies { $0.replacingReturns(by: kind) }
      }
    }
  }
}

extension Statement {
  /// The lines of the statement and of all inside of it, as far as they are known.
  package var lines: [Int] { [line].compactMap(\.self) + inner.lines }
}

extension Collection where Element == Statement {
  /// The lines of the statements and of all inside of them, as far as they are known.
  package var lines: [Int] { flatMap(\.lines) }
}
