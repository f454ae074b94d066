import PythonSyntax

extension Expression {
  /// `x in (a, b)` for the comparisons that Cython makes of it.
  ///
  /// ```
  /// x == a or x == b                    x in (a, b)
  /// x != a and x != b            →      x not in (a, b)
  /// ```
  /// (`FlattenInListTransform` in `Cython/Compiler/Optimize.py`)
  var withMemberships: Expression {
    if case .call(.name("bool"), let arguments, []) = self, arguments.count == 1,
      arguments[0].isBoolean
    {
      return arguments[0]
    }
    guard case .boolean(let operation, let parts) = self else { return self }
    let operands = parts.first.map { $0.flattened(operation) + parts.dropFirst() } ?? parts
    var result: [Expression] = []
    var start = 0
    while start < operands.count {
      var end = start + 1
      var items: [Expression] = []
      if let first = operands[start].member(operation) {
        items = [first.item]
        while end < operands.count, let next = operands[end].member(operation),
          next.object == first.object
        {
          items.append(next.item)
          end += 1
        }
        if items.count > 1 {
          let comparison: ComparisonOperator = operation == .or ? .in : .notIn
          result.append(.comparison(first.object, [.init(comparison, .tuple(items))]))
          start = end
          continue
        }
      }
      result.append(operands[start])
      start += 1
    }
    return result.count == 1 ? result[0] : .boolean(operation, result)
  }

  /// The operands of an operator, where this is made of it.
  private func flattened(_ operation: BooleanOperator) -> [Expression] {
    guard case .boolean(operation, let parts) = self else { return [self] }
    return parts
  }

  /// What one of the comparisons compares with what.
  private func member(_ operation: BooleanOperator) -> (object: Expression, item: Expression)? {
    var (value, isEqual) = (self, true)
    if case .unary(.not, let inner) = value { (value, isEqual) = (inner, false) }
    guard case .comparison(let object, let parts) = value, parts.count == 1, object.isMember
    else { return nil }
    switch parts[0].operator {
    case .equal: break
    case .notEqual: isEqual.toggle()
    default: return nil
    }
    guard isEqual == (operation == .or), parts[0].operand.isSimpleItem else { return nil }
    return (object, parts[0].operand)
  }

  /// Whether this may be looked for in a display: a variable, its type, or some bits of one.
  private var isMember: Bool {
    switch self {
    case .name, .binary(.name, .and, .constant(.integer)): true
    case .call(.name("type"), let arguments, []):
      if arguments.count == 1, case .name = arguments[0] { true } else { false }
    default: false
    }
  }

  /// Whether this is evaluated in no time, so that its order does not matter.
  private var isSimpleItem: Bool {
    switch self {
    case .constant, .name: true
    case .attribute(let inner, _): inner.isSimpleItem
    case .unary(.negative, let inner): inner.isSimpleItem
    case .tuple(let items): items.allSatisfy(\.isSimpleItem)
    default: false
    }
  }
}
