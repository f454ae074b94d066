import Basics
import PythonSyntax

extension Expression {
  /// Whether this is a `str` that may be missing, as it stands in an f-string.
  var isPossibleText: Bool {
    guard case .conditional = self, case .value(let value, nil, nil)? = textParts.first else {
      return false
    }
    return value != self
  }

  /// The parts that an expression is in an f-string.
  var textParts: [FormattedPart] {
    switch self {
    case .constant(.string(let text)): [.text(text)]
    case .formatted(let parts): parts
    // A `str` that may be missing (`__Pyx_PyUnicode_Unicode`).
    case .conditional(
      test: .comparison(let text, let tests), .constant(.string(let none)), let value)
    where value == text && none.string == "None" && tests == [.init(.is, .none)]:
      [.value(text, nil, nil)]
    case .conditional(
      test: .comparison(let text, let tests), let value, .constant(.string(let none)))
    where value == text && none.string == "None" && tests == [.init(.isNot, .none)]:
      [.value(text, nil, nil)]
    case .call(.name("str"), let arguments, _) where arguments.count == 1:
      [.value(arguments[0], .string, nil)]
    case .call(.name("repr"), let arguments, _) where arguments.count == 1:
      [.value(arguments[0], .representation, nil)]
    default: [.value(self, nil, nil)]
    }
  }

  /// `f'{f"{a}"}, {b}'` → `f'{a}, {b}'`, as it is left where a part was put into a variable first.
  var withFlatTexts: Expression {
    guard case .formatted(let parts) = self else { return self }
    return .formatted(
      parts.flatMap { part in
        switch part {
        case .value(let value, nil, nil):
          switch value {
          case .formatted, .conditional, .constant(.string): value.textParts
          default: [part]
          }
        default: [part]
        }
      })
  }
}

extension Expression {
  /// `isinstance(x, memoryview)` for `type(x) is memoryview`: nothing can be derived from some types.
  var asTypeTest: Expression {
    guard case .comparison(.call(.name("type"), let arguments, []), let parts) = self,
      arguments.count == 1, parts.count == 1, case .name(let type) = parts[0].operand,
      ["memoryview", "bool", "slice", "range"].contains(type)
    else { return self }
    let test = Expression.call(.name("isinstance"), [arguments[0], parts[0].operand], [])
    switch parts[0].operator {
    case .is: return test
    case .isNot: return .unary(.not, test)
    default: return self
    }
  }

  /// `(*a, b)` for `tuple([*a, b])`, as Cython makes it.
  var withStarredTuple: Expression {
    guard case .call(.name("tuple"), let arguments, []) = self, arguments.count == 1,
      case .list(let items) = arguments[0],
      items.contains(where: { if case .starred = $0 { true } else { false } })
    else { return self }
    return .tuple(items)
  }

  /// `a if t else t` → `t and a`, and `t if t else a` → `t or a`, for a variable; and `a` for
  /// `a if type(t) is list else a`, which a faster way leaves behind.
  var withNamedChoice: Expression {
    if case .conditional(let test, let yes, let no) = self, yes == no, test.isTypeTest {
      return yes
    }
    if let attributes = chosenAttributes { return attributes }
    guard case .conditional(test: .name(let name), let yes, let no) = self else { return self }
    if no == .name(name) { return .joined(.and, .name(name), yes) }
    if yes == .name(name) { return .joined(.or, .name(name), no) }
    return self
  }

  /// `x.a if c else x.b` for `getattr(x, 'a' if c else 'b')`: compilers ask in one place for either.
  private var chosenAttributes: Expression? {
    guard case .call(.name("getattr"), let arguments, []) = self, arguments.count == 2,
      case .name = arguments[0], case .conditional(let test, let yes, let no) = arguments[1],
      case .constant(.string(let first)) = yes, let first = first.string,
      case .constant(.string(let second)) = no, let second = second.string,
      Identifiers.isValid(first), Identifiers.isValid(second), test.bindings.isEmpty
    else { return nil }
    return .conditional(
      test: test, .attribute(arguments[0], first), .attribute(arguments[0], second))
  }

  /// Whether this only asks for the type of a variable.
  private var isTypeTest: Bool {
    guard case .comparison(.call(.name("type"), let arguments, []), let parts) = self,
      arguments.count == 1, case .name = arguments[0], parts.count == 1,
      [.is, .isNot].contains(parts[0].operator), case .name = parts[0].operand
    else { return false }
    return true
  }
}

extension Tidier {
  /// Takes the question away whether a text is empty that is joined with another one.
  ///
  /// ```
  /// t = f'{a}'                             t = f'{a}'
  /// f(t + 'x' if t else 'x')        →      f(t + 'x')
  /// ```
  /// (`__Pyx_PyUnicode_Concat` in `Cython/Utility/StringTools.c`)
  func joiningText(_ last: Statement, _ next: Statement) -> Statement {
    guard case .assign(let targets, let value) = last.kind, targets.count == 1,
      case .name(let name) = targets[0], temporaries[name] != nil, value.isJoinedText
    else { return next }
    return next.mappingExpressions { expression in
      guard case .conditional(let test, let yes, let no) = expression else { return expression }
      let (tested, sum, text) =
        if case .unary(.not, let inner) = test { (inner, no, yes) } else { (test, yes, no) }
      guard tested == targets[0], sum == .binary(tested, .add, text),
        case .constant(.string) = text
      else { return expression }
      return sum
    }
  }
}

extension Expression {
  /// Whether this is a text for certain.
  fileprivate var isJoinedText: Bool {
    switch self {
    case .formatted, .constant(.string): true
    case .call(.attribute(.constant(.string), "join"), _, []): true
    case .binary(let left, .add, let right): left.isJoinedText && right.isJoinedText
    default: false
    }
  }
}
