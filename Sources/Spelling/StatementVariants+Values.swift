import PythonSyntax

// Variables that get one of two values.
extension StatementVariants {
  /// ```
  /// if c: x = f()          →      x = f() if c else x
  /// if not x: x = f()      →      x = x or f()
  /// ```
  func assigning(
    _ test: Expression, _ body: [Statement], _ otherwise: [Statement]
  ) -> [[Statement]] {
    guard otherwise.isEmpty, body.count == 1, case .assign(let targets, let value) = body[0].kind,
      targets.count == 1, case .name = targets[0]
    else { return [] }
    let target = targets[0]
    var values = [
      Expression.conditional(test: test, value, target),
      .conditional(test: test.negated, target, value),
    ]
    if test == target { values.append(Expression.joined(.and, target, value)) }
    if test == .unary(.not, target) { values.append(Expression.joined(.or, target, value)) }
    return values.map { [with(.assign(targets, $0))] + rest }
  }

  /// ```
  /// x = f() if c else x     →      if c: x = f()
  /// x = x or f()            →      if not x: x = f()
  /// x = g() or f()          →      x = g()
  ///                                if not x: x = f()
  /// ```
  func deciding(_ targets: [Expression], _ value: Expression) -> [[Statement]] {
    guard targets.count == 1, case .name = targets[0] else { return [] }
    let target = targets[0]
    func setting(_ test: Expression, _ value: Expression) -> Statement {
      with(.if(test, [with(.assign(targets, value))], []))
    }
    switch value {
    case .conditional(let test, let yes, target): return [[setting(test, yes)] + rest]
    case .conditional(let test, target, let no): return [[setting(test.negated, no)] + rest]
    case .boolean(let operation, let operands):
      let others = Array(operands.dropFirst())
      let second = others.count == 1 ? others[0] : .boolean(operation, others)
      let test = operation == .and ? target : target.negated
      let choice = setting(test, second)
      guard case .name(let name) = target, !second.mentions({ $0 == name }) else {
        return operands[0] == target ? [[choice] + rest] : []
      }
      if operands[0] == target { return [[choice] + rest] }
      return [[with(.assign(targets, operands[0])), choice] + rest]
    default: return []
    }
  }

  /// ```
  /// x = g()
  /// if not x: x = f()       →      x = g() or f()
  /// x = 1
  /// y = 1                   →      x = y = 1
  /// x = f()
  /// y = g()                 →      x, y = f(), g()
  /// x = f()
  /// if x is None: …         →      if (x := f()) is None: …
  /// ```
  func joined(_ targets: [Expression], _ value: Expression) -> [[Statement]] {
    guard let next = rest.first else { return [] }
    let tail = Array(rest.dropFirst())
    switch next.kind {
    case .if(let test, let body, let otherwise):
      guard targets.count == 1, case .name(let name) = targets[0] else { return [] }
      guard body.count == 1, case .assign(targets, let other) = body[0].kind else {
        // Where what follows is known to stand further down, the test has a line of its own.
        if let line = statement.line ?? next.line,
          let following = (body + otherwise + tail).lazy.compactMap(\.line).first,
          following > line + 1
        {
          return []
        }
        guard facts.locals.contains(name), !(body + otherwise).decideOn(name),
          let assigning = test.assigningFirst(name, value)
        else { return [] }
        return [[with(.if(assigning, body, otherwise))] + tail]
      }
      guard otherwise.isEmpty, !other.mentions({ $0 == name }) else { return [] }
      let operation: Expression.BooleanOperator
      switch test {
      case targets[0]: operation = .and
      case .unary(.not, targets[0]): operation = .or
      default: return []
      }
      return [[with(.assign(targets, Expression.joined(operation, value, other)))] + tail]
    case .assign(let others, let other):
      var result: [[Statement]] = []
      if value == other, case .constant = value, statement.line == next.line {
        result.append([with(.assign(targets + others, value))] + tail)
        result.append([with(.assign(others + targets, value))] + tail)
      }
      if let both = unpacking(targets, value, others, other) {
        result.append([with(both)] + tail)
      }
      return result
    default: return []
    }
  }

  /// A variable that is read instead of the one whose value it got.
  ///
  /// ```
  /// a = b                  a = b
  /// b = f(b)        →      b = f(a)
  /// ```
  func readingCopy(_ targets: [Expression], _ value: Expression) -> [[Statement]] {
    guard targets.count == 1, case .name(let copy) = targets[0], case .name(let source) = value,
      facts.locals.contains(copy), facts.locals.contains(source)
    else { return [] }
    var result: [[Statement]] = []
    for (index, next) in rest.enumerated().prefix(4) where next.inner.isEmpty {
      if case .assign(let others, let read) = next.kind, read.mentions({ $0 == source }) {
        var changed = next
        changed.kind = .assign(others, read.replacing { $0 == value ? targets[0] : nil })
        result.append([statement] + rest[..<index] + [changed] + rest[(index + 1)...])
      }
      if next.mentions({ $0 == copy }) || next.assigns(source) { break }
    }
    return result
  }

  /// A text that a variable holds first.
  ///
  /// ```
  /// raise E('text')        →      x = 'text'
  ///                               raise E(x)
  /// ```
  func naming() -> [[Statement]] {
    if case .expression(.constant) = statement.kind { return [] }
    guard statement.inner.isEmpty, !facts.unusedNames.isEmpty else { return [] }
    return statement.expressions.flatMap(\.texts).flatMap { text in
      facts.unusedNames.prefix(4).map { name in
        let reading = statement.mappingOwnExpressions {
          $0.replacing { $0 == text ? .name(name) : nil }
        }
        return [Statement(.assign([.name(name)], text)), reading] + rest
      }
    }
  }

  /// A constant that is assigned further down, behind what has nothing to do with the variable.
  ///
  /// ```
  /// x = 0
  /// f()               →      f()
  /// g()                      x = 0
  ///                          g()
  /// ```
  func moved(_ targets: [Expression], _ value: Expression) -> [[Statement]] {
    guard !place.isAttempted, place.cleanup.isEmpty, targets.count == 1,
      case .name(let name) = targets[0],
      case .constant = value, facts.locals.contains(name)
    else { return [] }
    var result: [[Statement]] = []
    for index in rest.indices.prefix(6) {
      let next = [rest[index]]
      guard !rest[index].mentions({ $0 == name }), !next.alwaysLeaves, !next.breaksLoop,
        !next.continuesLoop
      else { break }
      result.append(Array(rest[...index]) + [statement] + rest[(index + 1)...])
    }
    return result
  }

  /// Two assignments of which neither reads what the other one sets.
  private func unpacking(
    _ targets: [Expression], _ value: Expression, _ others: [Expression], _ other: Expression
  ) -> Statement.Kind? {
    guard targets.count == 1, others.count == 1, let line = statement.line, line == rest.first?.line
    else { return nil }
    var (names, values) = ([targets[0]], [value])
    if case .tuple(let items) = targets[0], case .tuple(let parts) = value,
      items.count == parts.count
    {
      (names, values) = (items, parts)
    } else if case .tuple = targets[0] {
      return nil
    }
    if case .tuple = others[0] { return nil }
    // A handler may see what was assigned before an error.
    guard !names.contains(others[0]), !place.isAttempted || other.isSteady,
      !names.contains(where: { name in
        guard case .name(let text) = name else { return !other.isSteady }
        return other.mentions { $0 == text } || !facts.locals.contains(text) && !other.isSteady
      })
    else { return nil }
    return .assign([.tuple(names + others)], .tuple(values + [other]))
  }
}

// Ways out of blocks.
extension StatementVariants {
  /// A `return` behind a test, put into its arms.
  ///
  /// ```
  /// if c: f()                   if c: f(); return x
  /// return x             →      return x
  /// ```
  func returningInside(
    _ test: Expression, _ body: [Statement], _ otherwise: [Statement]
  ) -> [[Statement]] {
    guard rest.count == 1, case .return(let value) = rest[0].kind, !body.alwaysLeaves,
      value?.isSteady ?? true
    else { return [] }
    let first = body + rest
    guard !otherwise.isEmpty else { return [[with(.if(test, first, []))] + rest] }
    let second = otherwise.alwaysLeaves ? otherwise : otherwise + rest
    return [[with(.if(test, first, second))], [with(.if(test, first, otherwise))] + rest]
  }

  /// What arms return as the statement behind them does, left to that one.
  ///
  /// ```
  /// if c:                       if c:
  ///     if d: f(); return x         if d: f()
  /// return x             →      return x
  /// ```
  func returningBehind() -> [[Statement]] {
    guard rest.count == 1, case .return = rest[0].kind,
      let changed = statement.droppingEnds(rest[0].kind), changed != statement
    else { return [] }
    return [[changed] + rest]
  }

  /// What several arms return, put into a variable that is returned behind them.
  ///
  /// ```
  /// if c: return f()            if c: x = f()
  /// return g()           →      else: x = g()
  ///                             return x
  /// ```
  func returningLater() -> [[Statement]] {
    guard place.endsFunction, ([statement] + rest).alwaysLeaves,
      let statement = ([statement] + rest).chained
    else { return [] }
    var names = facts.unusedNames.prefix(4) + []
    func collect(_ statements: [Statement]) {
      if statements.count > 1, case .return(.name(let name)?) = statements.last?.kind,
        facts.locals.contains(name), !names.contains(name)
      {
        names.append(name)
      }
      for inner in statements.last?.innerBodies ?? [] { collect(inner) }
    }
    collect([statement])
    return names.compactMap { name in
      var isChanged = false
      guard let changed = statement.assigningReturns(to: name, &isChanged), isChanged else {
        return nil
      }
      return [changed, Statement(.return(.name(name)))]
    }
  }

  /// ```
  /// if c: f()            →      if not c: continue
  ///                             f()
  /// ```
  func continuing(
    _ test: Expression, _ body: [Statement], _ otherwise: [Statement]
  ) -> [[Statement]] {
    guard place.endsLoop else { return [] }
    let leave = Statement(.continue)
    var result: [[Statement]] = []
    if rest.isEmpty {
      if otherwise.isEmpty {
        result.append([with(.if(test.negated, [leave], []))] + body)
      } else {
        result.append([with(.if(test, body + [leave], []))] + otherwise)
        result.append([with(.if(test.negated, otherwise + [leave], []))] + body)
      }
    } else if otherwise.isEmpty, body == [leave] {
      result.append([with(.if(test.negated, rest, []))])
    }
    return result
  }
}

extension [Statement] {
  /// One statement for tests of which each leaves the function if it holds; nil if there is something else
  /// between them.
  fileprivate var chained: Statement? {
    guard count > 1 else { return first }
    guard case .if(let test, let body, []) = self[0].kind, body.alwaysLeaves else { return nil }
    var result = self[0]
    let rest = Array(self[1...])
    result.kind = .if(test, body, rest.chained.map { [$0] } ?? rest)
    return result
  }
}

extension Statement {
  /// Whether a variable gets another value here.
  fileprivate func assigns(_ name: String) -> Bool {
    switch kind {
    case .assign(let targets, _): targets.contains { $0.mentions { $0 == name } }
    case .augmentedAssign(let target, _, _): target == .name(name)
    default: true
    }
  }

  /// The bodies of a statement that end where it does.
  fileprivate var innerBodies: [[Statement]] {
    switch kind {
    case .if(_, let body, let rest): [body, rest]
    case .try(let body, let handlers, let rest, []):
      [rest.isEmpty ? body : rest] + handlers.map(\.body)
    default: []
    }
  }

  /// The statement without one that stands at the ends of its arms; nil if nothing else is in it.
  fileprivate func droppingEnds(_ end: Statement.Kind) -> Statement? {
    guard case .if(let test, let body, let rest) = kind else { return kind == end ? nil : self }
    func changed(_ statements: [Statement]) -> [Statement] {
      guard let last = statements.last else { return [] }
      return statements.dropLast() + [last.droppingEnds(end)].compactMap(\.self)
    }
    var result = self
    switch (changed(body), changed(rest)) {
    case ([], []): return nil
    case ([], let other): result.kind = .if(test.negated, other, [])
    case (let first, let second): result.kind = .if(test, first, second)
    }
    return result
  }

  /// The statement with assignments for the `return`s at its ends; nil if there are others.
  fileprivate func assigningReturns(to name: String, _ isChanged: inout Bool) -> Statement? {
    func changed(_ statements: [Statement], _ isChanged: inout Bool) -> [Statement]? {
      guard let last = statements.last else { return nil }
      switch last.kind {
      case .raise: return statements
      case .return(.name(name)?): return Array(statements.dropLast())
      case .return(let value):
        isChanged = true
        let value = value ?? .none
        return statements.dropLast() + [Statement(.assign([.name(name)], value), line: last.line)]
      case .if:
        return last.assigningReturns(to: name, &isChanged).map { statements.dropLast() + [$0] }
      default: return nil
      }
    }
    var result = self
    switch kind {
    case .if(let test, let body, let rest):
      guard let first = changed(body, &isChanged), let second = changed(rest, &isChanged),
        !first.isEmpty || !second.isEmpty
      else { return nil }
      result.kind = first.isEmpty ? .if(test.negated, second, []) : .if(test, first, second)
    case .try(let body, let handlers, let rest, []):
      guard let end = changed(rest.isEmpty ? body : rest, &isChanged) else { return nil }
      var others: [ExceptHandler] = []
      for handler in handlers {
        guard let body = changed(handler.body, &isChanged) else { return nil }
        others.append(.init(handler.type, handler.name, body))
      }
      result.kind = rest.isEmpty ? .try(end, others, [], []) : .try(body, others, end, [])
    default: return nil
    }
    return result
  }
}

extension Expression {
  /// The constant strings that are evaluated here, other than the whole expression.
  fileprivate var texts: [Expression] {
    if case .lambda = self { return [] }
    return parts.flatMap { part in
      if case .constant(.string) = part { [part] } else { part.texts }
    }
  }

  /// The variables that the expression reads.
  func localNames(_ facts: SpellingFacts) -> [String] {
    var result: [String] = []
    func visit(_ expression: Expression) {
      if case .name(let name) = expression, facts.locals.contains(name), !result.contains(name),
        name != "self", name != "cls"
      {
        result.append(name)
      }
      for part in expression.parts { visit(part) }
    }
    visit(self)
    return Array(result.prefix(4))
  }
}

extension [Statement] {
  /// Whether a `break` of the loop around the statements ends it.
  var breaksLoop: Bool {
    contains { statement in
      switch statement.kind {
      case .break: true
      case .for(_, _, _, let rest, _), .while(_, _, let rest): rest.breaksLoop
      case .function, .class: false
      default: statement.inner.breaksLoop
      }
    }
  }
}
