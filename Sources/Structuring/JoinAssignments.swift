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
  /// _value1 = f()                     self.a = self.b = f()
  /// self.a = _value1
  /// self.b = _value1
  /// ```
  /// Only statements that can fail are known to stand on their line. Nothing is evaluated in another
  /// order: local variables show to nobody when they are assigned.
  ///
  /// - Parameters:
  ///   - globals: the names that are no local variables; nil for all of them.
  ///   - temporaries: the names that were made up.
  /// - Returns: the statements, joined in every body.
  func joiningAssignments(globals: Set<String>?, temporaries: Set<String>) -> [Statement] {
    let result = joined { name in
      temporaries.contains(name) || globals.map { !$0.contains(name) } ?? false
    }
    return result.withoutUnread(temporaries, in: result)
  }

  private func joined(_ isLocal: (String) -> Bool) -> [Statement] {
    var result: [Statement] = []
    for statement in self {
      let statement = statement.mappingBodies { $0.joined(isLocal) }
      if let last = result.last, let joined = last.joined(with: statement, isLocal) {
        result[result.count - 1] = joined
      } else {
        result.append(statement)
      }
    }
    return result
  }

  /// The statements without the names that only keep a value for targets that have joined its own.
  private func withoutUnread(_ temporaries: Set<String>, in function: [Statement]) -> [Statement] {
    map { statement in
      var result = statement.mappingBodies { $0.withoutUnread(temporaries, in: function) }
      if case .assign(let targets, let value) = result.kind, targets.count > 1,
        case .name(let name)? = targets.last, temporaries.contains(name),
        function.mentionCount(of: name) == 1
      {
        result.kind = .assign(targets.dropLast(), value)
      }
      return result
    }
  }
}

extension Statement {
  fileprivate func joined(with next: Statement, _ isLocal: (String) -> Bool) -> Statement? {
    guard let line, line == next.line, case .assign(let targets, let value) = kind,
      case .assign(let others, let other) = next.kind, others.count == 1, let target = targets.last
    else { return nil }
    var result = self
    if value == other, value.isPlain, !target.isVariable(isLocal), !others[0].isVariable(isLocal) {
      result.kind = .assign(targets + others, value)
      return result
    }
    if targets.count == 1, target.isVariable(isLocal), target == other, value.isMade,
      case .tuple = others[0], case .name = target, others[0].isVariable(isLocal)
    {
      result.kind = .assign(others + targets, value)
      return result
    }
    if targets.count == 1, target.isVariable(isLocal), target == other, value.isMade,
      !others[0].isVariable(isLocal), !others[0].mentions(target)
    {
      result.kind = .assign(others + targets, value)
      return result
    }
    if targets.count > 1, target.isVariable(isLocal), target == other,
      !others[0].isVariable(isLocal), !others[0].mentions(target)
    {
      result.kind = .assign(targets.dropLast() + others + [target], value)
      return result
    }
    guard targets.count == 1 else { return nil }
    let (names, values) = Self.parts(target, value)
    let areLocal = (names + others).allSatisfy { $0.isVariable(isLocal) }
    let areValuesPlain = (values + [other]).allSatisfy(\.isPlain)
    guard areLocal ? (values + [other]).allSatisfy(\.isMade) : areValuesPlain,
      areLocal || !(names + others).contains(where: { $0.isVariable(isLocal) }),
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
  fileprivate func isVariable(_ isLocal: (String) -> Bool) -> Bool {
    switch self {
    case .name(let name): isLocal(name)
    case .tuple(let items): items.allSatisfy { $0.isVariable(isLocal) }
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
