import IR

// The steps that are no transfer of control.
extension Interpreter {
  /// Runs one step; false if it cannot be run.
  func perform(_ step: PreparedBlock.Step) -> Bool {
    switch step.opcode {
    case .load: return loadMemory(step)
    case .store: return storeMemory(step)
    case .callOther:
      // Fences, hints and the like; a result that nobody knows is none.
      return step.output.width == 0
    case .branch, .branchIf, .branchIndirect, .return, .call, .callIndirect: return false
    default: break
    }
    let widths = max(step.output.width, max(step.input0.width, step.input1.width))
    guard widths <= 8 else { return performWide(step) }
    let result = step.opcode.evaluate(
      value(step.input0, step.constant0), value(step.input1, step.constant1),
      size: step.input0.width, otherSize: step.input1.width, width: step.output.width)
    guard let result else { return false }
    save(result, Int(step.output.offset), step.output.width)
    return true
  }

  private func loadMemory(_ step: PreparedBlock.Step) -> Bool {
    let address = value(step.input0, step.constant0)
    onLoad?(self, address)
    let offset = Int(step.output.offset)
    if step.output.width <= 8 {
      guard let value = memory.integer(at: address, size: step.output.width) else {
        return fault(address, step)
      }
      save(value, offset, step.output.width)
      return true
    }
    guard let bytes = memory.bytes(at: address, count: step.output.width) else {
      return fault(address, step)
    }
    storage.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
    return true
  }

  private func storeMemory(_ step: PreparedBlock.Step) -> Bool {
    let address = value(step.input0, step.constant0)
    if step.input1.width <= 8 {
      let value = value(step.input1, step.constant1)
      return memory.write(value, at: address, size: step.input1.width) || fault(address, step)
    }
    let offset = Int(step.input1.offset)
    let bytes = Array(storage[offset..<(offset + step.input1.width)])
    return memory.write(bytes, at: address) || fault(address, step)
  }

  private func fault(_ address: UInt64, _ step: PreparedBlock.Step) -> Bool {
    stop(.fault("memory at 0x\(String(address, radix: 16))", address: step.address))
    return false
  }

  /// What x86-64 does with the double width to know whether a product overflows.
  ///
  /// - Returns: nil if it is none of these operations.
  private func wideArithmetic(_ step: PreparedBlock.Step) -> UInt128? {
    guard step.input0.width <= 16, step.input1.width <= 16, step.output.width <= 16 else {
      return nil
    }
    let left = wideValue(step.input0, step.constant0)
    let right = wideValue(step.input1, step.constant1)
    switch step.opcode {
    case .multiply: return left &* right
    case .add: return left &+ right
    case .subtract: return left &- right
    case .equal: return left == right ? 1 : 0
    case .notEqual: return left == right ? 0 : 1
    case .signExtend:
      let unused = 128 - 8 * step.input0.width
      return UInt128(truncatingIfNeeded: Int128(truncatingIfNeeded: left << unused) >> unused)
    case .divide: return right == 0 ? nil : left / right
    case .remainder: return right == 0 ? nil : left % right
    default: return nil
    }
  }

  private func wideValue(_ place: PreparedBlock.Place, _ constant: UInt64) -> UInt128 {
    if place.isConstant { return UInt128(constant) }
    let start = Int(place.offset)
    return storage[start..<(start + place.width)].reversed().reduce(0) { $0 << 8 | UInt128($1) }
  }

  /// Vector registers: moves and bit operations, byte by byte.
  private func performWide(_ step: PreparedBlock.Step) -> Bool {
    if let number = wideArithmetic(step) {
      let start = Int(step.output.offset)
      let bytes = (0..<step.output.width).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
      storage.replaceSubrange(start..<(start + bytes.count), with: bytes)
      return true
    }
    let output = Int(step.output.offset)
    let width = step.output.width
    func byte(_ place: PreparedBlock.Place, _ constant: UInt64, _ index: Int) -> UInt8 {
      guard index >= 0, index < place.width else { return 0 }
      if place.isConstant {
        return index < 8 ? UInt8(truncatingIfNeeded: constant >> (8 * UInt64(index))) : 0
      }
      return storage[Int(place.offset) + index]
    }
    var result = [UInt8](repeating: 0, count: width)
    for index in 0..<width {
      let left = byte(step.input0, step.constant0, index)
      let right = byte(step.input1, step.constant1, index)
      switch step.opcode {
      case .copy, .zeroExtend: result[index] = left
      case .and: result[index] = left & right
      case .or: result[index] = left | right
      case .exclusiveOr: result[index] = left ^ right
      case .complement: result[index] = ~left
      case .extract:
        result[index] = byte(step.input0, step.constant0, index + Int(clamping: step.constant1))
      case .concatenate:
        let low = step.input1.width
        result[index] = index < low ? right : byte(step.input0, step.constant0, index - low)
      case .shiftLeft, .shiftRight:
        let bits = value(step.input1, step.constant1)
        guard bits % 8 == 0, bits < 1024 else { return false }
        let count = Int(bits / 8)
        let source = step.opcode == .shiftLeft ? index - count : index + count
        result[index] = byte(step.input0, step.constant0, source)
      default: return false
      }
    }
    storage.replaceSubrange(output..<(output + width), with: result)
    return true
  }
}
