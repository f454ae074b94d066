import BigInt
import PythonSyntax

extension Expression {
  /// Other spellings of the whole expression, its parts as they are.
  func spellings(_ facts: SpellingFacts) -> [Expression] {
    switch self {
    case .conditional(let test, let yes, let no): conditionalSpellings(test, yes, no)
    case .boolean(let operation, let operands): booleanSpellings(operation, operands)
    // `not not x` is no `x`.
    case .unary(.not, let inner): inner.opposites(facts).filter { $0 != self && $0.isBoolean }
    case .comparison(let left, let parts): comparisonSpellings(left, parts, facts)
    case .call(.name("isinstance"), let arguments, []): Self.typeTests(arguments)
    case .constant(.ellipsis): [.name("Ellipsis")]
    default: []
    }
  }

  private func conditionalSpellings(
    _ test: Expression, _ yes: Expression, _ no: Expression
  ) -> [Expression] {
    var result = [Expression.conditional(test: test.negated, no, yes)]
    if yes == test, test.isSteady { result.append(Self.joined(.or, test, no)) }
    if no == test, test.isSteady { result.append(Self.joined(.and, test, yes)) }
    guard test.isBoolean else { return result }
    // The opposite of `not x` as a value is no `x`.
    let opposite = test.negated.isBoolean ? test.negated : .unary(.not, test)
    switch (yes, no) {
    case (.constant(.true), .constant(.false)): result.append(test)
    case (.constant(.false), .constant(.true)): result.append(.unary(.not, test))
    case (.constant(.true), _): result.append(Self.joined(.or, test, no))
    case (.constant(.false), _): result.append(Self.joined(.and, opposite, no))
    case (_, .constant(.false)): result.append(Self.joined(.and, test, yes))
    case (_, .constant(.true)): result.append(Self.joined(.or, opposite, yes))
    default: break
    }
    return result
  }

  /// `a and b`, without a bracket around an `and` on either side.
  static func joined(
    _ operation: BooleanOperator, _ left: Expression, _ right: Expression
  ) -> Expression {
    func operands(_ side: Expression) -> [Expression] {
      if case .boolean(operation, let inner) = side { inner } else { [side] }
    }
    return .boolean(operation, operands(left) + operands(right))
  }

  private func booleanSpellings(
    _ operation: BooleanOperator, _ operands: [Expression]
  ) -> [Expression] {
    let opposite: BooleanOperator = operation == .and ? .or : .and
    var result: [Expression] = []
    if isBoolean { result.append(.unary(.not, .boolean(opposite, operands.map(\.negated)))) }
    for index in operands.indices.dropFirst() {
      guard let joined = Self.merged(operation, operands[index - 1], operands[index]) else {
        continue
      }
      var all = operands
      all.replaceSubrange(index - 1...index, with: [joined])
      result.append(all.count == 1 ? all[0] : .boolean(operation, all))
    }
    // `not (a or b)` may stand for the last operands only.
    for start in operands.indices.dropFirst() where operands.count - start > 1 {
      let rest = Array(operands[start...])
      guard rest.allSatisfy(\.isBoolean) else { continue }
      let inner = Expression.unary(.not, .boolean(opposite, rest.map(\.negated)))
      result.append(.boolean(operation, operands[..<start] + [inner]))
    }
    return result
  }

  /// One operand for two: `a < b < c`, `isinstance(x, (A, B))`.
  private static func merged(
    _ operation: BooleanOperator, _ left: Expression, _ right: Expression
  ) -> Expression? {
    switch (operation, left, right) {
    case (.and, .comparison(let first, let parts), .comparison(let middle, let more)):
      guard parts.last?.operand == middle, middle.isSteady else { return nil }
      return .comparison(first, parts + more)
    case (
      .or, .call(.name("isinstance"), let first, []), .call(.name("isinstance"), let second, [])
    ):
      guard first.count == 2, second.count == 2, first[0] == second[0], first[0].isSteady,
        (first[1].types + second[1].types).allSatisfy(\.isBuiltinType)
      else { return nil }
      return .call(.name("isinstance"), [first[0], .tuple(first[1].types + second[1].types)], [])
    default: return nil
    }
  }

  private var types: [Expression] { if case .tuple(let items) = self { items } else { [self] } }

  /// Whether Cython tests for the type by a macro, so that a tuple of such types is never made.
  var isBuiltinType: Bool {
    guard case .name(let name) = self else { return false }
    return [
      "bool", "bytearray", "bytes", "complex", "dict", "float", "frozenset", "int", "list",
      "memoryview", "set", "slice", "str", "tuple", "type",
    ].contains(name)
  }

  private static func typeTests(_ arguments: [Expression]) -> [Expression] {
    guard arguments.count == 2, case .tuple(let types) = arguments[1], types.count > 1,
      arguments[0].isSteady, types.allSatisfy(\.isBuiltinType)
    else { return [] }
    return [
      .boolean(.or, types.map { .call(.name("isinstance"), [arguments[0], $0], []) })
    ]
  }

  /// What is false when this is true.
  private func opposites(_ facts: SpellingFacts) -> [Expression] {
    guard case .comparison(let left, let parts) = self, parts.count == 1,
      left.isInteger(facts), parts[0].operand.isInteger(facts),
      let opposite = parts[0].operator.numericOpposite
    else { return [negated] }
    return [negated, .comparison(left, [.init(opposite, parts[0].operand)])]
  }

  private func comparisonSpellings(
    _ left: Expression, _ parts: [ComparisonPart], _ facts: SpellingFacts
  ) -> [Expression] {
    if parts.count > 1 {
      var operands: [Expression] = []
      var first = left
      for part in parts {
        operands.append(.comparison(first, [part]))
        first = part.operand
      }
      let isRepeatable = parts.dropLast().allSatisfy(\.operand.isSteady)
      return isRepeatable ? [.boolean(.and, operands)] : []
    }
    let part = parts[0]
    var result: [Expression] = []
    if let opposite = negatedOperator(part.operator) {
      result.append(.unary(.not, .comparison(left, [.init(opposite, part.operand)])))
    }
    let isInteger = left.isInteger(facts) && part.operand.isInteger(facts)
    let isIdentity = [.is, .isNot].contains(part.operator)
    if let mirrored = Self.mirrored(part.operator),
      isInteger && left.isSteady && part.operand.isSteady && !part.operand.isConstant
        || isIdentity && areExchangeable(left, part.operand, facts)
    {
      result.append(.comparison(part.operand, [.init(mirrored, left)]))
    }
    if case .tuple(let items) = part.operand, let operation = Self.memberships[part.operator],
      left.isSteady, items.count > 1
    {
      result.append(
        .boolean(
          operation.joining,
          items.map { .comparison(left, [ComparisonPart(operation.comparing, $0)]) }))
    }
    // The length of something is 0, or is not.
    if part == .init(.equal, .integer(0)), case .call(.name("len"), _, []) = left {
      result.append(.unary(.not, left))
    }
    if left.isInteger(facts), case .constant(.integer(let number)) = part.operand,
      let (other, distance) = Self.neighbours[part.operator]
    {
      result.append(
        .comparison(left, [.init(other, .constant(.integer(number + BigInt(distance))))]))
    }
    return result
  }

  /// Whether it cannot be noticed which of two expressions is evaluated first.
  private func areExchangeable(
    _ left: Expression, _ right: Expression, _ facts: SpellingFacts
  ) -> Bool {
    func isLocal(_ side: Expression) -> Bool {
      if case .name(let name) = side { facts.locals.contains(name) } else { false }
    }
    if left.isName, right.isName { return true }
    return isLocal(left) && !right.isConstant || isLocal(right) && !left.isConstant
  }

  private var isConstant: Bool { if case .constant = self { true } else { false } }

  /// The operator under a `not` in front, as in `not x in y`.
  private func negatedOperator(_ operation: ComparisonOperator) -> ComparisonOperator? {
    switch operation {
    case .notIn: .in
    case .isNot: .is
    default: nil
    }
  }

  private static func mirrored(_ operation: ComparisonOperator) -> ComparisonOperator? {
    switch operation {
    case .less: .greater
    case .greater: .less
    case .lessOrEqual: .greaterOrEqual
    case .greaterOrEqual: .lessOrEqual
    case .equal: .equal
    case .notEqual: .notEqual
    case .is: .is
    case .isNot: .isNot
    default: nil
    }
  }

  /// `x in (a, b)` is `x == a or x == b` to Cython.
  private static let memberships:
    [ComparisonOperator: (joining: BooleanOperator, comparing: ComparisonOperator)] = [
      .in: (.or, .equal), .notIn: (.and, .notEqual),
    ]

  /// `n > 0` and `n >= 1` are the same test of a C integer.
  private static let neighbours: [ComparisonOperator: (ComparisonOperator, Int)] = [
    .greater: (.greaterOrEqual, 1), .greaterOrEqual: (.greater, -1),
    .less: (.lessOrEqual, -1), .lessOrEqual: (.less, 1),
  ]

  /// Whether this is an integer, so that comparing it asks no object.
  private func isInteger(_ facts: SpellingFacts) -> Bool {
    if case .name(let name) = self, facts.integers.contains(name) { return true }
    return isInteger
  }

  private var isInteger: Bool {
    switch self {
    case .constant(.integer), .call(.name("len"), _, []), .call(.name("ord"), _, []): true
    default: false
    }
  }

  var isName: Bool { if case .name = self { true } else { false } }

  /// Whether this may be evaluated twice or at another time to the same effect.
  var isSteady: Bool {
    switch self {
    case .constant, .name: true
    case .call(.name("len"), let arguments, []): arguments.allSatisfy(\.isSteady)
    default: false
    }
  }

  /// Whether the value is `True` or `False`, whatever the operands are.
  var isBoolean: Bool {
    switch self {
    case .constant(.true), .constant(.false), .unary(.not, _): true
    case .boolean(_, let operands): operands.allSatisfy(\.isBoolean)
    case .comparison(let left, let parts):
      parts.allSatisfy { part in
        switch part.operator {
        case .is, .isNot, .in, .notIn: true
        default: left.isInteger && part.operand.isInteger
        }
      }
    case .call(.name(let name), _, []):
      ["isinstance", "issubclass", "callable", "hasattr", "bool"].contains(name)
    default: false
    }
  }
}
