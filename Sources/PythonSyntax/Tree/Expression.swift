package import Basics
package import BigInt

/// A Python expression, with the structure of CPython's `ast` module.
package indirect enum Expression: Hashable, Sendable {
  case constant(Constant)
  case name(String)
  case attribute(Expression, String)
  case item(Expression, Expression)
  case slice(Expression?, Expression?, Expression?)
  case starred(Expression)
  case call(Expression, [Expression], [Keyword])
  case unary(UnaryOperator, Expression)
  case binary(Expression, BinaryOperator, Expression)
  /// Two or more operands, joined by `and` or `or`.
  case boolean(BooleanOperator, [Expression])
  /// `first op second op third …`
  case comparison(Expression, [ComparisonPart])
  case conditional(test: Expression, Expression, Expression)
  case lambda(Parameters, Expression)
  case tuple([Expression])
  case list([Expression])
  case set([Expression])
  /// Entries; a missing key means `**value`.
  case dictionary([DictionaryEntry])
  case comprehension(ComprehensionKind, Expression, value: Expression?, [Generator])
  case formatted([FormattedPart])
  case await(Expression)
  case yield(Expression?)
  case yieldFrom(Expression)
  /// `name := value`
  case assignment(String, Expression)

  package enum Constant: Hashable, Sendable {
    case none, `true`, `false`, ellipsis
    case integer(BigInt)
    case float(Double)
    /// The imaginary part of a number.
    case imaginary(Double)
    case string(Text)
    case bytes([UInt8])
  }

  package struct Keyword: Hashable, Sendable {
    /// The name, or nil for `**value`.
    package let name: String?
    package let value: Expression

    package init(_ name: String?, _ value: Expression) {
      self.name = name
      self.value = value
    }
  }

  package enum UnaryOperator: String, Hashable, Sendable {
    case not = "not "
    case negative = "-"
    case positive = "+"
    case invert = "~"
  }

  package enum BinaryOperator: String, Hashable, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case matrixMultiply = "@"
    case divide = "/"
    case floorDivide = "//"
    case remainder = "%"
    case power = "**"
    case leftShift = "<<"
    case rightShift = ">>"
    case and = "&"
    case or = "|"
    case exclusiveOr = "^"
  }

  package enum BooleanOperator: String, Hashable, Sendable {
    case and, or
  }

  package struct ComparisonPart: Hashable, Sendable {
    package let `operator`: ComparisonOperator
    package let operand: Expression

    package init(_ operator: ComparisonOperator, _ operand: Expression) {
      self.operator = `operator`
      self.operand = operand
    }
  }

  package enum ComparisonOperator: String, Hashable, Sendable {
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case `is` = "is"
    case isNot = "is not"
    case `in` = "in"
    case notIn = "not in"
  }

  package struct DictionaryEntry: Hashable, Sendable {
    package let key: Expression?
    package let value: Expression

    package init(_ key: Expression?, _ value: Expression) {
      self.key = key
      self.value = value
    }
  }

  package enum ComprehensionKind: Hashable, Sendable {
    case list, set, dictionary, generator
  }

  /// One `for … in … if …` of a comprehension.
  package struct Generator: Hashable, Sendable {
    package let target: Expression
    package let iterable: Expression
    package let conditions: [Expression]
    package let isAsync: Bool

    package init(
      _ target: Expression, _ iterable: Expression, _ conditions: [Expression],
      isAsync: Bool = false
    ) {
      self.target = target
      self.iterable = iterable
      self.conditions = conditions
      self.isAsync = isAsync
    }
  }

  /// A piece of an f-string.
  package enum FormattedPart: Hashable, Sendable {
    case text(Text)
    case value(Expression, Conversion?, [FormattedPart]?)

    package enum Conversion: Character, Hashable, Sendable {
      case string = "s"
      case representation = "r"
      case ascii = "a"
    }
  }
}

extension Expression {
  package static func string(_ text: String) -> Expression { .constant(.string(Text(text))) }

  package static func integer(_ value: Int) -> Expression { .constant(.integer(BigInt(value))) }

  package static var none: Expression { .constant(.none) }

  /// The opposite of a truth value, without a `not` where an operator has an opposite.
  package var negated: Expression {
    switch self {
    case .unary(.not, let inner): inner
    case .comparison(let left, let parts):
      if parts.count == 1,
        let opposite = parts[0].operator.opposite
          ?? (isLengthComparison ? parts[0].operator.numericOpposite : nil)
      {
        .comparison(left, [ComparisonPart(opposite, parts[0].operand)])
      } else {
        .unary(.not, self)
      }
    case .boolean(let operation, let operands): negated(operation, operands)
    default: .unary(.not, self)
    }
  }

  /// Whether this compares a length with an integer, or with another length.
  private var isLengthComparison: Bool {
    guard case .comparison(let left, let parts) = self else { return false }
    let operands = [left] + parts.map(\.operand)
    let isLength = operands.map { operand in
      if case .call(.name("len"), _, _) = operand { true } else { false }
    }
    return isLength.contains(true)
      && zip(operands, isLength).allSatisfy { operand, isLength in
        if case .constant(.integer) = operand { true } else { isLength }
      }
  }

  /// De Morgan's law, unless that needs more `not`s.
  private func negated(_ operation: BooleanOperator, _ operands: [Expression]) -> Expression {
    let opposites = operands.map(\.negated)
    let count = { (parts: [Expression]) in
      parts.count { if case .unary(.not, _) = $0 { true } else { false } }
    }
    guard count(opposites) <= count(operands) + 1 else { return .unary(.not, self) }
    return .boolean(operation == .and ? .or : .and, opposites)
  }
}

extension Expression.ComparisonOperator {
  /// The operator that is true when this one is false, for every object.
  var opposite: Self? {
    switch self {
    case .is: .isNot
    case .isNot: .is
    case .in: .notIn
    case .notIn: .in
    default: nil
    }
  }

  /// The operator that is true when this one is false, for integers.
  package var numericOpposite: Self? {
    switch self {
    case .equal: .notEqual
    case .notEqual: .equal
    case .less: .greaterOrEqual
    case .lessOrEqual: .greater
    case .greater: .lessOrEqual
    case .greaterOrEqual: .less
    default: nil
    }
  }
}
