import PythonSyntax

extension [Statement] {
  /// Puts assignments together that stand on one line.
  ///
  /// ```
  /// a = x.a                           a, b = x.a, x.b
  /// b = x.b                    →
  /// self.a = None                     self.a = self.b = None
  /// self.b = None
  /// t = f()                           d['k'] = t = f()
  /// d['k'] = t
  /// s = f()                           a, b = s = f()
  /// a, b = s
  /// ```
  /// Only statements that can fail are known to stand on their line. Nothing is evaluated in another
  /// order: local variables show to nobody when they are assigned.
  ///
  /// - Parameter globals: the names that are no local variables; nil for all of them.
  /// - Returns: the statements, joined in every body.
  func joiningAssignments(globals: Set<String>?) -> [Statement] {
    var result: [Statement] = []
    for statement in self {
      let statement = statement.mappingBodies { $0.joiningAssignments(globals: globals) }
      if let last = result.last, let joined = last.joined(with: statement, globals) {
        result[result.count - 1] = joined
      } else {
        result.append(statement)
      }
    }
    return result
  }
}

extension Statement {
  fileprivate func joined(with next: Statement, _ globals: Set<String>?) -> Statement? {
    guard let line, line == next.line, case .assign(let targets, let value) = kind,
      case .assign(let others, let other) = next.kind, others.count == 1, let target = targets.last
    else { return nil }
    var result = self
    if value == other, value.isPlain, !target.isLocal(globals), !others[0].isLocal(globals) {
      result.kind = .assign(targets + others, value)
      return result
    }
    if targets.count == 1, target.isLocal(globals), target == other, value.isMade,
      case .tuple = others[0], case .name = target, others[0].isLocal(globals)
    {
      result.kind = .assign(others + targets, value)
      return result
    }
    if targets.count == 1, target.isLocal(globals), target == other, value.isMade,
      !others[0].isLocal(globals), !others[0].mentions(target)
    {
      result.kind = .assign(others + targets, value)
      return result
    }
    guard targets.count == 1 else { return nil }
    let (names, values) = Self.parts(target, value)
    let isLocal = (names + others).allSatisfy { $0.isLocal(globals) }
    let areValuesPlain = (values + [other]).allSatisfy(\.isPlain)
    guard isLocal ? (values + [other]).allSatisfy(\.isMade) : areValuesPlain,
      isLocal || !(names + others).contains(where: { $0.isLocal(globals) }),
      !names.contains(where: { name in
        // What is in an object is no variable.
        if case .attribute = name, other.isPlain { return false }
        return other.mentions(name)
      })
    else { return nil }
    result.kind = .assign([.tuple(names + others)], .tuple(values + [other]))
    return result
  }

  /// The targets and values of an assignment that was joined before.
  private static func parts(
    _ target: Expression, _ value: Expression
  ) -> (targets: [Expression], values: [Expression]) {
    if case .tuple(let targets) = target, case .tuple(let values) = value,
      targets.count == values.count
    {
      return (targets, values)
    }
    return ([target], [value])
  }
}

extension Expression {
  /// Whether this is a local variable, or several.
  fileprivate func isLocal(_ globals: Set<String>?) -> Bool {
    switch self {
    case .name(let name): globals.map { !$0.contains(name) } ?? false
    case .tuple(let items): items.allSatisfy { $0.isLocal(globals) }
    default: false
    }
  }

  /// Whether reading this does nothing that could be noticed.
  fileprivate var isPlain: Bool {
    switch self {
    case .constant, .name, .tuple([]): true
    default: false
    }
  }

  /// Whether evaluating this can raise an exception, so that its line is known.
  fileprivate var canFail: Bool {
    switch self {
    case .attribute, .call, .item, .binary, .comparison: true
    case .unary(.not, let operand): operand.canFail
    case .unary: true
    default: false
    }
  }

  /// Whether this is not at hand, so that its line is known.
  fileprivate var isMade: Bool {
    switch self {
    case .list, .set, .dictionary, .comprehension: true
    default: canFail
    }
  }

  fileprivate func mentions(_ other: Expression) -> Bool {
    switch other {
    case .name(let name): Statement(.expression(self)).mentions { $0 == name }
    case .tuple(let items): items.contains(where: mentions)
    default: true
    }
  }
}
