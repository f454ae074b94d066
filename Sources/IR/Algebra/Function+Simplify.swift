import Basics

/// Rewrites of single pure steps. Each returns an existing or simpler value, or nil.
extension Function {
  func simplifyUnary(
    _ opcode: Opcode, _ value: Instruction.ID, width: Int
  ) -> Instruction.ID? {
    switch opcode {
    case .copy, .zeroExtend, .signExtend:
      // copy(x) == x
      size(value) == width ? value : nil
    case .negate, .complement:
      // -(-x) == x
      machineOperand(value, opcode)
    default: nil
    }
  }

  mutating func simplifyUnaryByRebuilding(
    _ opcode: Opcode, _ value: Instruction.ID, width: Int
  ) -> Instruction.ID? {
    switch opcode {
    case .zeroExtend:
      // zext(zext(x)) == zext(x)
      machineOperand(value, .zeroExtend).map { unary(.zeroExtend, $0, width: width) }
    case .signExtend:
      // sext(zext(x)) == zext(x), sext(sext(x)) == sext(x)
      if let inner = machineOperand(value, .zeroExtend), size(inner) < size(value) {
        unary(.zeroExtend, inner, width: width)
      } else {
        machineOperand(value, .signExtend).map { unary(.signExtend, $0, width: width) }
      }
    case .booleanNot: invert(value)
    default: nil
    }
  }

  mutating func simplifyBinary(
    _ opcode: Opcode, _ left: Instruction.ID, _ right: Instruction.ID, width: Int
  ) -> Instruction.ID? {
    switch opcode {
    case .add, .subtract, .multiply: simplifySum(opcode, left, right, width: width)
    case .and, .or, .exclusiveOr: simplifyBits(opcode, left, right, width: width)
    case .shiftRight: constant(right) == 0 ? left : simplifyField(left, right, width: width)
    case .shiftLeft, .signedShiftRight: constant(right) == 0 ? left : nil
    case .extract: simplifyExtract(left, right, width: width)
    case .concatenate: simplifyConcatenate(left, right, width: width)
    case .equal, .notEqual: simplifyEquality(opcode, left, right)
    case .less, .lessOrEqual, .signedLess, .signedLessOrEqual:
      simplifyOrder(opcode, left, right)
    case .booleanAnd, .booleanOr, .booleanExclusiveOr:
      simplifyBoolean(opcode, left, right)
    default: nil
    }
  }

  /// The inputs of a value that is one machine step.
  package func machine(
    _ id: Instruction.ID
  ) -> (opcode: Opcode, left: Instruction.ID, right: Instruction.ID)? {
    guard case .machine(let opcode) = instructions[id].operation, opcode.isPure else { return nil }
    let left = operand(0, of: id)
    return (opcode, left, instructions[id].operands.count > 1 ? operand(1, of: id) : left)
  }

  func machineOperand(_ id: Instruction.ID, _ opcode: Opcode) -> Instruction.ID? {
    guard instructions[id].operation == .machine(opcode) else { return nil }
    return operand(0, of: id)
  }

  /// A value and the number that is added to it.
  package func offset(_ id: Instruction.ID) -> (base: Instruction.ID, offset: UInt64) {
    if instructions[id].operation == .machine(.add), let number = constant(operand(1, of: id)) {
      return (operand(0, of: id), number)
    }
    return (id, 0)
  }

  private mutating func simplifySum(
    _ opcode: Opcode, _ left: Instruction.ID, _ right: Instruction.ID, width: Int
  ) -> Instruction.ID? {
    if opcode == .subtract, left == right { return constant(0, width: width) }
    if opcode == .add, negated(left) == right || negated(right) == left {
      return constant(0, width: width)
    }
    if opcode == .add, let rest = rest(of: left, without: right) ?? rest(of: right, without: left) {
      return rest
    }
    guard let number = constant(right) else { return nil }
    switch (opcode, number) {
    case (.multiply, 0): return right
    case (.multiply, 1), (.add, 0), (.subtract, 0): return left
    case (.subtract, _):
      // x - c == x + (-c)
      return binary(.add, left, constant(0 &- number, width: width), width: width)
    case (.add, _):
      // (x + c) + d == x + (c + d)
      let (base, offset) = offset(left)
      guard offset != 0 else { return nil }
      return binary(.add, base, constant(offset &+ number, width: width), width: width)
    default: return nil
    }
  }

  /// `(x + y) + (-x)` is `y`; compilers make conditions of carries that way.
  private func rest(
    of sum: Instruction.ID, without negative: Instruction.ID
  ) -> Instruction.ID? {
    guard let value = negated(negative), let (add, first, second) = machine(sum), add == .add
    else { return nil }
    return first == value ? second : second == value ? first : nil
  }

  /// The value of which another one is the negative.
  private func negated(_ id: Instruction.ID) -> Instruction.ID? {
    guard let (opcode, left, right) = machine(id) else { return nil }
    return opcode == .negate ? left : opcode == .subtract && constant(left) == 0 ? right : nil
  }

  /// A value that is 0 or 1 in one byte.
  private mutating func bit(_ id: Instruction.ID) -> Instruction.ID {
    size(id) == 1 ? id : extract(id, 0, width: 1)
  }

  /// `x << a >> b` is `x >> (b - a)` without the bits that were shifted out, for processors that cut
  /// bits out by one instruction.
  private mutating func simplifyField(
    _ shifted: Instruction.ID, _ amount: Instruction.ID, width: Int
  ) -> Instruction.ID? {
    // The number of leading zeros is the width if there is nothing else.
    if let (opcode, value, _) = machine(shifted), opcode == .leadingZeroCount, size(value) == width,
      let bits = constant(amount), bits < 64, 1 << bits == UInt64(width * 8)
    {
      let isZero = binary(.equal, value, constant(0, width: width), width: 1)
      return unary(.zeroExtend, isZero, width: width)
    }
    guard let (opcode, value, inner) = machine(shifted), opcode == .shiftLeft,
      let up = constant(inner), let down = constant(amount), up <= down,
      down < UInt64(width * 8), size(value) == width
    else { return nil }
    let distance = constant(down - up, width: size(amount))
    let mask = constant(Opcode.mask(width) >> down, width: width)
    return binary(.and, binary(.shiftRight, value, distance, width: width), mask, width: width)
  }

  /// `x >> n & 1` is whether `x` has that bit.
  private mutating func simplifyBit(_ shifted: Instruction.ID, width: Int) -> Instruction.ID? {
    guard let (shift, value, amount) = machine(shifted), shift == .shiftRight,
      let bits = constant(amount), bits > 0, bits < UInt64(width * 8), size(value) == width
    else { return nil }
    let mask = constant(1 << bits, width: width)
    let test = binary(.and, value, mask, width: width)
    let isSet = binary(.notEqual, test, constant(0, width: width), width: 1)
    return width == 1 ? isSet : unary(.zeroExtend, isSet, width: width)
  }

  /// `x >> n & condition` is whether `x` has that bit and the condition holds.
  private mutating func simplifyFlag(
    _ shifted: Instruction.ID, _ condition: Instruction.ID, width: Int
  ) -> Instruction.ID? {
    guard let inner = machineOperand(condition, .zeroExtend), isBoolean(inner), size(inner) == 1,
      let bit = simplifyBit(shifted, width: width)
    else { return nil }
    return binary(.and, bit, condition, width: width)
  }

  private mutating func simplifyBits(
    _ opcode: Opcode, _ left: Instruction.ID, _ right: Instruction.ID, width: Int
  ) -> Instruction.ID? {
    if opcode == .and, constant(right) == 1, let bit = simplifyBit(left, width: width) {
      return bit
    }
    if opcode == .and,
      let both = simplifyFlag(left, right, width: width)
        ?? simplifyFlag(right, left, width: width)
    {
      return both
    }
    if left == right { return opcode == .exclusiveOr ? constant(0, width: width) : left }
    if width == 1, isBoolean(left), isBoolean(right) {
      let boolean: Opcode =
        opcode == .and ? .booleanAnd : opcode == .or ? .booleanOr : .booleanExclusiveOr
      return binary(boolean, left, right, width: 1)
    }
    // zext(a) | zext(b) is zext(a or b).
    if let first = machineOperand(left, .zeroExtend), isBoolean(first),
      let second = machineOperand(right, .zeroExtend), isBoolean(second)
    {
      let both = binary(opcode, bit(first), bit(second), width: 1)
      return unary(.zeroExtend, both, width: width)
    }
    switch (opcode, constant(right)) {
    case (.and, 0): return right
    case (.or, 0), (.exclusiveOr, 0): return left
    case (.and, Opcode.mask(width)): return left
    case (.or, Opcode.mask(width)): return right
    default: return nil
    }
  }
}
