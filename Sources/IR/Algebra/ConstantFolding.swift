/// The meaning of the pure opcodes on numbers of up to eight bytes.
///
/// Constant folding and the concrete interpreter share it: the IR has one semantics.
extension Opcode {
  /// Computes an output.
  ///
  /// - Parameters:
  ///   - a: input 0, zero-extended.
  ///   - b: input 1, zero-extended, or 0 if there is none.
  ///   - size: width of input 0 in bytes.
  ///   - otherSize: width of input 1 in bytes.
  ///   - width: width of the output in bytes.
  /// - Returns: the output, zero-extended; nil if the step has no defined result, as a division by
  ///   zero, or is not modelled.
  package func evaluate(
    _ a: UInt64, _ b: UInt64, size: Int, otherSize: Int, width: Int
  ) -> UInt64? {
    guard size <= 8, otherSize <= 8, width <= 8 else { return nil }
    let value =
      evaluateComparison(a, b, size: size)
      ?? evaluateArithmetic(a, b, size: size)
      ?? evaluateBytes(a, b, size: size, otherSize: otherSize)
      ?? evaluateFloat(a, b, size: size, width: width)
    return value.map { $0 & Self.mask(width) }
  }

  /// A number with the low `size` bytes set.
  package static func mask(_ size: Int) -> UInt64 {
    size >= 8 ? .max : (1 << (UInt64(size) * 8)) - 1
  }

  /// Reads the low `size` bytes as a signed number.
  package static func signed(_ value: UInt64, _ size: Int) -> Int64 {
    guard size < 8 else { return Int64(bitPattern: value) }
    let shift = UInt64(64 - size * 8)
    return Int64(bitPattern: value << shift) >> Int64(shift)
  }

  private func evaluateComparison(_ a: UInt64, _ b: UInt64, size: Int) -> UInt64? {
    let (x, y) = (Self.signed(a, size), Self.signed(b, size))
    let (left, right) = (a & Self.mask(size), b & Self.mask(size))
    let truth: Bool? =
      switch self {
      case .equal: left == right
      case .notEqual: left != right
      case .signedLess: x < y
      case .signedLessOrEqual: x <= y
      case .less: left < right
      case .lessOrEqual: left <= right
      case .carry: (left &+ right) & Self.mask(size) < left
      case .signedCarry: Self.overflows(x.addingReportingOverflow(y), size)
      case .signedBorrow: Self.overflows(x.subtractingReportingOverflow(y), size)
      case .booleanNot: left == 0
      case .booleanAnd: left & right & 1 == 1
      case .booleanOr: (left | right) & 1 == 1
      case .booleanExclusiveOr: (left ^ right) & 1 == 1
      default: nil
      }
    return truth.map { $0 ? 1 : 0 }
  }

  private static func overflows(_ result: (partialValue: Int64, overflow: Bool), _ size: Int)
    -> Bool
  {
    if size >= 8 { return result.overflow }
    return result.partialValue
      != signed(UInt64(bitPattern: result.partialValue) & mask(size), size)
  }

  private func evaluateArithmetic(_ a: UInt64, _ b: UInt64, size: Int) -> UInt64? {
    switch self {
    case .add: a &+ b
    case .subtract: a &- b
    case .negate: 0 &- a
    case .complement: ~a
    case .exclusiveOr: a ^ b
    case .and: a & b
    case .or: a | b
    case .multiply: a &* b
    case .shiftLeft: b < size * 8 ? a << b : 0
    case .shiftRight: b < size * 8 ? (a & Self.mask(size)) >> b : 0
    case .signedShiftRight:
      UInt64(bitPattern: Self.signed(a, size) >> Int64(min(b, UInt64(size * 8 - 1))))
    case .divide, .remainder, .signedDivide, .signedRemainder: evaluateDivision(a, b, size: size)
    default: nil
    }
  }

  private func evaluateDivision(_ a: UInt64, _ b: UInt64, size: Int) -> UInt64? {
    let (left, right) = (a & Self.mask(size), b & Self.mask(size))
    let (x, y) = (Self.signed(a, size), Self.signed(b, size))
    guard right != 0 else { return nil }
    switch self {
    case .divide: return left / right
    case .remainder: return left % right
    case .signedDivide:
      let result = x.dividedReportingOverflow(by: y)
      return result.overflow ? nil : UInt64(bitPattern: result.partialValue)
    default:
      let result = x.remainderReportingOverflow(dividingBy: y)
      return result.overflow ? nil : UInt64(bitPattern: result.partialValue)
    }
  }

  private func evaluateBytes(_ a: UInt64, _ b: UInt64, size: Int, otherSize: Int) -> UInt64? {
    let low = a & Self.mask(size)
    switch self {
    case .copy, .zeroExtend: return low
    case .signExtend: return UInt64(bitPattern: Self.signed(a, size))
    case .concatenate:
      let shift = UInt64(otherSize * 8)
      return (shift < 64 ? low << shift : 0) | (b & Self.mask(otherSize))
    case .extract: return b < 8 ? low >> (b * 8) : 0
    case .populationCount: return UInt64(low.nonzeroBitCount)
    case .leadingZeroCount: return UInt64(low.leadingZeroBitCount - (64 - size * 8))
    default: return nil
    }
  }
}
