import PythonSyntax

// Returned values.
extension Tidier {
  /// Returns a value where it is made.
  ///
  /// ```
  /// for x in y:                       for x in y:
  ///   if x: t = f(x); break             if x: return f(x)
  /// else: t = None             →      return None
  /// return t
  /// ```
  func sinkingReturn(_ statements: [Statement]) -> [Statement] {
    guard statements.count > 1,
      case .return(.name(let name)?) = statements[statements.count - 1].kind,
      temporaries[name] != nil, let sunk = sunk(Array(statements.dropLast()), name),
      !sunk.contains(where: { $0.mentions { $0 == name } })
    else { return statements }
    return sunk
  }

  private func sunk(_ statements: [Statement], _ name: String) -> [Statement]? {
    guard var last = statements.last else { return nil }
    let before = Array(statements.dropLast())
    switch last.kind {
    case .assign([.name(name)], let value): last.kind = .return(value)
    case .return, .raise, .continue: break
    case .if(let test, let body, let rest):
      guard let first = sunk(body, name), let second = sunk(rest, name) else { return nil }
      last.kind = .if(test, first, second)
    case .with(let items, let body, let isAsync):
      guard let body = sunk(body, name) else { return nil }
      last.kind = .with(items, body, isAsync: isAsync)
    case .try(let body, let handlers, let rest, []):
      guard rest.isEmpty, let first = sunk(body, name) else { return nil }
      var others: [Statement.ExceptHandler] = []
      for handler in handlers {
        guard let body = sunk(handler.body, name) else { return nil }
        others.append(.init(handler.type, handler.name, body))
      }
      last.kind = .try(first, others, [], [])
    case .for(let target, let iterable, let body, let rest, let isAsync):
      guard let rest = sunk(rest, name), let body = returning(body, name) else { return nil }
      last.kind = .for(target, iterable, body, [], isAsync: isAsync)
      return before + [last] + rest
    case .while(let test, let body, let rest):
      guard let body = returning(body, name) else { return nil }
      if rest.isEmpty, test == .constant(.true) {
        last.kind = .while(test, body, [])
        return before + [last]
      }
      guard let rest = sunk(rest, name) else { return nil }
      last.kind = .while(test, body, [])
      return before + [last] + rest
    default: return nil
    }
    return before + [last]
  }

  /// The body of a loop with `return` for every `break`.
  private func returning(_ body: [Statement], _ name: String) -> [Statement]? {
    var result: [Statement] = []
    for statement in body {
      switch statement.kind {
      case .break:
        guard let last = result.popLast(), case .assign([.name(name)], let value) = last.kind
        else { return nil }
        result.append(Statement(.return(value), line: last.line))
      // The `break` of an inner loop is its own.
      case .for, .while: result.append(statement)
      default:
        var isComplete = true
        let changed = statement.mappingBodies { inner in
          guard let inner = returning(inner, name) else {
            isComplete = false
            return []
          }
          return inner
        }
        guard isComplete else { return nil }
        result.append(changed)
      }
    }
    return result
  }

  /// Writes a variable's `return` once that both arms of a test end with.
  ///
  /// ```
  /// if c: f(); return x              if c: f()
  /// else: g(); return x       →      else: g()
  ///                                  return x
  /// ```
  func hoistReturn(_ result: inout [Statement]) {
    guard let last = result.last else { return }
    if case .if(let test, let body, let rest) = last.kind, body.count + rest.count > 2,
      let end = body.last, end.isVariableReturn, let other = rest.last, other.kind == end.kind
    {
      let (first, second) = (Array(body.dropLast()), Array(rest.dropLast()))
      result[result.count - 1].kind =
        first.isEmpty ? .if(test.negated, second, []) : .if(test, first, second)
      result.append(other)
      return
    }
    guard last.isVariableReturn, result.count > 1,
      case .if(let test, let body, []) = result[result.count - 2].kind, body.count > 1,
      body.last?.kind == last.kind
    else { return }
    result[result.count - 2].kind = .if(test, Array(body.dropLast()), [])
  }
}

extension Statement {
  fileprivate var isVariableReturn: Bool {
    if case .return(.name?) = kind { true } else { false }
  }
}
