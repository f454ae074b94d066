extension [Statement] {
  /// The variables that get nothing but integers, so that their comparisons have opposites.
  package var integerNames: Set<String> { names { $0.isIntegerValue } }

  /// The variables that get nothing but `True` and `False`.
  package var truthNames: Set<String> { names { $0.isTruthValue } }

  /// The variables that get nothing but floating-point numbers.
  package var floatNames: Set<String> { names { $0.isFloatValue } }

  /// The variables that get only values of one kind.
  private func names(_ isWanted: (Expression) -> Bool) -> Set<String> {
    var wanted: Set<String> = []
    var others: Set<String> = []
    func note(_ target: Expression, _ isKnown: Bool) {
      if case .name(let name) = target {
        if isKnown { wanted.insert(name) } else { others.insert(name) }
      } else {
        for part in target.parts { note(part, false) }
      }
    }
    func visit(_ expression: Expression) {
      switch expression {
      case .comprehension(_, _, _, let generators):
        for generator in generators { note(generator.target, false) }
      case .assignment(let name, _): others.insert(name)
      default: break
      }
      for part in expression.parts { visit(part) }
    }
    func visit(_ statement: Statement) {
      for expression in statement.expressions { visit(expression) }
      switch statement.kind {
      case .assign(let targets, let value):
        for target in targets { note(target, value.isAlways(isWanted, or: target)) }
      case .augmentedAssign(let target, _, _), .annotatedAssign(let target, _, _):
        note(target, false)
      case .for(let target, _, _, _, _): note(target, false)
      case .with(let items, _, _):
        for item in items { if let target = item.target { note(target, false) } }
      case .delete(let targets):
        for target in targets { note(target, false) }
      case .try(_, let handlers, _, _): others.formUnion(handlers.compactMap(\.name))
      case .import(let names), .importFrom(_, _, let names):
        others.formUnion(names.map { $0.alias ?? $0.name })
      case .function(let definition): others.insert(definition.name)
      case .class(let definition): others.insert(definition.name)
      case .global(let names), .nonlocal(let names): others.formUnion(names)
      default: break
      }
      for inner in statement.inner { visit(inner) }
    }
    for statement in self { visit(statement) }
    return wanted.subtracting(others)
  }
}

extension Expression {
  /// Whether the value is of a kind whatever a choice comes to, or what a variable holds already.
  fileprivate func isAlways(_ isWanted: (Expression) -> Bool, or variable: Expression) -> Bool {
    if case .conditional(_, let yes, let no) = self {
      return [yes, no].allSatisfy { $0 == variable || $0.isAlways(isWanted, or: variable) }
    }
    return isWanted(self)
  }

  /// Whether the value is an integer whatever the operands are.
  fileprivate var isIntegerValue: Bool {
    switch self {
    case .constant(.integer), .call(.name("len"), _, []), .call(.name("ord"), _, []): true
    default: false
    }
  }

  /// Whether the value is a floating-point number whatever the operands are.
  fileprivate var isFloatValue: Bool {
    switch self {
    case .constant(.float): true
    case .call(.name("float"), let arguments, []): arguments.count == 1
    case .binary(let left, .add, let right), .binary(let left, .subtract, let right),
      .binary(let left, .multiply, let right), .binary(let left, .divide, let right):
      left.isFloatValue && (right.isFloatValue || right.isIntegerValue)
        || left.isIntegerValue && right.isFloatValue
    default: false
    }
  }

  /// Whether the value is `True` or `False` whatever the operands are.
  fileprivate var isTruthValue: Bool {
    switch self {
    case .constant(.true), .constant(.false), .unary(.not, _): true
    case .boolean(_, let operands): operands.allSatisfy(\.isTruthValue)
    case .comparison(_, let parts):
      parts.allSatisfy { [.is, .isNot, .in, .notIn].contains($0.operator) }
    case .call(.name(let name), _, []):
      ["isinstance", "issubclass", "callable", "hasattr", "bool"].contains(name)
    default: false
    }
  }
}
