import Basics
import IR

extension Function {
  /// Makes one condition of two that are tested one behind the other.
  ///
  /// ```
  /// A: if %1: goto C else: goto B                  %5 = booleanOr %1, %2
  /// B: goto C                           →
  /// C: %5 = phi 1, %2
  /// ```
  /// Conditional comparisons (`ccmp`) set flags to numbers where an earlier comparison decided.
  ///
  /// - Returns: whether anything changed.
  mutating func mergeConditions() -> Bool {
    var changed = false
    for block in reversePostorder() {
      guard let (head, condition, edge) = headOfTriangle(block) else { continue }
      for phi in self[block].instructions where isPhi(phi) && size(phi) == 1 {
        guard let decided = constant(operand(edge, of: phi)), decided <= 1 else { continue }
        let other = operand(1 - edge, of: phi)
        guard isBoolean(other), self[other].block == nil else { continue }
        // The condition that leads straight to the block.
        let test = head ? condition : unary(.booleanNot, condition, width: 1)
        let merged =
          decided == 1
          ? binary(.booleanOr, test, other, width: 1)
          : binary(.booleanAnd, unary(.booleanNot, test, width: 1), other, width: 1)
        forward(phi, to: merged)
        changed = true
      }
    }
    return changed
  }

  /// Makes a number of a condition that does nothing but decide whether it is 0 or 1.
  ///
  /// ```
  /// A: if %1: goto C else: goto B
  /// B: goto C                           →     C: %5 = zeroExtend %1
  /// C: %5 = phi 1, 0
  /// ```
  /// - Returns: whether anything changed.
  package mutating func mergeDecidedNumbers() -> Bool {
    var changed = false
    for block in reversePostorder() {
      let phis = self[block].instructions.filter { isPhi($0) }
      guard !phis.isEmpty, let (isTaken, condition, edge) = headOfTriangle(block),
        isBoolean(condition),
        phis.allSatisfy({ phi in
          guard let direct = constant(operand(edge, of: phi)),
            let other = constant(operand(1 - edge, of: phi))
          else { return false }
          return direct <= 1 && other <= 1 && direct != other
        })
      else { continue }
      let isStraight = isTaken ? condition : unary(.booleanNot, condition, width: 1)
      for phi in phis {
        let isOne =
          constant(operand(edge, of: phi)) == 1
          ? isStraight : unary(.booleanNot, isStraight, width: 1)
        forward(phi, to: size(phi) == 1 ? isOne : unary(.zeroExtend, isOne, width: size(phi)))
      }
      changed = true
    }
    return changed
  }

  /// A block that is reached straight from a branch or over one empty block: whether the first arm
  /// leads there straight, the condition, and the edge on which it does.
  private func headOfTriangle(
    _ block: Block.ID
  ) -> (isTaken: Bool, condition: Instruction.ID, edge: Int)? {
    let predecessors = self[block].predecessors
    guard predecessors.count == 2 else { return nil }
    for edge in 0..<2 {
      let (head, side) = (predecessors[edge], predecessors[1 - edge])
      guard case .branch(let condition, let taken, let other) = self[head].terminator,
        taken != other, self[side].predecessors == [head], self[side].instructions.isEmpty,
        case .jump = self[side].terminator,
        (taken, other) == (block, side)
          || (taken, other) == (side, block)
      else { continue }
      return (taken == block, resolve(condition), edge)
    }
    return nil
  }
}
