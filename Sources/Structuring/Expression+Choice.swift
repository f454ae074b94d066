import PythonSyntax

// Choices between two values, as people write them.
extension Expression {
  /// `yes if test else no`, or what says the same more shortly.
  ///
  /// ```
  /// True if c else False     →     c
  /// x if c else False        →     c and x
  /// True if c else x         →     c or x
  /// c if c else x            →     c or x
  /// x if not c else y        →     y if c else x
  /// ```
  /// The second and third need a test that is `True` or `False` itself.
  static func choice(_ test: Expression, _ yes: Expression, _ no: Expression) -> Expression {
    switch (yes, no) {
    case (.constant(.true), .constant(.false)):
      return test.isBoolean ? test : .call(.name("bool"), [test], [])
    case (.constant(.false), .constant(.true)): return test.negatedValue
    case (_, .constant(.false)) where test.isBoolean: return .joined(.and, test, yes)
    case (.constant(.true), _) where test.isBoolean: return .joined(.or, test, no)
    case (.constant(.false), _): return .joined(.and, test.negatedValue, no)
    case (_, .constant(.true)): return .joined(.or, test.negatedValue, yes)
    case (test, _) where test.isName: return .joined(.or, test, no)
    case (_, test) where test.isName: return .joined(.and, test, yes)
    case (no, _) where test.isPure: return yes
    // x if a else x if b else y  →  x if a or b else y
    case (_, .conditional(test: let other, yes, let last)) where yes.isNamedOrConstant:
      return .choice(.joined(.or, test, other), yes, last)
    default:
      if case .unary(.not, let inner) = test { return .conditional(test: inner, no, yes) }
      return .conditional(test: test, yes, no)
    }
  }

  private var isNamedOrConstant: Bool {
    switch self {
    case .name, .constant: true
    default: false
    }
  }

  private var isName: Bool { if case .name = self { true } else { false } }

  /// Whether evaluating this does nothing that could be noticed.
  var isPure: Bool {
    switch self {
    case .name, .constant: true
    case .unary(.not, let inner): inner.isPure
    case .boolean(_, let operands): operands.allSatisfy(\.isPure)
    case .comparison(let first, let parts):
      first.isPure && parts.allSatisfy { [.is, .isNot].contains($0.operator) && $0.operand.isPure }
    case .call(.name("isinstance"), let arguments, _): arguments.allSatisfy(\.isPure)
    default: false
    }
  }

  /// Whether a choice is the test itself or its opposite, which hardly anybody writes as a choice.
  func isDecision(_ yes: Expression, _ no: Expression) -> Bool {
    switch (yes, no) {
    case (.constant(.true), .constant(.false)): isBoolean
    case (.constant(.false), .constant(.true)): true
    default: false
    }
  }

  /// Whether the value is `True` or `False` for sure.
  var isBoolean: Bool {
    switch self {
    case .comparison(_, let parts):
      parts.allSatisfy { [.is, .isNot, .in, .notIn].contains($0.operator) } || isNumeric
    case .unary(.not, _), .constant(.true), .constant(.false): true
    case .boolean(_, let operands): operands.allSatisfy(\.isBoolean)
    case .call(.name(let name), _, _):
      ["isinstance", "issubclass", "callable", "hasattr", "bool"].contains(name)
    default: false
    }
  }

  /// Whether this compares numbers, so that the result is `True` or `False`.
  var isNumeric: Bool {
    guard case .comparison(let first, let parts) = self else { return false }
    return ([first] + parts.map(\.operand)).allSatisfy { operand in
      switch operand {
      case .constant(.integer), .constant(.float), .call(.name("len"), _, _),
        .call(.name("hash"), _, _), .call(.name("ord"), _, _):
        true
      default: false
      }
    }
  }

  /// `not` of this as a value, which is `True` or `False`.
  var negatedValue: Expression {
    let result = negated
    return result.isBoolean ? result : .unary(.not, self)
  }

  /// `left op right`, with chains of one operator made flat.
  static func joined(
    _ operation: BooleanOperator, _ left: Expression, _ right: Expression
  ) -> Expression {
    var operands: [Expression] = []
    for side in [left, right] {
      let parts: [Expression] =
        if case .boolean(operation, let inner) = side { inner } else { [side] }
      for part in parts {
        if let last = operands.last,
          let both = last.mergedTypeTest(operation, part) ?? last.joinedChain(operation, part)
        {
          operands[operands.count - 1] = both
        } else {
          operands.append(part)
        }
      }
    }
    return operands.count == 1 ? operands[0] : .boolean(operation, operands)
  }

  /// `a < b < c` for two comparisons that share an operand.
  private func joinedChain(_ operation: BooleanOperator, _ other: Expression) -> Expression? {
    if guardsText(operation, other) { return other }
    switch (operation, self, other) {
    case (.and, .comparison, .comparison): return chained(with: other)
    case (.or, .unary(.not, let first), .unary(.not, let second)):
      return first.chained(with: second).map { .unary(.not, $0) }
    default: return nil
    }
  }

  /// Whether this asks for `None` before text is compared, as `__Pyx_PyUnicode_Equals` does.
  private func guardsText(_ operation: BooleanOperator, _ other: Expression) -> Bool {
    guard case .comparison(let object, let parts) = self,
      parts == [ComparisonPart(operation == .and ? .isNot : .is, .none)]
    else { return false }
    var (value, isEqual) = (other, operation == .and)
    if case .unary(.not, let inner) = value { (value, isEqual) = (inner, !isEqual) }
    guard case .comparison(object, let others) = value, others.count == 1,
      others[0].operator == (isEqual ? .equal : .notEqual),
      case .constant(let text) = others[0].operand
    else { return false }
    switch text {
    case .string, .bytes: return true
    default: return false
    }
  }

  /// `isinstance(x, (a, b))` for two tests of one name's type, which Cython takes apart for builtin
  /// types (`_handle_simple_function_isinstance` in `Optimize.py`).
  private func mergedTypeTest(_ operation: BooleanOperator, _ other: Expression) -> Expression? {
    switch (operation, self, other) {
    case (
      .or, .call(.name("isinstance"), let first, _), .call(.name("isinstance"), let second, _)
    ):
      guard first.count == 2, second.count == 2, case .name = first[0], first[0] == second[0],
        let added = second[1].flaggedTypes
      else { return nil }
      // What stands first was joined before, or names a type.
      let types: [Expression]
      if case .tuple(let items) = first[1] {
        types = items
      } else if let single = first[1].flaggedTypes {
        types = single
      } else {
        return nil
      }
      return .call(.name("isinstance"), [first[0], .tuple(types + added)], [])
    case (.and, .unary(.not, let first), .unary(.not, let second)):
      return first.mergedTypeTest(.or, second).map { .unary(.not, $0) }
    default: return nil
    }
  }

  /// The types of a test, if each of them is one that Cython tests for by itself.
  private var flaggedTypes: [Expression]? {
    switch self {
    case .name(let name): Self.flaggedTypeNames.contains(name) ? [self] : nil
    case .tuple(let items): items.allSatisfy { $0.flaggedTypes?.count == 1 } ? items : nil
    default: nil
    }
  }

  private static let flaggedTypeNames: Set<String> = [
    "int", "list", "tuple", "bytes", "str", "dict", "type", "float", "bool", "set", "frozenset",
    "bytearray", "complex",
  ]
}
