import Basics

/// Conditions, as processors compute them from flags, become single comparisons.
extension Function {
  /// Whether a value is always 0 or 1.
  package func isBoolean(_ id: Instruction.ID) -> Bool {
    switch instructions[id].operation {
    case .constant(let value): value <= 1
    case .machine(let opcode):
      switch opcode {
      case .equal, .notEqual, .less, .lessOrEqual, .signedLess, .signedLessOrEqual, .carry,
        .signedCarry, .signedBorrow, .booleanNot, .booleanAnd, .booleanOr, .booleanExclusiveOr,
        .floatEqual, .floatNotEqual, .floatLess, .floatLessOrEqual, .floatIsNaN:
        true
      default: false
      }
    default: false
    }
  }

  /// The opposite of a condition, if it is a comparison.
  package mutating func invert(_ id: Instruction.ID) -> Instruction.ID? {
    guard let (opcode, left, right) = machine(id) else { return nil }
    switch opcode {
    case .booleanNot: return left
    case .equal: return binary(.notEqual, left, right, width: 1)
    case .notEqual: return binary(.equal, left, right, width: 1)
    case .less: return binary(.lessOrEqual, right, left, width: 1)
    case .lessOrEqual: return binary(.less, right, left, width: 1)
    case .signedLess: return binary(.signedLessOrEqual, right, left, width: 1)
    case .signedLessOrEqual: return binary(.signedLess, right, left, width: 1)
    default: return nil
    }
  }

  mutating func simplifyEquality(
    _ opcode: Opcode, _ left: Instruction.ID, _ right: Instruction.ID
  ) -> Instruction.ID? {
    if left == right { return constant(opcode == .equal ? 1 : 0, width: 1) }
    if let order = simplifySignAgainstOverflow(opcode, left, right) { return order }
    guard let number = constant(right) else { return nil }
    if isBoolean(left), number <= 1 {
      return (number == 1) == (opcode == .equal) ? left : unary(.booleanNot, left, width: 1)
    }
    guard let (inner, a, b) = machine(left) else { return nil }
    switch inner {
    case .subtract where number == 0, .exclusiveOr where number == 0:
      // a - b == 0 is a == b
      return binary(opcode, a, b, width: 1)
    case .add:
      // a + c == d is a == d - c
      guard let offset = constant(b) else { return nil }
      return binary(
        opcode, a, constant(number &- offset, width: size(a)), width: 1)
    case .and where number == 0 && constant(b) == 1 << UInt64(size(a) * 8 - 1):
      // The sign bit alone: x & 0x80000000 == 0 is 0 <= x.
      let zero = constant(0, width: size(a))
      return opcode == .equal
        ? binary(.signedLessOrEqual, zero, a, width: 1) : binary(.signedLess, a, zero, width: 1)
    case .and where number == 0:
      // x >> n & m == 0 is x & m << n == 0
      guard let mask = constant(b), let (shift, value, amount) = machine(a), shift == .shiftRight,
        let bits = constant(amount), bits < 64, (mask << bits) >> bits == mask,
        (mask << bits) <= Opcode.mask(size(value))
      else { return nil }
      let test = binary(
        .and, value, constant(mask << bits, width: size(value)), width: size(value))
      return binary(opcode, test, constant(0, width: size(value)), width: 1)
    case .or where number == 0 && constant(b).map({ $0 != 0 }) == true:
      // a | 4 is never 0.
      return constant(opcode == .equal ? 0 : 1, width: 1)
    case .or where number == 0 && isDifference(a) && isDifference(b):
      // Two halves of a number: (a ^ b) | (c ^ d) != 0 is a != b or c != d.
      let zero = constant(0, width: size(a))
      let first = binary(.notEqual, a, zero, width: 1)
      let second = binary(.notEqual, b, zero, width: 1)
      let either = binary(.booleanOr, first, second, width: 1)
      return opcode == .notEqual ? either : unary(.booleanNot, either, width: 1)
    case .or where number == 0:
      // A condition as a number and something else: zext(a) | b != 0 is a or b != 0.
      guard let either = eitherNotZero(a, b) ?? eitherNotZero(b, a) else { return nil }
      return opcode == .notEqual ? either : unary(.booleanNot, either, width: 1)
    case .zeroExtend:
      guard number <= Opcode.mask(size(a)) else {
        return constant(opcode == .equal ? 0 : 1, width: 1)
      }
      return binary(opcode, a, constant(number, width: size(a)), width: 1)
    default: return nil
    }
  }

  private mutating func eitherNotZero(
    _ condition: Instruction.ID, _ other: Instruction.ID
  ) -> Instruction.ID? {
    guard let first = machineOperand(condition, .zeroExtend), isBoolean(first) else { return nil }
    let second = binary(.notEqual, other, constant(0, width: size(other)), width: 1)
    return binary(.booleanOr, first, second, width: 1)
  }

  private func isDifference(_ id: Instruction.ID) -> Bool {
    machine(id)?.opcode == .exclusiveOr
  }

  /// `OF != SF` after comparing a with b is `a < b`; `OF == SF` is `b <= a`.
  private mutating func simplifySignAgainstOverflow(
    _ opcode: Opcode, _ left: Instruction.ID, _ right: Instruction.ID
  ) -> Instruction.ID? {
    let pair = machine(left)?.opcode == .signedBorrow ? (left, right) : (right, left)
    guard let (borrow, a, b) = machine(pair.0), borrow == .signedBorrow,
      let (less, difference, zero) = machine(pair.1), less == .signedLess, constant(zero) == 0,
      binary(.subtract, a, b, width: size(a)) == difference
    else { return nil }
    return opcode == .notEqual
      ? binary(.signedLess, a, b, width: 1) : binary(.signedLessOrEqual, b, a, width: 1)
  }

  mutating func simplifyOrder(
    _ opcode: Opcode, _ left: Instruction.ID, _ right: Instruction.ID
  ) -> Instruction.ID? {
    if left == right {
      return constant(opcode == .lessOrEqual || opcode == .signedLessOrEqual ? 1 : 0, width: 1)
    }
    if constant(right) == 0, let (shift, value, amount) = machine(left), shift == .shiftLeft,
      let bits = constant(amount), bits < UInt64(size(value) * 8), opcode == .signedLess
    {
      // x << n < 0 is whether x has the bit that becomes the sign
      let mask = constant(1 << (UInt64(size(value) * 8 - 1) - bits), width: size(value))
      let test = binary(.and, value, mask, width: size(value))
      return binary(.notEqual, test, constant(0, width: size(value)), width: 1)
    }
    if constant(left) == 0, let (shift, value, amount) = machine(right), shift == .shiftLeft,
      let bits = constant(amount), bits < UInt64(size(value) * 8), opcode == .signedLessOrEqual
    {
      let mask = constant(1 << (UInt64(size(value) * 8 - 1) - bits), width: size(value))
      let test = binary(.and, value, mask, width: size(value))
      return binary(.equal, test, constant(0, width: size(value)), width: 1)
    }
    switch (opcode, constant(left), constant(right)) {
    // x < 1 and x <= 0 are x == 0, unsigned
    case (.less, _, 1), (.lessOrEqual, _, 0):
      return binary(.equal, left, constant(0, width: size(left)), width: 1)
    // 0 < x and 1 <= x are x != 0, unsigned
    case (.less, 0, _), (.lessOrEqual, 1, _):
      return binary(.notEqual, right, constant(0, width: size(right)), width: 1)
    default: return nil
    }
  }

  mutating func simplifyBoolean(
    _ opcode: Opcode, _ left: Instruction.ID, _ right: Instruction.ID
  ) -> Instruction.ID? {
    if left == right { return opcode == .booleanExclusiveOr ? constant(0, width: 1) : left }
    switch (opcode, constant(right)) {
    case (.booleanAnd, 1), (.booleanOr, 0), (.booleanExclusiveOr, 0): return left
    case (.booleanAnd, 0), (.booleanOr, 1): return right
    case (.booleanExclusiveOr, 1): return unary(.booleanNot, left, width: 1)
    case (.booleanOr, nil): return joinOrder(left, right) ?? joinOrder(right, left)
    case (.booleanAnd, nil): return splitOrder(left, right) ?? splitOrder(right, left)
    default: return nil
    }
  }

  /// `a < b or a == b` is `a <= b`.
  private mutating func joinOrder(
    _ order: Instruction.ID, _ equality: Instruction.ID
  ) -> Instruction.ID? {
    guard let (less, a, b) = machine(order), less == .less || less == .signedLess,
      let (equal, c, d) = machine(equality), equal == .equal, areSame((a, b), (c, d))
    else { return nil }
    return binary(less == .less ? .lessOrEqual : .signedLessOrEqual, a, b, width: 1)
  }

  /// `a <= b and a != b` is `a < b`.
  private mutating func splitOrder(
    _ order: Instruction.ID, _ difference: Instruction.ID
  ) -> Instruction.ID? {
    guard let (less, a, b) = machine(order), less == .lessOrEqual || less == .signedLessOrEqual,
      let (unequal, c, d) = machine(difference), unequal == .notEqual,
      areSame((a, b), (c, d))
    else { return nil }
    return binary(less == .lessOrEqual ? .less : .signedLess, a, b, width: 1)
  }

  /// Whether two comparisons are of the same values: `x + 4` with 8, and `x` with 4, or the one of a
  /// wider copy.
  private func areSame(
    _ order: (Instruction.ID, Instruction.ID), _ equality: (Instruction.ID, Instruction.ID)
  ) -> Bool {
    let (c, d) = equality
    if order == (c, d) || order == (d, c) { return true }
    let (a, b) = constant(order.0) == nil ? order : (order.1, order.0)
    guard let bound = constant(b), let number = constant(d) else { return false }
    if machineOperand(a, .zeroExtend) == c {
      return bound == number && bound <= Opcode.mask(size(c))
    }
    let (first, second) = (offset(a), offset(c))
    return first.base == second.base
      && (bound &- first.offset) & Opcode.mask(size(a))
        == (number &- second.offset) & Opcode.mask(size(a))
  }
}
