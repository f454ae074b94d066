import Basics
package import IR

/// The decision at the end of a block, in one of few normal forms.
package struct Condition {
  package enum Form: Equatable {
    /// Two values are equal.
    case equal(Instruction.ID, Instruction.ID)
    /// The first value is less than the second, signed.
    case less(Instruction.ID, Instruction.ID)
    /// The first value is less than the second or equal to it, signed.
    case lessOrEqual(Instruction.ID, Instruction.ID)
    /// At least one of two conditions holds.
    case either(Instruction.ID, Instruction.ID)
    /// Anything else: the value is not zero.
    case holds(Instruction.ID)
  }

  package let form: Form
  /// Whether the first arm of the branch is taken when the form holds.
  package let isPositive: Bool

  package init(_ value: Instruction.ID, in function: borrowing Function) {
    var value = value
    var isPositive = true
    while let (opcode, inner, _) = function.machine(value), opcode == .booleanNot {
      value = inner
      isPositive.toggle()
    }
    self.isPositive = isPositive == Self.isPositive(value, function)
    form = Self.form(of: value, function)
  }

  private static func isPositive(
    _ value: Instruction.ID, _ function: borrowing Function
  ) -> Bool {
    function.machine(value)?.opcode != .notEqual
  }

  private static func form(of value: Instruction.ID, _ function: borrowing Function) -> Form {
    guard let (opcode, left, right) = function.machine(value) else { return .holds(value) }
    return switch opcode {
    case .equal, .notEqual: .equal(left, right)
    case .signedLess: .less(left, right)
    case .signedLessOrEqual: .lessOrEqual(left, right)
    case .booleanOr: .either(left, right)
    default: .holds(value)
    }
  }
}
