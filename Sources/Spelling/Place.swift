import PythonSyntax

/// Where a block stands, as far as its end is concerned.
struct Place {
  /// Whether the function returns behind it.
  var endsFunction = false
  /// Whether the next turn of a loop comes behind it.
  var endsLoop = false
  /// The `finally` clauses around it, which run behind a `return`.
  var cleanup: [Statement] = []
  /// Whether the function may go on after an error here.
  var isAttempted = false

  /// A place with other statements behind it.
  var inner: Place { Place(cleanup: cleanup, isAttempted: isAttempted) }
}

/// A block of a statement.
struct Body {
  let statements: [Statement]
  /// Its number, as ``Statement/mappingBodies(_:)`` counts.
  let index: Int
  /// The line of its first statement.
  let line: Int
  var isLoop = false
  var isHandler = false
  /// Whether something else comes behind it before the statement ends.
  var isFollowed = false
  /// The `finally` clause that runs when it is left.
  var cleanup: [Statement] = []
  /// Whether its errors may be handled.
  var isAttempted = false

  func place(in outer: Place) -> Place {
    var result = isFollowed || isLoop ? outer.inner : outer
    if isLoop { result.endsLoop = true }
    result.cleanup += cleanup
    if isAttempted { result.isAttempted = true }
    return result
  }
}

extension Statement {
  /// How many lines the statement takes if each head stands on one line.
  var lineCount: Int {
    switch kind {
    case .if(_, let body, let rest): 1 + body.bodyLineCount + rest.elseLineCount
    case .while(_, let body, let rest), .for(_, _, let body, let rest, _):
      1 + body.bodyLineCount + (rest.isEmpty ? 0 : 1 + rest.bodyLineCount)
    case .try(let body, let handlers, let rest, let last):
      1 + body.bodyLineCount + handlers.reduce(0) { $0 + 1 + $1.body.bodyLineCount }
        + (rest.isEmpty ? 0 : 1 + rest.bodyLineCount) + (last.isEmpty ? 0 : 1 + last.bodyLineCount)
    case .with(_, let body, _): 1 + body.bodyLineCount
    case .function(let definition):
      1 + definition.decorators.count + definition.body.bodyLineCount
    case .class(let definition): 1 + definition.decorators.count + definition.body.bodyLineCount
    case .comment: 0
    default: 1
    }
  }

  /// The blocks of the statement, the head of which stands on a line.
  func bodies(at line: Int) -> [Body] {
    switch kind {
    case .if(_, let body, let rest):
      let isChain = rest.isElseIf
      let second = line + 1 + body.bodyLineCount + (isChain ? 0 : 1)
      return [
        Body(statements: body, index: 0, line: line + 1),
        Body(statements: rest, index: 1, line: second),
      ]
    case .while(_, let body, let rest), .for(_, _, let body, let rest, _):
      return [
        Body(statements: body, index: 0, line: line + 1, isLoop: true),
        Body(statements: rest, index: 1, line: line + 2 + body.bodyLineCount),
      ]
    case .with(_, let body, _):
      return [
        Body(statements: body, index: 0, line: line + 1, isFollowed: true, isAttempted: true)
      ]
    case .try(let body, let handlers, let rest, let last):
      return attempt(body, handlers, rest, last, at: line)
    default: return []
    }
  }

  private func attempt(
    _ body: [Statement], _ handlers: [ExceptHandler], _ rest: [Statement], _ last: [Statement],
    at line: Int
  ) -> [Body] {
    let isCleanedUp = !last.isEmpty
    var next = line + 1
    var result = [
      Body(
        statements: body, index: 0, line: next, isFollowed: isCleanedUp || !rest.isEmpty,
        cleanup: last, isAttempted: true)
    ]
    next += body.bodyLineCount
    for handler in handlers {
      result.append(
        Body(
          statements: handler.body, index: result.count, line: next + 1, isHandler: true,
          isFollowed: isCleanedUp, cleanup: last))
      next += 1 + handler.body.bodyLineCount
    }
    result.append(
      Body(
        statements: rest, index: result.count, line: next + 1, isFollowed: isCleanedUp,
        cleanup: last))
    if !rest.isEmpty { next += 1 + rest.bodyLineCount }
    result.append(Body(statements: last, index: result.count, line: next + 1, isFollowed: true))
    return result
  }
}

extension [Statement] {
  var lineCount: Int { reduce(0) { $0 + $1.lineCount } }

  /// An empty body takes a line, too.
  fileprivate var bodyLineCount: Int { Swift.max(1, lineCount) }

  fileprivate var isElseIf: Bool {
    if count == 1, case .if = self[0].kind { true } else { false }
  }

  fileprivate var elseLineCount: Int {
    if isEmpty { return 0 }
    return isElseIf ? lineCount : 1 + bodyLineCount
  }
}
