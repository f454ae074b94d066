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
      let end = rest.isEmpty ? sunk(body, name) : sunk(rest, name)
      guard let end else { return nil }
      var others: [Statement.ExceptHandler] = []
      for handler in handlers {
        guard let body = sunk(handler.body, name) else { return nil }
        others.append(.init(handler.type, handler.name, body))
      }
      last.kind = rest.isEmpty ? .try(end, others, [], []) : .try(body, others, end, [])
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

  /// Writes the `return` of a variable or a constant once that both arms of a test end with.
  ///
  /// ```
  /// if c: f(); return x              if c: f()
  /// else: g(); return x       →      else: g()
  ///                                  return x
  /// ```
  func hoistReturn(_ result: inout [Statement]) {
    guard let last = result.last else { return }
    if case .if(let test, let body, let rest) = last.kind, body.count + rest.count > 2,
      let end = body.last, end.isPlainReturn, let other = rest.last, other.kind == end.kind
    {
      let (first, second) = (Array(body.dropLast()), Array(rest.dropLast()))
      result[result.count - 1].kind =
        first.isEmpty ? .if(test.negated, second, []) : .if(test, first, second)
      result.append(other)
      return
    }
    if hoistTail(&result) { return }
    guard last.isPlainReturn, result.count > 1,
      case .if(let test, let body, []) = result[result.count - 2].kind, body.count > 1,
      body.last?.kind == last.kind
    else { return }
    result[result.count - 2].kind = .if(test, Array(body.dropLast()), [])
  }
}

// Copies of what comes behind.
extension Tidier {
  /// Writes statements once that both arms of a test end with: they stand on the same lines.
  ///
  /// ```
  /// if c: f(); g()              if c: f()
  /// else: g()            →      g()
  /// ```
  private func hoistTail(_ result: inout [Statement]) -> Bool {
    guard let last = result.last, case .if(let test, let body, let rest) = last.kind else {
      return false
    }
    var count = 0
    while count < min(body.count, rest.count) {
      let (first, second) = (body[body.count - 1 - count], rest[rest.count - 1 - count])
      guard first.kind == second.kind, first.line == second.line else { break }
      count += 1
    }
    let tail = Array(body.suffix(count))
    guard body.count + rest.count > 2 * count,
      tail.contains(where: { $0.line != nil && $0.line != last.line && $0.canFail })
        || !tail.isEmpty && tail.allSatisfy(\.isPlainAssignment)
    else { return false }
    let (first, second) = (Array(body.dropLast(count)), Array(rest.dropLast(count)))
    result[result.count - 1].kind =
      first.isEmpty ? .if(test.negated, second, []) : .if(test, first, second)
    result += tail
    return true
  }

  /// Returns from a loop rather than behind it, if nothing else is done there.
  ///
  /// ```
  /// for x in y:                 for x in y:
  ///   if x: break                 if x: return True
  /// else:                   →   f()
  ///   f()                       return False
  ///   return False
  /// return True
  /// ```
  func returningFromLoop(_ statements: [Statement]) -> [Statement] {
    guard statements.count > 1, let last = statements.last,
      case .return(.constant?) = last.kind
    else { return statements }
    var loop = statements[statements.count - 2]
    let rest: [Statement]
    switch loop.kind {
    case .for(let target, let iterable, let body, let otherwise, let isAsync):
      guard let body = body.returningAtBreaks(last) else { return statements }
      loop.kind = .for(target, iterable, body, [], isAsync: isAsync)
      rest = otherwise
    case .while(let test, let body, let otherwise):
      guard let body = body.returningAtBreaks(last) else { return statements }
      loop.kind = .while(test, body, [])
      rest = otherwise
    default: return statements
    }
    guard rest.alwaysLeaves else { return statements }
    return Array(statements.dropLast(2)) + [loop] + rest
  }

  /// Takes away what compilers copied into the arms of a statement from behind it: what stands on the
  /// same lines, as far as these are known.
  ///
  /// ```
  /// if a: f(); return g(x)          if a: f()
  /// return g(x)              →      return g(x)
  /// ```
  func withoutCopiedTails(_ statements: [Statement]) -> [Statement] {
    guard let last = statements.last, case .return(let value?) = last.kind else {
      return statements
    }
    switch value {
    case .constant, .name: return statements
    default: break
    }
    var result = statements
    var start = statements.count - 1
    // The longest copy that an arm ends with.
    while start > 0 {
      let tail = Array(statements[start...])
      if let stripped = statements[start - 1].stripping(tail) { result[start - 1] = stripped }
      start -= 1
      guard !statements[start].isCompound else { break }
    }
    return result
  }
}

extension [Statement] {
  /// The body of a loop with a `return` for each `break`; nil if a loop inside has some of them.
  fileprivate func returningAtBreaks(_ end: Statement) -> [Statement]? {
    var isPossible = true
    let result = map { statement -> Statement in
      switch statement.kind {
      case .break: return Statement(end.kind, line: statement.line)
      case .for(_, _, _, let rest, _), .while(_, _, let rest):
        if rest.hasBreak { isPossible = false }
        return statement
      default:
        return statement.mappingBodies { body in
          guard let changed = body.returningAtBreaks(end) else {
            isPossible = false
            return body
          }
          return changed
        }
      }
    }
    return isPossible ? result : nil
  }
}

extension Statement {
  /// Whether the statement was found on its line by the error of a step in it.
  fileprivate var canFail: Bool {
    switch kind {
    case .assign(_, .constant), .assign(_, .name), .return(nil), .return(.constant),
      .return(.name), .break, .continue, .pass:
      false
    default: true
    }
  }

  /// Whether a variable gets a constant, which nobody writes twice.
  fileprivate var isPlainAssignment: Bool {
    guard case .assign(let targets, .constant) = kind, targets.count == 1, case .name = targets[0]
    else { return false }
    return true
  }

  fileprivate var isCompound: Bool { !inner.isEmpty }

  /// The statement without a tail at the ends of its arms; nil if none ends with it.
  fileprivate func stripping(_ tail: [Statement]) -> Statement? {
    var result = self
    var isChanged = false
    func strip(_ block: [Statement]) -> [Statement] {
      if block.count > tail.count || block.count == tail.count,
        zip(block.suffix(tail.count), tail).allSatisfy({ $0.kind == $1.kind && $0.line == $1.line })
      {
        isChanged = true
        return Array(block.dropLast(tail.count))
      }
      guard let last = block.last, let stripped = last.stripping(tail) else { return block }
      isChanged = true
      return block.dropLast() + [stripped]
    }
    switch kind {
    case .if(let test, let body, let rest):
      let (first, second) = (strip(body), strip(rest))
      guard !first.isEmpty || !second.isEmpty else { return nil }
      result.kind = first.isEmpty ? .if(test.negated, second, []) : .if(test, first, second)
    case .try(let body, let handlers, let rest, []):
      // What stands on the same lines is one statement, which is in no handler therefore.
      let others =
        tail.first?.line == nil
        ? handlers
        : handlers.map { handler in
          .init(handler.type, handler.name, strip(handler.body))
        }
      result.kind = .try(body, others, strip(rest), [])
    default: return nil
    }
    return isChanged ? result : nil
  }

  /// The statement, and what its `else` clause does, which needs none if no `break` leaves the loop.
  var withoutIdleElse: [Statement] {
    var result = self
    switch kind {
    case .for(let target, let iterable, let body, let rest, let isAsync):
      guard !rest.isEmpty, !body.hasBreak else { return [self] }
      result.kind = .for(target, iterable, body, [], isAsync: isAsync)
      return [result] + rest
    case .while(let test, let body, let rest):
      guard !rest.isEmpty, !body.hasBreak else { return [self] }
      result.kind = .while(test, body, [])
      return [result] + rest
    default: return [self]
    }
  }
}

extension Statement {
  fileprivate var isPlainReturn: Bool {
    switch kind {
    case .return(.name?): true
    case .return(.constant(let value)?): value != .none
    default: false
    }
  }
}
