import PythonSyntax

extension [Statement] {
  /// Whether a variable that was made up for a value is given to another one where it may have no value
  /// yet.
  ///
  /// ```
  /// for x in xs:
  ///     y = _value1          # an UnboundLocalError in the first turn
  ///     _value1 = f(x)
  /// ```
  /// Machine code hands on that a variable holds nothing; Python raises an error there.
  package var copyOpenTemporaries: Bool {
    var walk = OpenCopies()
    walk.run(self)
    return walk.isFound
  }
}

/// The made-up variables that have a value for sure, statement by statement.
private struct OpenCopies {
  private(set) var isFound = false
  /// Those that have one; nil where control does not get to.
  private var assigned: Set<String>? = []
  /// What holds at the `break` statements of the loops around, the innermost last.
  private var breaks: [[Set<String>?]] = []

  mutating func run(_ statements: [Statement]) {
    for statement in statements { visit(statement) }
  }

  private mutating func visit(_ statement: Statement) {
    switch statement.kind {
    case .assign(let targets, let value):
      note(copied: value)
      targets.forEach { assign($0) }
    case .annotatedAssign(let target, _, .some): assign(target)
    case .return, .raise, .continue: assigned = nil
    case .break:
      if !breaks.isEmpty { breaks[breaks.count - 1].append(assigned) }
      assigned = nil
    case .if(_, let body, let rest):
      let start = assigned
      run(body)
      let end = assigned
      assigned = start
      run(rest)
      assigned = Self.meet(end, assigned)
    case .while(let test, let body, let rest):
      loop(body, rest, isEndless: test == .constant(.true))
    case .for(let target, _, let body, let rest, _):
      loop(body, rest, target: target)
    case .try(let body, let handlers, let rest, let last): attempt(body, handlers, rest, last)
    case .with(let items, let body, _):
      items.compactMap(\.target).forEach { assign($0) }
      run(body)
    default: break
    }
  }

  private mutating func loop(
    _ body: [Statement], _ rest: [Statement], target: Expression? = nil, isEndless: Bool = false
  ) {
    let start = assigned
    breaks.append([])
    if let target { assign(target) }
    run(body)
    assigned = isEndless ? nil : start
    run(rest)
    assigned = (breaks.popLast() ?? []).reduce(assigned) { Self.meet($0, $1) }
  }

  private mutating func attempt(
    _ body: [Statement], _ handlers: [Statement.ExceptHandler], _ rest: [Statement],
    _ last: [Statement]
  ) {
    let start = assigned
    run(body)
    run(rest)
    var end = assigned
    for handler in handlers {
      assigned = start
      if let name = handler.name { assign(.name(name)) }
      run(handler.body)
      end = Self.meet(end, assigned)
    }
    // The clause runs on every way out; only what comes behind it has gone through all of the body.
    assigned = start
    run(last)
    assigned = Self.joined(end, assigned)
  }

  private mutating func assign(_ target: Expression) {
    if case .name(let name) = target, FunctionStructurer.isTemporary(name) {
      assigned?.insert(name)
    }
    for part in target.parts { assign(part) }
  }

  private mutating func note(copied value: Expression) {
    switch value {
    case .name(let name):
      guard FunctionStructurer.isTemporary(name), let assigned else { return }
      if !assigned.contains(name) { isFound = true }
    case .tuple(let items): for item in items { note(copied: item) }
    default: break
    }
  }

  private static func meet(_ first: Set<String>?, _ second: Set<String>?) -> Set<String>? {
    guard let first, let second else { return first ?? second }
    return first.intersection(second)
  }

  private static func joined(_ first: Set<String>?, _ second: Set<String>?) -> Set<String>? {
    guard let first, let second else { return nil }
    return first.union(second)
  }
}
