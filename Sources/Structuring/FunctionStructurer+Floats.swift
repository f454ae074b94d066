import Basics
import IR
import Raising

// C `double`s, which processors compare with four answers.
extension FunctionStructurer {
  /// The number that a value is without its sign, as `fabs` compiles.
  func magnitude(_ id: Instruction.ID) -> Instruction.ID? {
    guard let (opcode, value, mask) = raiser.function.machine(id), opcode == .and,
      raiser.function.size(id) == 8, raiser.function.constant(mask) == UInt64.max >> 1
    else { return nil }
    return value
  }

  /// The comparison that fails if a condition holds.
  ///
  /// ```
  /// a is NaN or b is NaN or a < b               →     b <= a
  /// a is NaN or b is NaN or a == b or a < b     →     b < a
  /// ```
  /// Nothing is less than what is no number, nor equal to it, so that the processor's answer holds
  /// where the source's comparison does not.
  func unorderedComparison(_ id: Instruction.ID) -> Instruction.ID? {
    var numbers: Set<Instruction.ID> = []
    var comparison: (opcode: Opcode, left: Instruction.ID, right: Instruction.ID)?
    var equal: Set<Instruction.ID>?
    var pending = [id]
    var count = 0
    while let part = pending.popLast() {
      count += 1
      guard count < 16, let (opcode, left, right) = raiser.function.machine(part) else {
        return nil
      }
      switch opcode {
      case .booleanOr: pending += [left, right]
      case .floatIsNaN: numbers.insert(left)
      case .floatLess, .floatLessOrEqual:
        guard comparison == nil else { return nil }
        comparison = (opcode, left, right)
      case .floatEqual:
        guard equal == nil || equal == [left, right] else { return nil }
        equal = [left, right]
      default: return nil
      }
    }
    guard let comparison else { return nil }
    // Constants are numbers, and not asked.
    let operands = [comparison.left, comparison.right]
    if let equal, equal != Set(operands) { return nil }
    let unknown = operands.filter { raiser.function.constant($0) == nil }
    guard !unknown.isEmpty, Set(unknown) == numbers,
      operands.allSatisfy({ id in
        guard raiser.function.size(id) == 8 else { return false }
        return raiser.function.constant(id).map { !Double(bitPattern: $0).isNaN } ?? true
      })
    else { return nil }
    let isStrict = comparison.opcode == .floatLess && equal == nil
    let opposite: Opcode = isStrict ? .floatLessOrEqual : .floatLess
    return raiser.function.binary(opposite, comparison.right, comparison.left, width: 1)
  }
}
