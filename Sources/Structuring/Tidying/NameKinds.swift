import Basics
import BigInt
package import PythonSyntax

/// Variables whose values are of one kind, whatever happens.
package struct NameKinds {
  var truths: Set<String> = []
  var integers: Set<String> = []
  /// Of C `double`s.
  var floats: Set<String> = []

  package init(
    truths: Set<String> = [], integers: Set<String> = [], floats: Set<String> = []
  ) {
    (self.truths, self.integers, self.floats) = (truths, integers, floats)
  }
}

extension Expression {
  /// What a test of such variables says more shortly.
  ///
  /// ```
  /// bool(t)           →      t
  /// True if t else False  →  t
  /// t != 0            →      t
  /// not n <= 3        →      n > 3
  /// f >= 0 and f <= 1 →      0 <= f <= 1
  /// 2 - (0 if c else 1)     →      2 if c else 1
  /// s * (1 if a in b else 0)   →   s * (a in b)
  /// 'y' if a and 'y' else 'n'  →   a and 'y' or 'n'
  /// ```
  package func with(_ kinds: NameKinds) -> Expression {
    switch self {
    case .call(.name("bool"), let arguments, []) where arguments.count == 1:
      if case .name(let name) = arguments[0], kinds.truths.contains(name) { return arguments[0] }
      return arguments[0].comparesNumbers(kinds) ? arguments[0] : self
    // A test that was made twice.
    case .conditional(let test, .conditional(let again, let yes, _), let no)
    where test == again && test.isIdentityTest:
      return .choice(test, yes, no)
    case .conditional(.conditional(let test, let yes, let no), let first, let second)
    where Expression.conditional(test: test, yes, no).asCondition == no:
      return .choice(no, first, second)
    case .conditional(let test, .constant(.true), .constant(.false)):
      if case .name(let name) = test, kinds.truths.contains(name) { return test }
      return test.comparesNumbers(kinds) ? test : self
    case .comparison(.name(let name), let parts)
    where kinds.truths.contains(name) && parts.count == 1 && parts[0].operand == .integer(0):
      switch parts[0].operator {
      case .equal: return .unary(.not, .name(name))
      case .notEqual: return .name(name)
      default: return self
      }
    // Compilers turn `len(x) > 0` around.
    case .comparison(.call(.name("len"), let arguments, []), let parts)
    where parts == [ComparisonPart(.lessOrEqual, .integer(0))]:
      return .unary(
        .not,
        .comparison(
          .call(.name("len"), arguments, []), [ComparisonPart(.greater, .integer(0))]))
    case .comparison(.call(.name(let function), let arguments, []), let parts)
    where ["len", "ord"].contains(function) && parts.count == 1
      && parts[0].operator == .lessOrEqual:
      guard case .constant(.integer(let number)) = parts[0].operand, number > 0 else { return self }
      return .comparison(
        .call(.name(function), arguments, []),
        [ComparisonPart(.less, .constant(.integer(number + 1)))])
    case .unary(.not, .unary(.not, let test)) where test.isBoolean: return test
    case .binary(.constant(.integer(let whole)), .subtract, .conditional(let test, let yes, let no)):
      guard case .constant(.integer(let first)) = yes, case .constant(.integer(let second)) = no
      else { return self }
      return .choice(test, .constant(.integer(whole - first)), .constant(.integer(whole - second)))
    case .binary(let left, .multiply, .conditional(let test, let yes, let no))
    where test.isBoolean && yes == .integer(1) && no == .integer(0):
      return .binary(left, .multiply, test)
    case .boolean(.and, let operands): return operands.joiningBounds(kinds) ?? self
    case .conditional(.boolean(.and, let operands), let yes, let no)
    where operands.last == yes && yes.isTrueText:
      return .boolean(.or, [.boolean(.and, operands), no])
    case .unary(.not, .comparison(let left, let parts))
    where parts.count == 1 && left.isIntegral(kinds) && parts[0].operand.isIntegral(kinds):
      guard let opposite = parts[0].operator.numericOpposite else { return self }
      return .comparison(left, [ComparisonPart(opposite, parts[0].operand)])
    default: return self
    }
  }

  /// Whether this is a constant text other than the empty one.
  private var isTrueText: Bool {
    if case .constant(.string(let text)) = self { !text.codePoints.isEmpty } else { false }
  }

  /// Whether this compares what a variable holds with a constant by identity.
  private var isIdentityTest: Bool {
    guard case .comparison(.name, let parts) = self, parts.count == 1,
      [.is, .isNot].contains(parts[0].operator), case .constant = parts[0].operand
    else { return false }
    return true
  }

  /// Whether this compares C numbers.
  func comparesNumbers(_ kinds: NameKinds) -> Bool {
    guard case .comparison(let first, let parts) = self else { return false }
    return first.isNumeric(kinds) && parts.allSatisfy { $0.operand.isNumeric(kinds) }
  }

  private func isNumeric(_ kinds: NameKinds) -> Bool {
    switch self {
    case .constant(.float): true
    case .name(let name): kinds.integers.contains(name) || kinds.floats.contains(name)
    case .call(.name("abs"), let arguments, []): arguments.allSatisfy { $0.isNumeric(kinds) }
    case .binary(let left, .add, let right), .binary(let left, .subtract, let right),
      .binary(let left, .multiply, let right):
      left.isNumeric(kinds) && right.isNumeric(kinds)
    default: isIntegral(kinds)
    }
  }

  private func isIntegral(_ kinds: NameKinds) -> Bool {
    switch self {
    case .constant(.integer), .call(.name("len"), _, []), .call(.name("ord"), _, []): true
    case .name(let name): kinds.integers.contains(name)
    case .binary(let left, .and, .constant(.integer)): left.isIntegral(kinds)
    case .conditional(_, let yes, let no): yes.isIntegral(kinds) && no.isIntegral(kinds)
    default: false
    }
  }
}

extension [Expression] {
  /// `a and 0 <= x <= 1 and b` for operands of `and`, two of which are the bounds of a C `double`: nothing in
  /// the code says on which side of it the first one stands.
  fileprivate func joiningBounds(_ kinds: NameKinds) -> Expression? {
    for index in indices.dropFirst() {
      guard case .comparison(.name(let name), let lower) = self[index - 1], lower.count == 1,
        case .comparison(.name(name), let upper) = self[index], upper.count == 1,
        kinds.floats.contains(name), case .constant = lower[0].operand,
        case .constant = upper[0].operand, let first = lower[0].operator.turned,
        [.less, .lessOrEqual].contains(upper[0].operator)
      else { continue }
      var result = self
      result[index] = .comparison(lower[0].operand, [.init(first, .name(name)), upper[0]])
      result.remove(at: index - 1)
      return result.count == 1 ? result[0] : .boolean(.and, result)
    }
    return nil
  }
}

extension Expression.ComparisonOperator {
  /// `a < b` for `b > a`.
  fileprivate var turned: Self? {
    switch self {
    case .greater: .less
    case .greaterOrEqual: .lessOrEqual
    default: nil
    }
  }
}
