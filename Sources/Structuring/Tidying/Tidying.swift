import PythonSyntax

extension [Statement] {
  /// Writes statements as people do where something else than their meaning is left from code.
  ///
  /// Every change keeps what is evaluated and in which order. Variables that nothing but the
  /// decompiler has given a name, `temporaries`, go away where their value is used at once.
  ///
  /// - Parameters:
  ///   - temporaries: the names that were made up.
  ///   - locals: names whose value nothing changes but the function itself.
  ///   - parameters: the names of its parameters.
  ///   - truths: the parameters that are declared to be truth values.
  ///   - floats: the parameters that are declared to be floating-point numbers.
  /// - Returns: the statements, with the same meaning.
  func tidied(
    temporaries: Set<String>, locals: Set<String>, parameters: [String], truths: Set<String> = [],
    floats: Set<String> = []
  ) -> [Statement] {
    var result = self
    let truths = truths.subtracting(flatMap(\.bindings))
    let floats = floats.subtracting(flatMap(\.bindings))
    let parameters = Set(parameters)
    for _ in 0..<8 {
      let counts = result.nameCounts.filter { temporaries.contains($0.key) }
      let kinds = NameKinds(
        truths: result.truthNames.subtracting(parameters).union(truths),
        integers: result.integerNames.subtracting(parameters),
        floats: result.floatNames.subtracting(parameters).union(floats))
      let next = Tidier(
        temporaries: counts, locals: locals.union(temporaries), kinds: kinds,
        hasHandlers: result.handlesExceptions
      ).tidied(result)
      guard next != result else { break }
      result = next
    }
    return result
  }

  /// Whether a `try` statement stands among them.
  private var handlesExceptions: Bool {
    contains { statement in
      switch statement.kind {
      case .try, .with: true
      case .function, .class: false
      default: statement.inner.handlesExceptions
      }
    }
  }

  /// How often each name stands in the statements.
  private var nameCounts: [String: Int] {
    var counts: [String: Int] = [:]
    func count(_ expression: Expression, _ hidden: Set<String>) {
      if case .name(let name) = expression, !hidden.contains(name) {
        counts[name, default: 0] += 1
      }
      // A generator has variables of its own, which may be called the same.
      let inner = hidden.union(expression.generatorVariables)
      for (index, part) in expression.parts.enumerated() {
        count(part, index == expression.firstIterable ? hidden : inner)
      }
    }
    func count(_ statement: Statement) {
      for expression in statement.expressions { count(expression, []) }
      // So has a function inside.
      if case .function = statement.kind { return }
      for inner in statement.inner { count(inner) }
    }
    for statement in self { count(statement) }
    return counts
  }
}

extension Expression {
  /// The variables of a generator expression.
  var generatorVariables: Set<String> {
    guard case .comprehension(.generator, _, _, let generators) = self else { return [] }
    return generators.reduce(into: []) { $0.formUnion($1.target.names) }
  }

  /// Which of the parts of a generator expression is evaluated outside of it.
  fileprivate var firstIterable: Int? {
    guard case .comprehension(.generator, _, let value, _) = self else { return nil }
    return value == nil ? 2 : 3
  }

  private var names: Set<String> {
    if case .name(let name) = self { return [name] }
    return parts.reduce(into: []) { $0.formUnion($1.names) }
  }

  /// Whether a generator in the expression has a variable of some name.
  func hasGenerator(with name: String) -> Bool {
    generatorVariables.contains(name) || parts.contains { $0.hasGenerator(with: name) }
  }
}

/// One round of ``Swift/Array/tidied(temporaries:locals:)``.
struct Tidier {
  /// How often each name that was made up stands in the function.
  let temporaries: [String: Int]
  let locals: Set<String>
  var kinds = NameKinds()
  /// Whether the function handles exceptions.
  let hasHandlers: Bool

  func tidied(_ statements: [Statement]) -> [Statement] {
    var result: [Statement] = []
    for statement in statements {
      var tidied = statement.mappingBodies(tidied).mappingExpressions {
        joiningTypes(inVariableOrder($0.with(kinds).withMemberships)).withFlatTexts.withNamedChoice
          .withStarredTuple.withKeywords
      }.testingLengths.withConditions.joiningTestsOfLine
      if case .class(var definition) = tidied.kind {
        definition.body = self.tidied(definition.body)
        tidied.kind = .class(definition)
      }
      for part in tidied.withoutIdleElse { append(part, to: &result) }
    }
    return withoutCopiedTails(returningFromLoop(sinkingReturn(result)))
  }

  /// Appends a statement, or makes one of it and those before it.
  func append(_ statement: Statement, to result: inout [Statement]) {
    var statement = statement
    if let last = result.last, mayStandBefore(statement, last) {
      result.removeLast()
      append(statement, to: &result)
      return append(last, to: &result)
    }
    if let last = result.last { statement = joiningText(last, statement) }
    if let choice = statement.asChoice ?? truthChoice(statement) { statement.kind = choice }
    if let joined = joiningTests(statement) { statement = joined }
    hoistCopy(&statement, into: &result)
    if case .assign(let targets, let value) = statement.kind, targets == [value], case .name = value
    {
      return
    }
    if let (first, second) = decidedBefore(statement) ?? decidedBehind(statement)
      ?? truthBehind(statement)
    {
      result.append(first)
      statement = second
    }
    if let target = loopTarget(statement) ?? handlerName(statement) { statement = target }
    while let last = result.last {
      if result.count > 1, let joined = returningEither(result[result.count - 2], last, statement) {
        result.removeLast()
        statement = joined
      } else if let joined = withDefault(last, statement) ?? decision(last, statement) {
        statement = joined
      } else if let joined = returningFirst(last, statement) {
        statement = joined
      } else if let joined = sorted(last, statement) ?? grownSet(last, statement)
        ?? grownDictionary(last, statement) ?? grownList(last, statement)
        ?? comprehension(last, statement)
      {
        statement = joined
      } else if let joined = inlined(last, in: statement) ?? inlinedText(last, in: statement) {
        statement = joined
      } else {
        break
      }
      result.removeLast()
    }
    result.append(statement)
    joinExtreme(&result)
    joinUnpacking(&result)
    joinParallel(&result)
    hoistReturn(&result)
  }

  /// Whether a variable may get its value before another one is read.
  ///
  /// ```
  /// t = self              x = u
  /// x = u          →      t = self
  /// t.f(x)                t.f(x)
  /// ```
  private func mayStandBefore(_ statement: Statement, _ last: Statement) -> Bool {
    guard case .assign(let targets, .name(let read)) = last.kind, targets.count == 1,
      case .name(let temporary) = targets[0], isTemporary(temporary, count: 2),
      locals.contains(read), temporaries[read] == nil,
      case .assign(let others, .name(let value)) = statement.kind, others.count == 1,
      case .name(let name) = others[0], temporaries[value] != nil
    else { return false }
    return name != read && value != temporary && locals.contains(name)
  }

  /// `isinstance(x, (list, C))` for two tests, the second of which has its type from before.
  private func joiningTypes(_ expression: Expression) -> Expression {
    guard case .boolean(let operation, let operands) = expression else { return expression }
    var result: [Expression] = []
    for operand in operands {
      if let last = result.last, let joined = joinedTypes(operation, last, operand) {
        result[result.count - 1] = joined
      } else {
        result.append(operand)
      }
    }
    return result.count == 1 ? result[0] : .boolean(operation, result)
  }

  /// `if not isinstance(x, A) and not isinstance(x, t):` for two statements, the second of which has its
  /// type from before.
  private func joiningTests(_ statement: Statement) -> Statement? {
    guard case .if(let test, let body, []) = statement.kind, body.count == 1,
      case .if(let inner, let innerBody, []) = body[0].kind,
      let joined = joinedTypes(.and, test, inner)
    else { return nil }
    var result = statement
    result.kind = .if(joined, innerBody, [])
    return result
  }

  private func joinedTypes(
    _ operation: Expression.BooleanOperator, _ first: Expression, _ second: Expression
  ) -> Expression? {
    switch (operation, first, second.asTypeTest) {
    case (.and, .unary(.not, let left), .unary(.not, let right)):
      return joinedTypes(.or, left, right).map { .unary(.not, $0) }
    case (
      .or, .call(.name("isinstance"), let left, []), .call(.name("isinstance"), let right, [])
    ):
      guard left.count == 2, right.count == 2, left[0] == right[0], case .name = left[0],
        case .name(let name) = right[1],
        case let types = if case .tuple(let items) = left[1] { items } else { [left[1]] },
        isTemporary(name, count: 2) || (types + [right[1]]).allSatisfy(\.isBuiltin)
      else { return nil }
      return .call(.name("isinstance"), [left[0], .tuple(types + [right[1]])], [])
    default: return nil
    }
  }

  /// `x is C` for `C is x`: a variable stands first, and compilers exchange the sides as they like.
  ///
  /// Only `self` stands last, and an item that a variable is compared with stands first.
  private func inVariableOrder(_ expression: Expression) -> Expression {
    if case .comparison(.name(let left), let parts) = expression, parts.count == 1,
      [.is, .isNot].contains(parts[0].operator), locals.contains(left)
    {
      let isFirst =
        switch parts[0].operand {
        case .item: true
        case .attribute: left == "self"
        default: false
        }
      if isFirst {
        return .comparison(parts[0].operand, [.init(parts[0].operator, .name(left))])
      }
    }
    guard case .comparison(.name(let left), let parts) = expression, parts.count == 1,
      [.is, .isNot].contains(parts[0].operator), case .name(let right) = parts[0].operand,
      locals.contains(right), !locals.contains(left)
    else { return expression }
    return .comparison(.name(right), [.init(parts[0].operator, .name(left))])
  }

  /// Whether a name was made up and stands in the function a number of times.
  func isTemporary(_ name: String, count: Int) -> Bool { temporaries[name] == count }
}
