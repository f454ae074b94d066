package import PythonSyntax

// What is said again of variables where a loop ends.
extension [Statement] {
  /// The statements without the `else` clauses of loops that only give variables what these hold already.
  ///
  /// ```
  /// x = None                           x = None
  /// for y in z:                        for y in z:
  ///   x = f(y)                  →        x = f(y)
  ///   if x is not None: break            if x is not None: break
  /// else: x = None
  /// ```
  /// Compilers know what a variable holds on each way that ends a loop.
  ///
  /// - Parameter locals: names whose value nothing changes but the function itself.
  /// - Returns: the statements, in every body.
  package func withoutKnownAtLoopEnds(locals: Set<String>) -> [Statement] {
    var walk = KnownConstants(locals: locals)
    return walk.block(self)
  }
}

/// Walks through statements with the constants that variables hold for certain.
private struct KnownConstants {
  private typealias Known = [String: Expression]

  let locals: Set<String>
  private var known: Known = [:]
  /// What is known at each `continue` of the innermost loop.
  private var atContinues: [Known] = []

  init(locals: Set<String>) { self.locals = locals }

  mutating func block(_ statements: [Statement]) -> [Statement] {
    statements.map { walk($0) }
  }

  private mutating func walk(_ statement: Statement) -> Statement {
    var result = statement
    switch statement.kind {
    case .assign(let targets, let value):
      forget(statement)
      if targets.count == 1, case .name(let name) = targets[0], case .constant = value,
        locals.contains(name)
      {
        known[name] = value
      }
    case .continue: atContinues.append(known)
    case .if(let test, let body, let rest):
      let start = known
      assume(test)
      let first = block(body)
      let atFirst = known
      known = start
      assume(test.negated)
      let second = block(rest)
      if rest.alwaysLeaves {
        known = atFirst
      } else if !body.alwaysLeaves {
        known = known.filter { atFirst[$0.key] == $0.value }
      }
      result.kind = .if(test, first, second)
    case .for(let target, let iterable, let body, let rest, let isAsync):
      let (body, rest) = loop(statement, body, rest)
      result.kind = .for(target, iterable, body, rest, isAsync: isAsync)
    case .while(let test, let body, let rest):
      let (body, rest) = loop(statement, body, rest)
      result.kind = .while(test, body, rest)
    default:
      forget(statement)
      guard !statement.inner.isEmpty else { break }
      // Control may come to each part from anywhere.
      result = statement.mappingBodies { body in
        var inner = KnownConstants(locals: locals)
        let changed = inner.block(body)
        atContinues += inner.atContinues.map { _ in [:] }
        return changed
      }
    }
    return result
  }

  /// The body and the `else` clause of a loop, which is left out if it says nothing new.
  private mutating func loop(
    _ statement: Statement, _ body: [Statement], _ rest: [Statement]
  ) -> (body: [Statement], rest: [Statement]) {
    let start = known
    var inner = KnownConstants(locals: locals)
    inner.known = known
    inner.forget(statement)
    let changed = inner.block(body)
    let ends = (body.alwaysLeaves ? [] : [inner.known]) + inner.atContinues
    forget(statement)
    let isKnown =
      !rest.isEmpty
      && rest.allSatisfy { last in
        guard case .assign(let targets, let value) = last.kind, targets.count == 1,
          case .name(let name) = targets[0], case .constant = value, start[name] == value
        else { return false }
        return ends.allSatisfy { $0[name] == value }
      }
    var other = KnownConstants(locals: locals)
    return (changed, isKnown ? [] : other.block(rest))
  }

  /// What a test that holds says.
  private mutating func assume(_ test: Expression) {
    if case .comparison(.name(let name), let parts) = test, parts == [.init(.is, .none)],
      locals.contains(name)
    {
      known[name] = .constant(.none)
    }
  }

  private mutating func forget(_ statement: Statement) {
    if statement.bindsOtherwise { known = [:] }
    for name in statement.bindings { known[name] = nil }
  }
}

extension Statement {
  /// Whether names are bound by something else than an assignment or a loop.
  fileprivate var bindsOtherwise: Bool {
    switch kind {
    case .function, .class, .import, .importFrom, .delete: true
    default: inner.contains(where: \.bindsOtherwise)
    }
  }
}
