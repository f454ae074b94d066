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
        guard let decided = number(operand(edge, of: phi), condition, holds: head), decided <= 1
        else { continue }
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

  /// What a condition is where another one, which may be the same or its opposite, holds or fails.
  private mutating func number(
    _ value: Instruction.ID, _ condition: Instruction.ID, holds: Bool
  ) -> UInt64? {
    if let number = constant(value) { return number }
    if value == condition { return holds ? 1 : 0 }
    return invert(condition) == value ? holds ? 0 : 1 : nil
  }

  /// Makes one number of what instructions with a condition of their own add to it.
  ///
  /// ```
  /// A: if %1: goto C else: goto B
  /// B: goto C                           →     C: %5 = or %2, (zeroExtend not %1)
  /// C: %5 = phi %2, (or %2, 1)
  /// ```
  /// - Returns: whether anything changed.
  mutating func mergeConditionalNumbers() -> Bool {
    var changed = false
    for block in reversePostorder() {
      guard let (isTaken, condition, edge) = headOfTriangle(block), isBoolean(condition) else {
        continue
      }
      for phi in self[block].instructions where isPhi(phi) && size(phi) > 1 {
        let ways = [(edge, isTaken), (1 - edge, !isTaken)]
        for (way, holds) in ways {
          var (value, other) = (operand(way, of: phi), operand(1 - way, of: phi))
          if isZero(other, ifEqual: condition, not: holds) { other = constant(0, width: size(phi)) }
          guard isNumber(value, orTo: other) else { continue }
          let test = holds ? condition : unary(.booleanNot, condition, width: 1)
          let width = size(phi)
          let number = unary(.zeroExtend, test, width: width)
          forward(phi, to: binary(.or, other, number, width: width))
          changed = true
          break
        }
      }
    }
    return changed
  }

  /// Whether a value is another one with the lowest bit set.
  private func isNumber(_ value: Instruction.ID, orTo other: Instruction.ID) -> Bool {
    if constant(value) == 1, constant(other) == 0 { return true }
    if constant(value) == 1, let (opcode, inner, _) = machine(other), opcode == .zeroExtend {
      return isBoolean(inner)
    }
    guard let (opcode, base, bit) = machine(value), opcode == .or else { return false }
    return base == other && constant(bit) == 1
  }

  /// Whether a value is the difference of two others that a condition has found equal.
  private func isZero(
    _ value: Instruction.ID, ifEqual condition: Instruction.ID, not fails: Bool
  ) -> Bool {
    guard let (opcode, left, right) = machine(condition),
      opcode == (fails ? .notEqual : .equal), let (step, first, second) = machine(value)
    else { return false }
    if step == .add, let number = constant(second), let other = constant(right) {
      return first == left && (number &+ other) & Opcode.mask(size(value)) == 0
    }
    return step == .subtract
      && ((first, second) == (left, right) || (first, second) == (right, left))
  }

  /// Makes a number of the last of several conditions that decide together whether it is 0 or 1.
  ///
  /// ```
  /// A: if %1: goto C else: goto B                 A: if %1: goto C else: goto B
  /// B: if %2: goto C else: goto D       →         B: goto C
  /// D: goto C                                     C: %5 = phi 1, (zeroExtend %2)
  /// C: %5 = phi 1, 1, 0
  /// ```
  /// - Returns: whether anything changed.
  mutating func mergeLastConditions() -> Bool {
    var changed = false
    for block in reversePostorder() where mergeLastCondition(decidingIn: block) { changed = true }
    if changed { removeUnreachableBlocks() }
    return changed
  }

  private mutating func mergeLastCondition(decidingIn block: Block.ID) -> Bool {
    let predecessors = self[block].predecessors
    let phis = self[block].instructions.filter { isPhi($0) }
    guard predecessors.count > 2, predecessors.count < 16, !phis.isEmpty else { return false }
    let arms = predecessors.map { arm(leadingTo: block, from: $0) }
    for (first, second) in arms.indices.flatMap({ f in arms.indices.map { (f, $0) } }) {
      guard arms[first].head == arms[second].head,
        case .branch(let condition, let taken, let other) = self[arms[first].head].terminator,
        taken != other, (taken, other) == (arms[first].start, arms[second].start),
        isBoolean(resolve(condition)),
        let values = numbers(of: phis, first, second, resolve(condition))
      else { continue }
      for (phi, value) in zip(phis, values) {
        var operands = operands(of: phi)
        operands[first] = value
        setOperands(of: phi, operands)
      }
      decideBranch(of: arms[first].head, taken: true)
      return true
    }
    return false
  }

  /// What phis are that are one number if a condition holds and another one if it does not; nil if one
  /// of them is anything else.
  private mutating func numbers(
    of phis: [Instruction.ID], _ holds: Int, _ fails: Int, _ condition: Instruction.ID
  ) -> [Instruction.ID]? {
    var values: [Instruction.ID] = []
    for phi in phis {
      let (first, second) = (operand(holds, of: phi), operand(fails, of: phi))
      if first == second {
        values.append(first)
        continue
      }
      guard let one = constant(first), let zero = constant(second), one <= 1, zero <= 1, one != zero
      else {
        return nil
      }
      let test = one == 1 ? condition : unary(.booleanNot, condition, width: 1)
      values.append(size(phi) == 1 ? test : unary(.zeroExtend, test, width: size(phi)))
    }
    return values
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

  /// A block that is reached from a branch over empty blocks only: whether the first arm leads there
  /// first, the condition, and the edge on which it does.
  private func headOfTriangle(
    _ block: Block.ID
  ) -> (isTaken: Bool, condition: Instruction.ID, edge: Int)? {
    let predecessors = self[block].predecessors
    guard predecessors.count == 2 else { return nil }
    let first = arm(leadingTo: block, from: predecessors[0])
    let second = arm(leadingTo: block, from: predecessors[1])
    guard first.head == second.head, first.start != second.start,
      case .branch(let condition, let taken, let other) = self[first.head].terminator,
      (taken, other) == (first.start, second.start) || (other, taken) == (first.start, second.start)
    else { return nil }
    return (taken == first.start, resolve(condition), 0)
  }

  /// The block above all empty ones that lead to a block, and the first of those.
  private func arm(
    leadingTo block: Block.ID, from predecessor: Block.ID
  ) -> (head: Block.ID, start: Block.ID) {
    var (head, start) = (predecessor, block)
    for _ in 0..<8 {
      guard case .jump = self[head].terminator, self[head].instructions.isEmpty,
        self[head].predecessors.count == 1
      else { break }
      (head, start) = (self[head].predecessors[0], head)
    }
    return (head, start)
  }
}
