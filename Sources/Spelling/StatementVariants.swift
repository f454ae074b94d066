import PythonSyntax

/// Other spellings of a statement and what follows it in its block.
struct StatementVariants {
  let statement: Statement
  let rest: [Statement]
  let place: Place
  let facts: SpellingFacts

  init(
    _ statement: Statement, followedBy rest: [Statement], _ place: Place, _ facts: SpellingFacts
  ) {
    self.statement = statement
    self.rest = rest
    self.place = place
    self.facts = facts
  }

  private var endsFunction: Bool { place.endsFunction }

  /// Each variant with everything that follows.
  var all: [[Statement]] { spellings + naming() }

  private var spellings: [[Statement]] {
    switch statement.kind {
    case .if(let test, let body, let otherwise):
      conditional(test, body, otherwise) + returningInside(test, body, otherwise)
        + returningBehind() + returningLater() + continuing(test, body, otherwise)
        + assigning(test, body, otherwise)
    case .return(let value): returned(value)
    case .assign(let targets, let value):
      assigned(targets, value) + deciding(targets, value) + joined(targets, value)
        + moved(targets, value) + readingCopy(targets, value)
    case .for(let target, let iterable, let body, let otherwise, let isAsync):
      loop(body, otherwise) {
        .for(target, iterable, $0, $1, isAsync: isAsync)
      }
    case .while(let test, let body, let otherwise):
      loop(body, otherwise) { .while(test, $0, $1) }
    case .try(let body, let handlers, let otherwise, let last):
      attempt(body, handlers, otherwise, last) + returningLater()
    default: []
    }
  }

  func with(_ kind: Statement.Kind) -> Statement {
    var result = statement
    result.kind = kind
    return result
  }

  // MARK: Conditional statements

  private func conditional(
    _ test: Expression, _ body: [Statement], _ otherwise: [Statement]
  ) -> [[Statement]] {
    var result: [[Statement]] = []
    if !otherwise.isEmpty {
      result.append([with(.if(test.negated, otherwise, body))] + rest)
      if body.alwaysLeaves { result.append([with(.if(test, body, []))] + otherwise + rest) }
      if otherwise.alwaysLeaves {
        result.append([with(.if(test.negated, otherwise, []))] + body + rest)
      }
      result += choice(test, body, otherwise).map { [$0] + rest }
      if let end = body.last, end.kind == otherwise.last?.kind, body.count + otherwise.count > 2 {
        let (first, second) = (Array(body.dropLast()), Array(otherwise.dropLast()))
        let shared: Statement.Kind =
          first.isEmpty ? .if(test.negated, second, []) : .if(test, first, second)
        result.append([with(shared), end] + rest)
      }
      if otherwise.count == 1, case .if(let second, body, let last) = otherwise[0].kind {
        result.append([with(.if(Expression.joined(.or, test, second), body, last))] + rest)
      }
    } else {
      result += nested(test, body) + leavingFirst(test, body) + returningFirst(test, body)
      if body.alwaysLeaves { result += guarded(test, body) }
    }
    if case .boolean(.or, let operands) = test, body.count == 1 {
      let first = operands[0]
      let others = operands.count == 2 ? operands[1] : .boolean(.or, Array(operands.dropFirst()))
      result.append([with(.if(first, body, [Statement(.if(others, body, otherwise))]))] + rest)
      if otherwise.isEmpty, body.alwaysLeaves {
        result.append([with(.if(first, body, [])), Statement(.if(others, body, []))] + rest)
      }
    }
    return result
  }

  /// `if a and b:` and nested statements.
  private func nested(_ test: Expression, _ body: [Statement]) -> [[Statement]] {
    var result: [[Statement]] = []
    if body.count == 1, case .if(let inner, let innerBody, []) = body[0].kind {
      result.append([with(.if(Expression.joined(.and, test, inner), innerBody, []))] + rest)
    }
    if case .boolean(.and, let operands) = test {
      for split in 1..<operands.count {
        let left = Array(operands[..<split])
        let right = Array(operands[split...])
        let inner = Statement(.if(right.count == 1 ? right[0] : .boolean(.and, right), body, []))
        result.append(
          [with(.if(left.count == 1 ? left[0] : .boolean(.and, left), [inner], []))] + rest)
      }
    }
    return result
  }

  /// ```
  /// if a and b: f()                if not a: return x
  /// return x                →      if b: f()
  ///                                return x
  /// ```
  private func leavingFirst(_ test: Expression, _ body: [Statement]) -> [[Statement]] {
    guard case .boolean(.and, let operands) = test, rest.count == 1, case .return = rest[0].kind
    else { return [] }
    return (1..<operands.count).map { split in
      let left =
        operands[..<split].count == 1 ? operands[0] : .boolean(.and, Array(operands[..<split]))
      let right = Array(operands[split...])
      let inner = right.count == 1 ? right[0] : Expression.boolean(.and, right)
      return [with(.if(left.negated, rest, [])), Statement(.if(inner, body, []))] + rest
    }
  }

  /// ```
  /// if a: f(); g()         if not a: return x
  /// return x        →      f()
  ///                        g()
  ///                        return x
  /// ```
  /// Nobody does so before a single statement.
  private func returningFirst(_ test: Expression, _ body: [Statement]) -> [[Statement]] {
    guard !body.alwaysLeaves, rest.count == 1, case .return = rest[0].kind,
      body.count > 1 || body.contains(where: { !$0.inner.isEmpty })
    else { return [] }
    return [[with(.if(test.negated, rest, []))] + body + rest]
  }

  /// `if a: return x`, followed by what is done otherwise.
  private func guarded(_ test: Expression, _ body: [Statement]) -> [[Statement]] {
    var result: [[Statement]] = []
    if let next = rest.first, case .if(let second, body, []) = next.kind {
      result.append(
        [with(.if(Expression.joined(.or, test, second), body, []))] + rest.dropFirst())
    }
    guard let last = rest.last else { return result }
    if rest.count > 1, body.count == 1, body[0].kind == last.kind {
      result.append([with(.if(test.negated, Array(rest.dropLast()), [])), last])
    }
    result.append([with(.if(test, body, rest))])
    if rest.alwaysLeaves || endsFunction {
      let tail = rest.alwaysLeaves ? rest : rest + [Statement(.return(nil))]
      result.append([with(.if(test.negated, tail, []))] + body)
      result.append([with(.if(test.negated, tail, body))])
    }
    if place.endsLoop, !rest.alwaysLeaves {
      result.append([with(.if(test.negated, rest, body))])
    }
    if rest.count == 1 { result += choice(test, body, rest).map { [$0] } }
    return result
  }

  /// One statement with a conditional expression for two statements.
  private func choice(
    _ test: Expression, _ body: [Statement], _ otherwise: [Statement]
  ) -> [Statement] {
    guard body.count == 1, otherwise.count == 1 else { return [] }
    switch (body[0].kind, otherwise[0].kind) {
    case (.return(let yes), .return(let no)):
      return choices(test, yes ?? .none, no ?? .none).map { with(.return($0)) }
    case (.assign(let targets, let yes), .assign(let others, let no)) where targets == others:
      return choices(test, yes, no).map { with(.assign(targets, $0)) }
    default: return []
    }
  }

  private func choices(
    _ test: Expression, _ yes: Expression, _ no: Expression
  ) -> [Expression] {
    let whole = Expression.conditional(test: test, yes, no)
    return [whole] + whole.spellings(facts)
  }

  // MARK: Simple statements

  private func returned(_ value: Expression?) -> [[Statement]] {
    guard let value else { return [[with(.return(.constant(.none)))] + rest] }
    var result: [[Statement]] = []
    if case .constant(.none) = value { result.append([with(.return(nil))] + rest) }
    for (test, yes, no) in value.decisions {
      let (first, second) = (with(.return(yes)), with(.return(no)))
      result.append([with(.if(test, [first], [])), second] + rest)
      result.append([with(.if(test, [first], [second]))] + rest)
    }
    switch value {
    case .name, .constant: break
    default:
      // A `finally` clause would read another value of the variable.
      let names = value.localNames(facts).filter { name in
        !place.cleanup.contains { $0.mentions { $0 == name } }
      }
      for name in facts.unusedNames.prefix(4) + names {
        result.append([with(.assign([.name(name)], value)), with(.return(.name(name)))] + rest)
      }
    }
    return result
  }

  private func assigned(_ targets: [Expression], _ value: Expression) -> [[Statement]] {
    var result: [[Statement]] = []
    if case .conditional = value {
      // Nobody says that a variable stays what it is.
      for (test, yes, no) in value.decisions where targets != [yes] {
        let other = targets == [no] ? [] : [with(.assign(targets, no))]
        result.append([with(.if(test, [with(.assign(targets, yes))], other))] + rest)
      }
    }
    if let exchanged = Self.exchanged(targets, value) { result.append([with(exchanged)] + rest) }
    // `b = a` behind `a = x`.
    if targets.count == 1, case .name = targets[0], let next = rest.first,
      case .assign(let others, targets[0]) = next.kind, others.count == 1, case .name = others[0]
    {
      let tail = rest.dropFirst()
      result.append([with(.assign([targets[0], others[0]], value))] + tail)
      result.append([with(.assign([others[0], targets[0]], value))] + tail)
    }
    return result
  }

  /// `b, a = a, b` for `a, b = b, a`.
  private static func exchanged(
    _ targets: [Expression], _ value: Expression
  ) -> Statement.Kind? {
    guard targets.count == 1, case .tuple(let names) = targets[0], case .tuple(let values) = value,
      names.count == 2, values.count == 2, names[0] != names[1],
      (names + values).allSatisfy({ if case .name = $0 { true } else { false } })
    else { return nil }
    return .assign([.tuple(names.reversed())], .tuple(values.reversed()))
  }

  // MARK: Loops

  /// `return x` in a loop, for a `break` to the same `return` behind it.
  private func loop(
    _ body: [Statement], _ otherwise: [Statement],
    _ make: ([Statement], [Statement]) -> Statement.Kind
  ) -> [[Statement]] {
    var result: [[Statement]] = []
    // What is done when the loop ends by itself stands behind it if nothing else ends it.
    if !otherwise.isEmpty, !body.breaksLoop {
      result.append([with(make(body, []))] + otherwise + rest)
    }
    if otherwise.isEmpty, !rest.isEmpty, rest.alwaysLeaves, endsFunction {
      let changed = body.replacingReturns(by: .break)
      if changed != body { result.append([with(make(changed, rest))]) }
    }
    if rest.count == 1, case .return = rest[0].kind, otherwise.alwaysLeaves || otherwise.isEmpty {
      let changed = body.replacingBreaks(by: rest[0].kind)
      if changed != body {
        result.append([with(make(changed, []))] + (otherwise.isEmpty ? rest : otherwise))
      }
    }
    if rest.isEmpty, endsFunction, otherwise.isEmpty {
      let changed = body.replacingReturns(by: .break)
      if changed != body { result.append([with(make(changed, []))]) }
    }
    return result
  }

  // MARK: Exceptions

  /// A last statement that cannot fail stands in `else:` as well as in the body.
  private func attempt(
    _ body: [Statement], _ handlers: [Statement.ExceptHandler], _ otherwise: [Statement],
    _ last: [Statement]
  ) -> [[Statement]] {
    guard !handlers.isEmpty else { return [] }
    var result: [[Statement]] = []
    let handlersLeave = handlers.allSatisfy { $0.body.alwaysLeaves }
    if body.count > 1, otherwise.isEmpty, let end = body.last, end.cannotFail {
      let attempted = Array(body.dropLast())
      result.append([with(.try(attempted, handlers, [end], last))] + rest)
      if handlersLeave {
        result.append([with(.try(attempted, handlers, [], last)), end] + rest)
      }
    }
    if !otherwise.isEmpty, otherwise.allSatisfy(\.cannotFail) {
      result.append([with(.try(body + otherwise, handlers, [], last))] + rest)
    }
    if last.isEmpty, !otherwise.isEmpty, !handlersLeave, place.endsLoop, rest.isEmpty {
      let leaving = handlers.map {
        Statement.ExceptHandler(
          $0.type, $0.name, $0.body.alwaysLeaves ? $0.body : $0.body + [.init(.continue)])
      }
      result.append([with(.try(body, leaving, [], []))] + otherwise)
    }
    if last.isEmpty, place.endsFunction, otherwise.isEmpty, !rest.isEmpty,
      handlers.allSatisfy({
        $0.type != nil && $0.body.count == 1 && $0.body[0].kind == .return(nil)
      })
    {
      let idle = handlers.map { Statement.ExceptHandler($0.type, $0.name, [.init(.pass)]) }
      result.append([with(.try(body, idle, rest, []))])
    }
    if last.isEmpty, handlersLeave {
      if !otherwise.isEmpty {
        result.append([with(.try(body, handlers, [], []))] + otherwise + rest)
      } else if !rest.isEmpty, !body.alwaysLeaves {
        result.append([with(.try(body, handlers, rest, []))])
      }
    }
    return result
  }
}

extension Expression {
  /// The ways to read a value as a decision between two; a constant decides nothing.
  var decisions: [(test: Expression, yes: Expression, no: Expression)] {
    switch self {
    case .conditional(let test, let yes, let no):
      return [(test, yes, no), (test.negated, no, yes)]
    case .boolean(let operation, let operands):
      return (1..<operands.count).compactMap { split in
        let left = Array(operands[..<split])
        let right = Array(operands[split...])
        guard left.allSatisfy(\.isBoolean) else { return nil }
        let test = left.count == 1 ? left[0] : .boolean(operation, left)
        let other = right.count == 1 ? right[0] : Expression.boolean(operation, right)
        return operation == .and
          ? (test.negated, .constant(.false), other) : (test, .constant(.true), other)
      } + (isBoolean ? [(self, .constant(.true), .constant(.false))] : [])
    case .constant: return []
    case .call(.name("bool"), let arguments, []) where arguments.count == 1:
      return [(arguments[0], .constant(.true), .constant(.false))]
    default: return isBoolean ? [(self, .constant(.true), .constant(.false))] : []
    }
  }
}

extension Statement {
  /// Whether the statement raises nothing, whatever happened before.
  fileprivate var cannotFail: Bool {
    switch kind {
    case .return(nil), .return(.constant), .pass, .break, .continue: true
    case .assign(let targets, .constant):
      targets.allSatisfy { if case .name = $0 { true } else { false } }
    default: false
    }
  }
}

extension [Statement] {
  /// The statements of a loop with its own `break`s replaced, except those that leave a `try` or
  /// `with` as well: what is returned would be evaluated inside.
  fileprivate func replacingBreaks(by kind: Statement.Kind) -> [Statement] {
    map { statement in
      switch statement.kind {
      case .break: return Statement(kind, line: statement.line)
      case .for, .while, .try, .with: return statement
      default: return statement.mappingBodies { $0.replacingBreaks(by: kind) }
      }
    }
  }
}
