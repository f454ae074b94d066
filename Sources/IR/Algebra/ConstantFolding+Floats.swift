extension Opcode {
  /// Computes a floating-point output from the bit patterns of its inputs.
  func evaluateFloat(_ a: UInt64, _ b: UInt64, size: Int, width: Int) -> UInt64? {
    if self == .integerToFloat {
      return Self.bits(Double(Self.signed(a, size)), width) { Float(Self.signed(a, size)) }
    }
    guard size == 8 || size == 4 else { return nil }
    return size == 8
      ? evaluate(Double(bitPattern: a), Double(bitPattern: b), width: width)
      : evaluate(
        Float(bitPattern: UInt32(truncatingIfNeeded: a)),
        Float(bitPattern: UInt32(truncatingIfNeeded: b)), width: width)
  }

  private func evaluate<Value: BinaryFloatingPoint>(
    _ a: Value, _ b: Value, width: Int
  ) -> UInt64? {
    let truth: Bool? =
      switch self {
      case .floatEqual: a == b
      case .floatNotEqual: a != b
      case .floatLess: a < b
      case .floatLessOrEqual: a <= b
      case .floatIsNaN: a.isNaN
      default: nil
      }
    if let truth { return truth ? 1 : 0 }
    if self == .floatToInteger {
      let whole = a.rounded(.towardZero)
      return Int64(exactly: whole).map(UInt64.init(bitPattern:))
    }
    return compute(a, b).flatMap { result in
      Self.bits(Double(result), width) { Float(result) }
    }
  }

  private func compute<Value: BinaryFloatingPoint>(_ a: Value, _ b: Value) -> Value? {
    switch self {
    case .floatAdd: a + b
    case .floatSubtract: a - b
    case .floatMultiply: a * b
    case .floatDivide: a / b
    case .floatNegate: -a
    case .floatAbsolute: a.magnitude
    case .floatSquareRoot: a.squareRoot()
    case .floatToFloat: a
    case .floatCeiling: a.rounded(.up)
    case .floatFloor: a.rounded(.down)
    case .floatRound: a.rounded(.toNearestOrEven)
    default: nil
    }
  }

  private static func bits(_ double: Double, _ width: Int, _ single: () -> Float) -> UInt64? {
    switch width {
    case 8: double.bitPattern
    case 4: UInt64(single().bitPattern)
    default: nil
    }
  }
}
