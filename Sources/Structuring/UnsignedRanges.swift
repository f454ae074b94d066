import IR
import PythonSyntax
import Raising

// Comparisons that compilers make unsigned.
extension FunctionStructurer {
  /// Two comparisons that a compiler made one.
  ///
  /// ```
  /// (unsigned)(x - 6) < 4     →     6 <= x < 10
  /// ```
  func unsignedRange(
    _ opcode: Opcode, _ left: Instruction.ID, _ right: Instruction.ID, _ state: State,
    _ taken: [Instruction.ID: Pending]
  ) throws -> Expression? {
    let isLimitRight = raiser.function.constant(right) != nil
    let (moved, limit) = isLimitRight ? (left, right) : (right, left)
    guard let number = raiser.function.constant(limit),
      case let (value, distance) = raiser.function.offset(moved), distance != 0
    else { return nil }
    let start = -Opcode.signed(distance, raiser.function.size(moved))
    let width = Opcode.signed(number, raiser.function.size(limit))
    let (end, overflows) = start.addingReportingOverflow(width)
    guard width >= 0, !overflows, start > Int64.min else { return nil }
    let inner = try expression(value, state, taken)
    // `d <= x - c` and `d < x - c` are the opposites.
    let isBelow = (opcode == .less) == isLimitRight
    let range = Expression.comparison(
      .integer(Int(start)),
      [
        .init(.lessOrEqual, inner),
        .init(isBelow ? .less : .lessOrEqual, .integer(Int(end))),
      ])
    return isLimitRight ? range : range.negated
  }
}
