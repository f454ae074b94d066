import Basics
import IR
import PythonSyntax
import Raising

// Clauses of which Cython makes one copy for each way out of a body.
extension FunctionStructurer {
  /// Makes one `finally` clause of its copies.
  ///
  /// ```
  /// f(); g()                                     try: f()
  /// on an exception: g(); go on with it   →      finally: g()
  /// ```
  /// The copy for exceptions is the clause. Every other way out must have a copy that is equal.
  func finallyStatement(
    _ parts: BodyParts, _ handled: [Statement], _ decision: Instruction.ID
  ) throws -> [Statement] {
    let copies = parts.body + parts.otherwise + parts.rest
    let clause = try Self.withoutResumption(handled).named(asCopyIn: copies)
    var (body, rest) = try withoutCopies(parts, clause, decision)
    guard !clause.isEmpty else { return body + rest }
    if let first = rest.first, case .return(let value?) = first.kind, value.isAtHand,
      !body.lastLeaves, countedPlace(ofReturnBehind: decision) == .body
    {
      body.append(rest.removeFirst())
    }
    return [Self.combined(body, clause)] + rest
  }

  /// `try: try: … except: … finally: …` is written with one `try`.
  private static func combined(_ body: [Statement], _ clause: [Statement]) -> Statement {
    if body.count == 1, case .try(let inner, let handlers, let otherwise, []) = body[0].kind {
      return Statement(.try(inner, handlers, otherwise, clause))
    }
    return Statement(.try(body, [], [], clause))
  }

  /// A clause without the mark that the exception goes on behind it.
  private static func withoutResumption(_ statements: [Statement]) throws -> [Statement] {
    guard var last = statements.last else { return [] }
    var result = Array(statements.dropLast())
    if last.isMark(resumePlaceholder) { return result }
    switch last.kind {
    case .if(let test, let body, let rest):
      last.kind = .if(
        test, try withoutResumption(body), rest.isEmpty ? [] : try withoutResumption(rest))
    case .return, .raise, .break, .continue: break
    default: throw NotUnderstood("a finally clause that does not end")
    }
    result.append(last)
    return result
  }

  // MARK: Copies

  /// A body and what comes behind it, without the copies of a clause.
  func withoutCopies(
    _ parts: BodyParts, _ clause: [Statement], _ decision: Instruction.ID
  ) throws -> (body: [Statement], rest: [Statement]) {
    let copy = clause.withoutLines
    let end = Self.endPlaceholder(decision)
    let marked = parts.body.droppingMark(Self.lastPlaceholder(decision), end, before: copy)
    var body = try withoutCopies(marked, copy, end, isInLoop: false)
    guard parts.isMarked else {
      // What cannot fail leaves no mark, and several ways may end in copies of their own.
      if let last = body.last, last.isLeaving || copy.lastLeaves { return (body, parts.rest) }
      guard let start = body.lastStart(of: copy) else {
        guard let rest = body.withoutLast(copy) else {
          throw NotUnderstood("a finally clause without its copy")
        }
        return (rest, parts.rest)
      }
      let rest = Array(body[(start + copy.count)...])
      body.removeSubrange(start...)
      return (body, rest + parts.rest)
    }
    var rest = parts.otherwise + parts.rest
    if let start = rest.start(of: copy) {
      // Nothing but statements that cannot fail comes between body and clause.
      body += try withoutCopies(Array(rest[..<start]), copy, end, isInLoop: false)
      rest.removeSubrange(..<(start + copy.count))
    } else if body.suffix(copy.count).map(\.self).withoutLines == copy {
      body.removeLast(copy.count)
    } else {
      throw NotUnderstood("a finally clause without its copy")
    }
    // The value that the body returns waits for the end of the clause.
    if let last = body.last, let (name, value) = last.namedValue,
      Self.isTemporary(name), let first = rest.first,
      first.kind == .return(.name(name)), countedPlace(ofReturnBehind: decision) != .behind
    {
      body[body.count - 1] = Statement(.return(value), line: last.line)
      rest.removeFirst()
    }
    return (body, rest)
  }

  /// Takes the copies of a clause away behind which control leaves a body.
  private func withoutCopies(
    _ statements: [Statement], _ copy: [Statement], _ mark: String, isInLoop: Bool
  ) throws -> [Statement] {
    var result: [Statement] = []
    for statement in statements {
      if statement.isMark(mark) { continue }
      var statement = statement
      switch statement.kind {
      case .if(let test, let body, let rest):
        statement.kind = .if(
          test, try withoutCopies(body, copy, mark, isInLoop: isInLoop),
          try withoutCopies(rest, copy, mark, isInLoop: isInLoop))
      case .while(let test, let body, let rest):
        statement.kind = .while(
          test, try withoutCopies(body, copy, mark, isInLoop: true),
          try withoutCopies(rest, copy, mark, isInLoop: isInLoop))
      case .for(let target, let iterable, let body, let rest, let isAsync):
        statement.kind = .for(
          target, iterable, try withoutCopies(body, copy, mark, isInLoop: true),
          try withoutCopies(rest, copy, mark, isInLoop: isInLoop), isAsync: isAsync)
      case .with(let items, let body, let isAsync):
        statement.kind = .with(
          items, try withoutCopies(body, copy, mark, isInLoop: isInLoop), isAsync: isAsync)
      case .try(let body, let handlers, let otherwise, let last):
        let handlers = try handlers.map { handler in
          Statement.ExceptHandler(
            handler.type, handler.name,
            try withoutCopies(handler.body, copy, mark, isInLoop: isInLoop))
        }
        statement.kind = .try(
          try withoutCopies(body, copy, mark, isInLoop: isInLoop), handlers,
          try withoutCopies(otherwise, copy, mark, isInLoop: isInLoop),
          try withoutCopies(last, copy, mark, isInLoop: isInLoop))
      case .return, .break, .continue:
        if isInLoop, statement.kind == .break || statement.kind == .continue { break }
        if copy.lastLeaves {
          guard Array(result.suffix(copy.count - 1) + [statement]).withoutLines == copy else {
            throw NotUnderstood("a way past a finally clause")
          }
          result.removeLast(copy.count - 1)
          continue
        }
        try removeCopy(&result, &statement, copy)
      default: break
      }
      result.append(statement)
    }
    return result
  }

  private func removeCopy(
    _ statements: inout [Statement], _ leaving: inout Statement, _ copy: [Statement]
  ) throws {
    guard Array(statements.suffix(copy.count)).withoutLines == copy else {
      throw NotUnderstood("a way past a finally clause")
    }
    statements.removeLast(copy.count)
    if case .return(.name(let name)?) = leaving.kind, Self.isTemporary(name),
      let last = statements.last, let (target, value) = last.namedValue, target == name
    {
      statements.removeLast()
      leaving = Statement(.return(value), line: last.line)
    }
  }

  static func isTemporary(_ name: String) -> Bool {
    let number = name.dropFirst("_value".count)
    return name.hasPrefix("_value") && !number.isEmpty && number.allSatisfy(\.isWholeNumber)
  }

  // MARK: with

  /// The method that a `with` statement calls at its end.
  struct ExitMethod {
    let method: Expression
    /// Whether what it gives is awaited, as `__aexit__`'s is.
    let isAsync: Bool
    /// Whether the function returns `None` if an exception is swallowed.
    let endsFunction: Bool

    /// The call behind a body that no exception has left.
    var normalCall: Expression {
      let call = Expression.call(method, [.none, .none, .none], [])
      return isAsync ? .await(call) : call
    }
  }

  /// The `__exit__` method, if a handler only asks it whether to go on.
  static func exit(_ handled: [Statement]) -> ExitMethod? {
    if let exit = unboundExit(handled) { return exit }
    guard let first = handled.first, case .if(let test, let body, []) = first.kind,
      let last = handled.count == 1 ? body.last : handled.last,
      last.kind == .raise(nil, cause: nil)
    else { return nil }
    let answer: Expression
    switch (test, handled.count) {
    case (.unary(.not, let inner), 1) where body.count == 1: answer = inner
    case (_, 2) where body.allSatisfy({ $0.kind == .return(nil) }): answer = test
    default: return nil
    }
    return method(askedBy: answer, endsFunction: handled.count == 2)
  }

  /// The `__exit__` method, if an exception is raised again whatever it says: behind one that is swallowed,
  /// a variable is read that only the body assigns to, and compilers go straight to that error.
  private static func unboundExit(_ handled: [Statement]) -> ExitMethod? {
    guard handled.count == 2, handled[1].kind == .raise(nil, cause: nil) else { return nil }
    var answer: Expression
    switch handled[0].kind {
    case .expression(let value): answer = value
    case .if(let test, let body, []) where body.allSatisfy({ $0.kind == .pass }): answer = test
    default: return nil
    }
    if case .call(.name("bool"), let arguments, []) = answer, arguments.count == 1 {
      answer = arguments[0]
    }
    return method(askedBy: answer, endsFunction: false)
  }

  /// The `__exit__` method that is called with the parts of a caught exception.
  private static func method(askedBy answer: Expression, endsFunction: Bool) -> ExitMethod? {
    var call = answer
    if case .await(let inner) = answer { call = inner }
    guard case .call(let exit, let arguments, []) = call else { return nil }
    let parts = [
      "\(caughtPlaceholder).\(CaughtPart.type)", caughtPlaceholder,
      "\(caughtPlaceholder).\(CaughtPart.traceback)",
    ]
    .map { Expression.name($0) }
    guard arguments == parts || arguments == [.starred(.tuple(parts))] else { return nil }
    return ExitMethod(method: exit, isAsync: call != answer, endsFunction: endsFunction)
  }

  /// The `__exit__` method, and what leaves if it swallows the exception.
  static func leavingExit(_ handled: [Statement]) -> (exit: ExitMethod, leaving: Statement)? {
    guard let last = handled.last else { return nil }
    if last.isLeaving, let exit = exit(handled.dropLast()) { return (exit, last) }
    // if exit(…): continue; raise
    guard handled.count == 2, case .if(let test, let body, []) = handled[0].kind, body.count == 1,
      body[0].isLeaving, last.kind == .raise(nil, cause: nil)
    else { return nil }
    let asking = Statement(.if(.unary(.not, test), [last], []))
    return exit([asking]).map { ($0, body[0]) }
  }

  /// Writes a body between calls of `__enter__` and `__exit__` as `with`.
  ///
  /// `leaving` is where control goes behind an exception that is swallowed.
  func withStatement(
    _ parts: BodyParts, _ exit: ExitMethod, _ decision: Instruction.ID, goesOn: Bool,
    leaving: Statement? = nil, _ state: inout State
  ) throws -> [Statement] {
    let clause = [Statement(.expression(exit.normalCall))]
    var (body, rest) = try withoutCopies(parts, clause, decision)
    if let leaving {
      let last = rest.last ?? body.last
      guard last?.kind == leaving.kind || rest.isEmpty && last?.isLeaving ?? false else {
        throw NotUnderstood("a with statement that goes on in two ways")
      }
      if rest.isEmpty, last?.kind == leaving.kind { body.removeLast() }
      if rest.isEmpty { rest = [leaving] }
    }
    if goesOn, !(body.last?.isLeaving ?? false) {
      // An exception that is swallowed goes on behind this as well.
      guard
        leaving.map({ end in rest.allSatisfy { $0.kind == end.kind } })
          ?? rest.allSatisfy(\.isCopy)
      else {
        throw NotUnderstood("a with statement that goes on in two ways")
      }
      if leaving == nil {
        body += rest
        rest = []
      }
    }
    if exit.endsFunction, let last = rest.last, last.kind != .return(nil), leaving == nil {
      // A swallowed exception does not come to what stands behind.
      guard rest.count == 1, case .return(let value?) = last.kind, value.isAtHand else {
        throw NotUnderstood("a with statement that goes on in two ways")
      }
      body += rest
      rest = []
    }
    var item = try opening(exit, &state)
    if let target = item.target, case .name(let name) = target, Self.isTemporary(name) {
      if let first = body.first, case .assign(let targets, .name(name)) = first.kind,
        targets.count == 1, !body.dropFirst().contains(where: { $0.mentions { $0 == name } })
      {
        item = .init(item.context, targets[0])
        body.removeFirst()
      } else if !body.contains(where: { $0.mentions { $0 == name } }) {
        item = .init(item.context, nil)
      }
    }
    if body.isEmpty { body = [Statement(.pass)] }
    let line = state.line
    return [Statement(.with([item], body, isAsync: exit.isAsync), line: line)] + rest
  }

  /// Takes the statements away that look `__exit__` up and call `__enter__`.
  private func opening(
    _ exit: ExitMethod, _ state: inout State
  ) throws -> Statement.WithItem {
    let failure = NotUnderstood("a with statement of an unknown form")
    guard let enter = state.statements.popLast() else { throw failure }
    let variable: Expression?
    let call: Expression
    switch enter.kind {
    case .assign(let targets, let value) where targets.count == 1:
      (variable, call) = (targets[0], value)
    case .expression(let value): (variable, call) = (nil, value)
    default: throw failure
    }
    var plain = call
    if exit.isAsync {
      guard case .await(let inner) = call else { throw failure }
      plain = inner
    }
    let names = exit.isAsync ? ("__aenter__", "__aexit__") : ("__enter__", "__exit__")
    guard case .call(.attribute(let manager, Self.special(names.0)), [], []) = plain,
      let lookup = state.statements.popLast(),
      lookup.kind == .assign([exit.method], .attribute(manager, Self.special(names.1)))
    else { throw failure }
    state.line = enter.line ?? lookup.line
    if case .name(let name) = manager, Self.isTemporary(name), let last = state.statements.last,
      let (target, value) = last.namedValue, target == name
    {
      state.statements.removeLast()
      state.line = last.line ?? state.line
      return .init(value, variable)
    }
    return .init(manager, variable)
  }

  /// The name of a method that is looked up in an object's type.
  static func special(_ name: String) -> String { "\u{1}\(name)" }
}

extension Expression {
  /// Whether this is a constant or what a variable holds.
  fileprivate var isAtHand: Bool {
    switch self {
    case .name, .constant: true
    default: false
    }
  }
}

extension Statement {
  /// Whether the statement only gives a variable a constant or what another one holds.
  fileprivate var isCopy: Bool {
    namedValue?.value.isAtHand ?? false
  }

  /// Whether control never goes on behind the statement.
  fileprivate var isLeaving: Bool {
    switch kind {
    case .return, .raise, .break, .continue: true
    default: false
    }
  }
}

extension [Statement] {
  /// The statements without what says where they stood, and with one name for what handlers catch
  /// without a name of its own.
  var withoutLines: [Statement] { withoutLines(depth: 0) }

  fileprivate func withoutLines(depth: Int) -> [Statement] {
    map { statement in
      let bare = Statement(statement.kind)
      guard case .try(let body, let handlers, let otherwise, let last) = bare.kind else {
        return bare.mappingBodies { $0.withoutLines(depth: depth) }
      }
      return Statement(
        .try(
          body.withoutLines(depth: depth), handlers.map { $0.withoutLines(depth: depth) },
          otherwise.withoutLines(depth: depth), last.withoutLines(depth: depth)))
    }
  }

  /// Where a sequence of statements stands first, or last, among these.
  fileprivate func start(of copy: [Statement]) -> Int? {
    starts(of: copy).first
  }

  fileprivate func lastStart(of copy: [Statement]) -> Int? {
    starts(of: copy).last
  }

  private func starts(of copy: [Statement]) -> [Int] {
    guard count >= copy.count else { return [] }
    let all = withoutLines
    return (0...(count - copy.count)).filter { Array(all[$0..<($0 + copy.count)]) == copy }
  }

  /// The statements without a sequence with which every way ends that comes out of them; nil if one
  /// does not.
  fileprivate func withoutLast(_ copy: [Statement]) -> [Statement]? {
    if Array(suffix(copy.count)).withoutLines == copy, !copy.isEmpty {
      return Array(dropLast(copy.count))
    }
    if lastLeaves { return self }
    guard var last, case .if(let test, let body, let rest) = last.kind, !rest.isEmpty,
      let first = body.withoutLast(copy), let second = rest.withoutLast(copy)
    else { return nil }
    if first.isEmpty {
      last.kind = second.isEmpty ? .expression(test) : .if(test.negated, second, [])
    } else {
      last.kind = .if(test, first, second)
    }
    return dropLast() + [last]
  }

  /// The statements without a mark at the end of ways that meet behind them, where only a copy of a clause
  /// comes behind it, and another mark.
  fileprivate func droppingMark(
    _ mark: String, _ other: String, before copy: [Statement]
  ) -> [Statement] {
    if let index = firstIndex(where: { $0.isMark(mark) }) {
      let rest = self[(index + 1)...].filter { !$0.isMark(other) }
      guard rest.withoutLines == copy else { return self }
      return Array(self[..<index] + self[(index + 1)...])
    }
    guard var last, case .if(let test, let body, let rest) = last.kind else { return self }
    last.kind = .if(
      test, body.droppingMark(mark, other, before: copy),
      rest.droppingMark(mark, other, before: copy))
    return dropLast() + [last]
  }

  /// Whether control never comes out of the last statement.
  fileprivate var lastLeaves: Bool {
    guard let last else { return false }
    switch last.kind {
    case .return, .raise, .break, .continue: return true
    case .if(_, let body, let rest): return body.lastLeaves && rest.lastLeaves
    case .try(let body, let handlers, let otherwise, _):
      return (otherwise.isEmpty ? body : otherwise).lastLeaves
        && handlers.allSatisfy { $0.body.lastLeaves }
    case .with(_, let body, _): return body.lastLeaves
    case .while(.constant(.true), _, _): return true
    default: return false
    }
  }
}

extension Statement.ExceptHandler {
  fileprivate func withoutLines(depth: Int) -> Self {
    guard let name, FunctionStructurer.isTemporary(name) else {
      return Self(type, name, body.withoutLines(depth: depth))
    }
    // The name is gone behind the handler, so that nothing else can mean it.
    let bound = "\u{1}bound\(depth)"
    return Self(type, bound, body.renaming([name: bound]).withoutLines(depth: depth + 1))
  }
}
