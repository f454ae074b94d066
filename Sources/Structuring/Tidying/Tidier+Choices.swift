package import PythonSyntax

// `and`, `or` and conditional expressions.
extension Tidier {
  /// ```
  /// t = a                        t = a
  /// if not t: t = b              if t: t = b
  /// →  t = a or b                →  t = a and b
  /// ```
  func withDefault(_ last: Statement, _ next: Statement) -> Statement? {
    guard case .assign(let targets, let first) = last.kind, targets.count == 1,
      case .name(let name) = targets[0], temporaries[name] != nil,
      case .if(let test, let body, let rest) = next.kind, rest.isEmpty, body.count == 1,
      case .assign(targets, let second) = body[0].kind,
      !second.mentions({ $0 == name })
    else { return nil }
    var result = last
    switch test {
    case .name(name): result.kind = .assign(targets, .joined(.and, first, second))
    case .unary(.not, .name(name)): result.kind = .assign(targets, .joined(.or, first, second))
    default: return nil
    }
    return result
  }

  /// ```
  /// if a in b: x = True; f()           x = a in b
  /// else: x = False; g()        →      if x: f()
  ///                                    else: g()
  /// ```
  func decidedBefore(_ statement: Statement) -> (Statement, Statement)? {
    guard case .if(let test, let body, let rest) = statement.kind, test.isBoolean,
      body.count > 1 || rest.count > 1,
      case .assign(let targets, let yes)? = body.first?.kind, targets.count == 1,
      case .name = targets[0], case .assign(targets, let no)? = rest.first?.kind
    else { return nil }
    let value: Expression
    switch (yes, no) {
    case (.constant(.true), .constant(.false)): value = test
    case (.constant(.false), .constant(.true)): value = test.negatedValue
    default: return nil
    }
    let (doneIf, doneElse) = (Array(body.dropFirst()), Array(rest.dropFirst()))
    let name = yes == .constant(.true) ? targets[0] : targets[0].negated
    var first = statement
    first.kind = .assign(targets, value)
    let kind: Statement.Kind =
      doneIf.isEmpty ? .if(name.negated, doneElse, []) : .if(name, doneIf, doneElse)
    return (first, Statement(kind))
  }

  /// ```
  /// if a in b: f(); x = True           x = a in b
  /// else: x = False             →      if x: f()
  /// ```
  /// Compilers set a C variable as late as they can. Nobody may see it before: no other function, and no
  /// handler of an exception in between.
  func decidedBehind(_ statement: Statement) -> (Statement, Statement)? {
    guard !hasHandlers, case .if(let test, let body, let rest) = statement.kind, test.isBoolean
    else { return nil }
    let (longer, shorter) = body.count > 1 ? (body, rest) : (rest, body)
    guard longer.count > 1, shorter.count == 1,
      case .assign(let targets, let value)? = longer.last?.kind, targets.count == 1,
      case .name(let name) = targets[0], case .assign(targets, let other) = shorter[0].kind
    else { return nil }
    let before = Array(longer.dropLast())
    guard locals.contains(name), !test.mentions({ $0 == name }),
      !before.contains(where: { $0.mentions { $0 == name } })
    else { return nil }
    let isLonger = longer == body
    let answer: Expression
    switch (value, other) {
    case (.constant(.true), .constant(.false)): answer = isLonger ? test : test.negatedValue
    case (.constant(.false), .constant(.true)): answer = isLonger ? test.negatedValue : test
    default: return nil
    }
    var first = statement
    first.kind = .assign(targets, answer)
    let condition = value == .constant(.true) ? targets[0] : targets[0].negated
    return (first, Statement(.if(condition, before, [])))
  }

  /// ```
  /// if x: f(); t = True           if x: f()
  /// else: t = False        →      t = x
  /// ```
  /// for a variable that holds nothing but truth values.
  func truthBehind(_ statement: Statement) -> (Statement, Statement)? {
    guard case .if(.name(let known), let body, let rest) = statement.kind,
      kinds.truths.contains(known), body.count + rest.count > 2,
      case .assign(let targets, .constant(.true))? = body.last?.kind, targets.count == 1,
      case .name(let name) = targets[0], name != known, temporaries[name] != nil,
      case .assign(targets, .constant(.false))? = rest.last?.kind,
      !statement.bindings.contains(known)
    else { return nil }
    let (first, second) = (Array(body.dropLast()), Array(rest.dropLast()))
    var decision = statement
    decision.kind =
      first.isEmpty ? .if(.unary(.not, .name(known)), second, []) : .if(.name(known), first, second)
    return (decision, Statement(.assign(targets, .name(known))))
  }

  /// ```
  /// if isinstance(x, A): t = True
  /// else: t = isinstance(x, u)          →     t = isinstance(x, A) or isinstance(x, u)
  /// ```
  func truthChoice(_ statement: Statement) -> Statement.Kind? {
    guard case .if(let test, let body, let rest) = statement.kind, test.isBoolean,
      body.count == 1, rest.count == 1, case .assign(let targets, let yes) = body[0].kind,
      targets.count == 1, case .name(let name) = targets[0], temporaries[name] != nil,
      case .assign(targets, let no) = rest[0].kind, yes.isBoolean, no.isBoolean
    else { return nil }
    return .assign(targets, .choice(test, yes, no))
  }

  /// ```
  /// if a in b: return True      →     return a in b or f()
  /// return f()
  /// ```
  /// The two stand on one line, or are the test itself.
  func decision(_ last: Statement, _ next: Statement) -> Statement? {
    guard case .if(let test, let body, []) = last.kind, body.count == 1,
      case .return(let yes?) = body[0].kind, case .return(let no?) = next.kind
    else { return nil }
    let truths: Set<Expression> = [.constant(.true), .constant(.false)]
    let isDecision =
      test.isDecision(yes, no) || truths == [yes, no] && test.comparesNumbers(kinds)
    guard isDecision || truths.contains(yes) && test.isBoolean && last.line == next.line,
      last.line != nil || isDecision
    else { return nil }
    var result = last
    result.kind = .return(.choice(test, yes, no))
    return result
  }

  /// ```
  /// t = a
  /// if t: return t          →     return a or b
  /// return b
  /// ```
  func returningEither(_ first: Statement, _ last: Statement, _ next: Statement) -> Statement? {
    guard case .return = next.kind, case .if(let test, let body, []) = last.kind else { return nil }
    return returningFirst(first, Statement(.if(test, body, [next]), line: last.line))
  }

  /// ```
  /// t = a
  /// if t: return t          →     return a or b
  /// else: return b
  /// ```
  func returningFirst(_ last: Statement, _ next: Statement) -> Statement? {
    guard case .assign(let targets, let first) = last.kind, targets.count == 1,
      case .name(let name) = targets[0], isTemporary(name, count: 3),
      case .if(let test, let body, let rest) = next.kind, body.count == 1, rest.count == 1,
      case .return(let yes?) = body[0].kind, case .return(let no?) = rest[0].kind
    else { return nil }
    var result = last
    switch (test, yes, no) {
    case (.name(name), .name(name), _): result.kind = .return(.joined(.or, first, no))
    case (.name(name), _, .name(name)): result.kind = .return(.joined(.and, first, yes))
    case (.unary(.not, .name(name)), .name(name), _):
      result.kind = .return(.joined(.and, first, no))
    case (.unary(.not, .name(name)), _, .name(name)):
      result.kind = .return(.joined(.or, first, yes))
    default: return nil
    }
    return result
  }
}

extension Statement {
  /// One test for two on one line that lead to the same otherwise.
  ///
  /// ```
  /// if a:                          if a and b: f()
  ///   if b: f()             →      else: g()
  ///   else: g()
  /// else: g()
  /// ```
  package var joiningTestsOfLine: Statement {
    guard case .if(let test, let body, let rest) = kind, let line, !rest.isEmpty, body.count == 1,
      case .if(let inner, let innerBody, let innerRest) = body[0].kind, body[0].line == line,
      innerRest.map(\.kind) == rest.map(\.kind)
    else { return self }
    var result = self
    result.kind = .if(.joined(.and, test, inner), innerBody, rest)
    return result
  }

  /// An assignment or a return of a choice, if both arms stand on the line of the test.
  ///
  /// ```
  /// if c: x = f()
  /// else: x = g()      →     x = f() if c else g()
  /// ```
  var asChoice: Kind? {
    guard case .if(let test, let body, let rest) = kind, body.count == 1, rest.count == 1
    else { return nil }
    if let line, body[0].isTest(on: line) || rest[0].isTest(on: line),
      let yes = body[0].returned(on: line), let no = rest[0].returned(on: line)
    {
      return .return(.choice(test, yes, no))
    }
    switch (body[0].kind, rest[0].kind) {
    case (.assign(let targets, let yes), .assign(let others, let no))
    where targets == others && targets.count == 1:
      guard let line, body[0].line ?? line == line, rest[0].line ?? line == line,
        body[0].line != nil || rest[0].line != nil
      else { return nil }
      return .assign(targets, .choice(test, yes, no))
    case (.return(let yes?), .return(let no?)):
      if case .name = test, test == yes || test == no { return .return(.choice(test, yes, no)) }
      if case .name = yes, test == .unary(.not, yes) { return .return(.choice(test, yes, no)) }
      if test.isDecision(yes, no) { return .return(.choice(test, yes, no)) }
      let choice = Expression.choice(test, yes, no)
      guard let line, case .boolean = choice, body[0].line ?? line == line,
        rest[0].line ?? line == line, body[0].line != nil || rest[0].line != nil
      else { return nil }
      return .return(choice)
    default: return nil
    }
  }
}

extension Statement {
  /// Whether this is a test that stands on a line.
  fileprivate func isTest(on line: Int) -> Bool {
    if case .if = kind { self.line == line } else { false }
  }

  /// What a statement returns that stands on the line of another one, and is an expression therefore.
  fileprivate func returned(on line: Int) -> Expression? {
    switch kind {
    case .return(let value?) where self.line ?? line == line: return value
    case .if(let test, let body, let rest) where self.line == line:
      guard body.count == 1, rest.count == 1, let yes = body[0].returned(on: line),
        let no = rest[0].returned(on: line)
      else { return nil }
      return .choice(test, yes, no)
    default: return nil
    }
  }

  /// Decides by a length alone whether it is zero.
  ///
  /// ```
  /// if len(x) != 0: …      →      if len(x): …
  /// if not len(x): …       →      if len(x) == 0: …
  /// ```
  var testingLengths: Statement {
    var result = self
    switch kind {
    case .if(let test, let body, let rest): result.kind = .if(test.testingLength, body, rest)
    case .while(let test, let body, let rest):
      result.kind = .while(test.testingLength, body, rest)
    case .assert(let test, let message):
      result.kind = .assert(test.testingLength, message: message)
    default: break
    }
    return result
  }
}

extension Expression {
  fileprivate var testingLength: Expression {
    switch self {
    case .comparison(let length, let parts)
    where parts == [ComparisonPart(.notEqual, .integer(0))] && length.isLength:
      return length
    case .unary(.not, let length) where length.isLength:
      return .comparison(length, [ComparisonPart(.equal, .integer(0))])
    case .boolean(let operation, let operands):
      return .boolean(operation, operands.map(\.testingLength))
    default: return self
    }
  }

  private var isLength: Bool {
    if case .call(.name("len"), _, _) = self { true } else { false }
  }
}
