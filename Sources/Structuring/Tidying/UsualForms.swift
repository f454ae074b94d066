import PythonSyntax

// Forms between which nothing in the code decides: what people write.
extension [Statement] {
  /// The body of a function in the forms that people use for what compiles to the same code.
  ///
  /// - Parameters:
  ///   - variables: the names of its local variables.
  ///   - listed: all names that its code object lists behind the parameters.
  ///   - parameters: the names of its parameters.
  ///   - temporaries: the names that were made up.
  /// - Returns: the body in those forms.
  func inUsualForms(
    variables: [String], listed: [String] = [], parameters: [String], temporaries: Set<String>
  ) -> [Statement] {
    var result = assigningNone(in: self).usual(.init(endsFunction: true))
    result.returnNone()
    result = result.countingUp(in: result)
    var own = variables
    if let named = result.namingComprehensions(listed, temporaries: temporaries) {
      result = named.statements
      own = variables.filter(named.own.contains)
    }
    return result.namingUnused(own, temporaries)
      .callingKeptMethods(Set(variables + parameters))
  }

  /// ```
  /// try: return f()                try: return f()
  /// except E: pass          →      except E: return None
  /// ```
  private mutating func returnNone() {
    guard let last, case .try(let body, let handlers, let otherwise, []) = last.kind,
      (otherwise.isEmpty ? body : otherwise).alwaysLeaves
    else { return }
    let leaving = handlers.map { handler -> Statement.ExceptHandler in
      let isIdle = handler.body.isIdle && handler.type != nil
      return isIdle
        ? .init(handler.type, handler.name, [Statement(.return(.constant(.none)))]) : handler
    }
    self[count - 1].kind = .try(body, leaving, otherwise, [])
  }

  /// ```
  /// for i in range(n, 0, -1): f()      →      for i in range(n): f()
  /// ```
  /// Compilers count down if nothing in the whole function reads the number.
  private func countingUp(in function: [Statement]) -> [Statement] {
    map { statement in
      var result = statement.mappingBodies { $0.countingUp(in: function) }
      guard
        case .for(
          .name(let name), .call(.name("range"), let bounds, []), let body, let rest, false) =
          result.kind,
        bounds.count == 3, bounds[1] == .integer(0), bounds[2].isMinusOne,
        function.mentionCount(of: name) == 1
      else { return result }
      result.kind = .for(
        .name(name), .call(.name("range"), [bounds[0]], []), body, rest, isAsync: false)
      return result
    }
  }

  /// How often a name stands in the statements, functions inside included.
  func mentionCount(of name: String) -> Int {
    reduce(0) { count, statement in
      count + statement.expressions.reduce(0) { $0 + $1.count(of: .name(name)) }
        + statement.inner.mentionCount(of: name)
    }
  }

  /// What ends where a block does.
  fileprivate struct Place {
    var endsFunction = false
    var endsLoop = false
  }

  /// The body of a loop, which needs no `continue` at its end.
  fileprivate var usualInLoop: [Statement] {
    let result = usual(.init(endsLoop: true))
    return result.count > 1 ? result.withoutLastContinue : result
  }

  fileprivate func usual(_ place: Place) -> [Statement] {
    var result: [Statement] = []
    for (index, statement) in enumerated() {
      let usual = statement.withUsualBodies(index == count - 1 ? place : Place())
      result += usual.withoutElse
    }
    result.startCounts()
    result.joinReturns()
    result.guardFirst()
    result.leaveHandlers(place)
    if place.endsFunction { result.raiseInElse() }
    result.returnTruths()
    return result
  }

  /// ```
  /// i = n                                     for i, x in enumerate(y, n):
  /// for i, x in enumerate(y, i):       →
  /// ```
  /// The number to start with is there before what is counted, whichever stands first.
  private mutating func startCounts() {
    for index in indices.dropFirst().reversed() {
      guard case .assign(let targets, let start) = self[index - 1].kind, targets.count == 1,
        case .name(let name) = targets[0],
        case .for(
          .tuple(let items), .call(.name("enumerate"), var arguments, []), let body, let rest,
          let isAsync) =
          self[index].kind,
        items.first == .name(name), arguments.count == 2, arguments[1] == .name(name),
        arguments[0].count(of: .name(name)) == 0, self[index - 1].comments.isEmpty
      else { continue }
      if let first = self[index - 1].line, let second = self[index].line, first != second {
        continue
      }
      arguments[1] = start
      self[index].kind = .for(
        .tuple(items), .call(.name("enumerate"), arguments, []), body, rest, isAsync: isAsync)
      remove(at: index - 1)
    }
  }

  /// ```
  /// try: x = f()                   try: x = f()
  /// except E: pass                 except E: x = None
  /// else:                   →      if x is not None: return g(x)
  ///   if x is not None: return g(x)
  /// ```
  /// Compilers know what a test says of `None`. Nothing else may read the variable.
  private func assigningNone(in function: [Statement]) -> [Statement] {
    var result = map { $0.mappingBodies { $0.assigningNone(in: function) } }
    for index in result.indices.reversed() {
      guard case .try(let body, let handlers, let otherwise, []) = result[index].kind,
        otherwise.count == 1, case .if(let test, let inner, []) = otherwise[0].kind,
        inner.alwaysLeaves, case .assign(let targets, _)? = body.last?.kind, targets.count == 1,
        case .name(let name) = targets[0], test.isFalse(ifNone: name), !handlers.isEmpty,
        handlers.allSatisfy({ $0.type != nil && $0.body.isIdle }),
        function.mentionCount(of: name) == [result[index]].mentionCount(of: name)
      else { continue }
      let none = Statement(.assign(targets, .constant(.none)))
      result[index].kind = .try(body, handlers.map { .init($0.type, $0.name, [none]) }, [], [])
      let rest = Array(result[(index + 1)...])
      guard rest.count == 1, rest.alwaysLeaves, inner.count > 1 else {
        result.insert(otherwise[0], at: index + 1)
        continue
      }
      result.removeSubrange((index + 1)...)
      result.append(Statement(.if(test.negated.flat, rest, []), line: otherwise[0].line))
      result += inner
    }
    return result
  }

  /// ```
  /// if c: return x                 if not c: f()
  /// f()                     →      return x
  /// return x
  /// ```
  private mutating func joinReturns() {
    guard count > 2, case .return(let value?) = self[count - 1].kind, value.isPlain,
      case .if(let test, let body, []) = self[count - 3].kind, body.count == 1,
      body[0].kind == self[count - 1].kind, self[count - 2].inner.isEmpty
    else { return }
    self[count - 3].kind = .if(test.negated, [self[count - 2]], [])
    remove(at: count - 2)
  }

  /// ```
  /// try: x = f()                   try: x = f()
  /// except E: pass                 except E: return
  /// else: g(x); h(x)        →      g(x); h(x)
  /// ```
  /// `continue` stands in a loop.
  private mutating func leaveHandlers(_ place: Place) {
    guard place.endsFunction || place.endsLoop, let last,
      case .try(let body, let handlers, let otherwise, []) = last.kind, !otherwise.isEmpty,
      handlers.contains(where: { !$0.body.alwaysLeaves })
    else { return }
    guard handlers.allSatisfy({ $0.body.alwaysLeaves || $0.body.isIdle }) else { return }
    let leave = Statement(place.endsLoop ? .continue : .return(nil))
    let leaving = handlers.map { handler in
      handler.body.isIdle ? .init(handler.type, handler.name, [leave]) : handler
    }
    self[count - 1].kind = .try(body, leaving, [], [])
    self += otherwise
  }

  /// ```
  /// for x in y:                    for x in y:
  ///   if x: f(x); return             if x: f(x); break
  /// raise E                 →      else: raise E
  /// ```
  private mutating func raiseInElse() {
    guard count > 1, let last, case .raise = last.kind else { return }
    let kind = self[count - 2].kind
    guard case .for(let target, let iterable, let body, [], let isAsync) = kind, !body.hasBreak
    else { return }
    let changed = body.replacingReturns(by: .break)
    guard changed != body else { return }
    self[count - 2].kind = .for(target, iterable, changed, [last], isAsync: isAsync)
    removeLast()
  }

  /// ```
  /// if x: return True
  /// return False            →      return bool(x)
  /// ```
  private mutating func returnTruths() {
    guard count > 1, self[count - 1].kind == .return(.constant(.false)),
      case .if(let test, let body, []) = self[count - 2].kind, body.count == 1,
      body[0].kind == .return(.constant(.true)), test.isObject
    else { return }
    self[count - 2].kind = .return(.call(.name("bool"), [test], []))
    removeLast()
  }

  /// Whether nothing is done.
  private var isIdle: Bool { allSatisfy { $0.kind == .pass } }
}

extension Statement {
  /// The statement, and what stands in its `else` clause if every handler leaves.
  ///
  /// ```
  /// try: x = f()                   try: x = f()
  /// except E: return               except E: return
  /// else: g(x)              →      g(x)
  /// ```
  fileprivate var withoutElse: [Statement] {
    guard case .try(let body, let handlers, let otherwise, []) = kind, !otherwise.isEmpty,
      handlers.allSatisfy({ $0.body.alwaysLeaves })
    else { return [self] }
    guard otherwise.count > 1 else { return [self] }
    var result = self
    result.kind = .try(body, handlers, [], [])
    return [result] + otherwise
  }

  /// The statement with its bodies in the usual forms.
  fileprivate func withUsualBodies(_ place: [Statement].Place) -> Statement {
    var result = self
    switch kind {
    case .if(let test, let body, let rest):
      result.kind = .if(test, body.usual(place), rest.usual(place))
    case .for(let target, let iterable, let body, let rest, let isAsync):
      result.kind = .for(
        target, iterable, body.usualInLoop, rest.usual(place), isAsync: isAsync)
    case .while(let test, let body, let rest):
      result.kind = .while(test, body.usualInLoop, rest.usual(place))
    case .try(let body, let handlers, let rest, let last):
      let inner = last.isEmpty ? place : .init()
      result.kind = .try(
        body.usual(.init()),
        handlers.map { .init($0.type, $0.name, $0.body.usual(inner)) }.joiningEqual,
        rest.usual(inner),
        last.usual(.init()))
    case .with(let items, let body, let isAsync):
      result.kind = .with(items, body.usual(.init()), isAsync: isAsync)
    default: break
    }
    return result
  }
}

extension [Statement.ExceptHandler] {
  /// `except (A, B):` for two clauses that do the same on the same lines, or that name builtin classes:
  /// another name may stand for a tuple, which must not stand in one.
  fileprivate var joiningEqual: Self {
    reduce(into: []) { result, next in
      guard let last = result.last, let first = last.type, let second = next.type,
        last.name == nil, next.name == nil, last.body == next.body,
        last.body.contains(where: { $0.line != nil })
          || (first.classes + second.classes).allSatisfy(\.isBuiltin)
      else { return result.append(next) }
      result[result.count - 1] = .init(.tuple(first.classes + second.classes), nil, last.body)
    }
  }
}

extension Expression {
  fileprivate var isMinusOne: Bool {
    self == .integer(-1) || self == .unary(.negative, .integer(1))
  }

  var isBuiltin: Bool {
    if case .name(let name) = self { Identifiers.builtins.contains(name) } else { false }
  }

  fileprivate var classes: [Expression] {
    if case .tuple(let items) = self { items } else { [self] }
  }

  fileprivate var isPlain: Bool {
    switch self {
    case .name, .constant: true
    default: false
    }
  }

  /// `a or b or c` for `a or (b or c)`.
  fileprivate var flat: Expression {
    guard case .boolean(let operation, let operands) = self else { return self }
    return .boolean(
      operation,
      operands.flatMap { operand -> [Expression] in
        if case .boolean(operation, let inner) = operand.flat { inner } else { [operand] }
      })
  }

  /// Whether this does not hold for certain if a variable is `None`.
  fileprivate func isFalse(ifNone name: String) -> Bool {
    switch self {
    case .name(name): true
    case .comparison(.name(name), let parts):
      parts.count == 1 && parts[0] == .init(.isNot, .constant(.none))
    case .unary(.not, .comparison(.name(name), let parts)):
      parts.count == 1 && parts[0] == .init(.is, .constant(.none))
    case .boolean(.and, let operands): operands.first?.isFalse(ifNone: name) == true
    default: false
    }
  }

  /// Whether this is an object that is asked for its truth, rather than a comparison.
  fileprivate var isObject: Bool {
    switch self {
    case .name, .attribute, .item: true
    case .call(.name(let name), _, _):
      !["isinstance", "issubclass", "callable", "hasattr", "bool", "any", "all"].contains(name)
    case .call: true
    default: false
    }
  }
}
