import Analysis
import Basics
import IR
import PythonSyntax
import Raising

// Comparison chains.
extension FunctionStructurer {
  /// Finds values that two comparisons share and nothing else reads.
  ///
  /// ```
  /// %5 = compare < %1, %4
  /// if %5: %6 = compare < %4, %2      →      a < f() < b
  /// ```
  func findChains() {
    var readers: [Instruction.ID: [Instruction.ID]] = [:]
    for block in flow.order {
      for id in raiser.function[block].instructions where isComparison(id) {
        for operand in raiser.function.operands(of: id) { readers[operand, default: []].append(id) }
      }
    }
    for (value, found) in readers {
      guard found.count == 2, uses[value] == 2, raiser.function[value].block != nil,
        !variables.isReleased(value), !raiser.function.isPhi(value),
        raiser.function.operand(1, of: found[0]) == value,
        raiser.function.operand(0, of: found[1]) == value,
        raiser.function[found[0]].block != raiser.function[found[1]].block
      else { continue }
      chainedValues.insert(value)
      variables.remove(value)
    }
  }

  private func isComparison(_ id: Instruction.ID) -> Bool {
    switch raiser.function[id].operation {
    case .python(.compare), .python(.compareTruth), .python(.contains): true
    default: false
    }
  }

  /// What stands for the shared operand until the two comparisons are joined.
  static func chainPlaceholder(_ id: Instruction.ID) -> String { "\u{1}chain\(id.number)" }
}

extension Expression {
  /// `a < b < c` for `a < b` and `b < c`.
  func chained(with other: Expression) -> Expression? {
    guard case .comparison(let first, let parts) = self, let middle = parts.last?.operand,
      case .comparison(let shared, let others) = other
    else { return nil }
    if case .name(let name) = shared, name.hasPrefix("\u{1}chain") {
      return .comparison(first, parts + others)
    }
    // Names may be read twice; few people write them twice between two bounds.
    guard shared == middle, case .name = shared, others.count == 1,
      let direction = parts.last?.operator.direction, direction == others[0].operator.direction
    else { return nil }
    return .comparison(first, parts + others)
  }
}

extension Expression.ComparisonOperator {
  fileprivate var direction: Int? {
    switch self {
    case .less, .lessOrEqual: 1
    case .greater, .greaterOrEqual: -1
    default: nil
    }
  }
}
