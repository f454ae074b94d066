import Basics

extension Function {
  /// Reads bytes of a value that was put together from parts.
  mutating func simplifyExtract(
    _ value: Instruction.ID, _ position: Instruction.ID, width: Int
  ) -> Instruction.ID? {
    guard let skipped = constant(position).map(Int.init(clamping:)) else { return nil }
    if skipped == 0, size(value) == width { return value }
    guard let (opcode, left, right) = machine(value) else { return nil }
    switch opcode {
    case .concatenate:
      let low = size(right)
      if skipped + width <= low { return extract(right, skipped, width: width) }
      if skipped >= low { return extract(left, skipped - low, width: width) }
      return nil
    case .zeroExtend, .signExtend:
      if skipped + width <= size(left) { return extract(left, skipped, width: width) }
      if opcode == .zeroExtend, skipped >= size(left) { return constant(0, width: width) }
      return skipped == 0 ? unary(opcode, left, width: width) : nil
    case .extract:
      guard let inner = constant(right).map(Int.init(clamping:)) else { return nil }
      return extract(left, inner + skipped, width: width)
    case .add:
      // The low bytes of a sum are the sum of the low bytes.
      guard skipped == 0, let number = constant(right),
        let (widening, narrow, _) = machine(left),
        widening == .zeroExtend || widening == .signExtend, size(narrow) == width
      else { return nil }
      return binary(
        .add, narrow, constant(number & Opcode.mask(width), width: width), width: width)
    case .and, .or, .exclusiveOr:
      let first = extract(left, skipped, width: width)
      let second = extract(right, skipped, width: width)
      return binary(opcode, first, second, width: width)
    default: return nil
    }
  }

  /// `width` bytes of a value, from byte `position` on.
  package mutating func extract(
    _ value: Instruction.ID, _ position: Int, width: Int
  ) -> Instruction.ID {
    binary(.extract, value, constant(UInt64(position), width: 4), width: width)
  }

  /// Puts a value together from its upper and its lower part.
  mutating func simplifyConcatenate(
    _ high: Instruction.ID, _ low: Instruction.ID, width: Int
  ) -> Instruction.ID? {
    if constant(high) == 0 { return unary(.zeroExtend, low, width: width) }
    // concat(x[n...], x[0..<n]) == x
    guard let (upper, whole, position) = machine(high), upper == .extract,
      constant(position) == UInt64(size(low)), size(whole) == width,
      extract(whole, 0, width: size(low)) == low
    else { return nil }
    return whole
  }
}
