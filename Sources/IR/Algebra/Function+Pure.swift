import Basics

extension Function {
  /// A number of a width in bytes.
  package mutating func constant(_ value: UInt64, width: Int) -> Instruction.ID {
    intern(.constant(value & Opcode.mask(width)), width: width)
  }

  package mutating func undefined(width: Int) -> Instruction.ID {
    intern(.undefined, width: width)
  }

  /// What a cell held at function entry.
  package mutating func entry(_ cell: Cell, width: Int) -> Instruction.ID {
    intern(.entry(cell), width: width)
  }

  /// A pure step on one value, in its simplest form.
  package mutating func unary(
    _ opcode: Opcode, _ value: Instruction.ID, width: Int
  ) -> Instruction.ID {
    let value = resolve(value)
    if let number = constant(value),
      let result = opcode.evaluate(
        number, 0, size: size(value), otherSize: 0, width: width)
    {
      return constant(result, width: width)
    }
    if let simpler = simplifyUnary(opcode, value, width: width) { return simpler }
    if let simpler = simplifyUnaryByRebuilding(opcode, value, width: width) { return simpler }
    return intern(.machine(opcode), value, width: width)
  }

  /// A pure step on two values, in its simplest form.
  package mutating func binary(
    _ opcode: Opcode, _ left: Instruction.ID, _ right: Instruction.ID, width: Int
  ) -> Instruction.ID {
    var (left, right) = (resolve(left), resolve(right))
    if let a = constant(left), let b = constant(right),
      let result = opcode.evaluate(
        a, b, size: size(left), otherSize: size(right), width: width)
    {
      return constant(result, width: width)
    }
    // Constants stand on the right; otherwise the older value stands on the left.
    if opcode.isCommutative {
      let isOutOfOrder = constant(right) == nil && (constant(left) != nil || right < left)
      if isOutOfOrder { swap(&left, &right) }
    }
    if let simpler = simplifyBinary(opcode, left, right, width: width) { return simpler }
    return intern(.machine(opcode), left, right, width: width)
  }

  /// Width of a value in bytes.
  package func size(_ id: Instruction.ID) -> Int { Int(instructions[id].width) }

  /// The pure instruction that computes this, new if there is none yet.
  mutating func intern(_ operation: Operation, width: Int) -> Instruction.ID {
    let key = PureKey(
      operation: operation, width: UInt8(clamping: width), count: 0, operand0: 0, operand1: 0)
    return known(key) ?? appendPure(key, Instruction.Operands(start: 0, count: 0))
  }

  mutating func intern(
    _ operation: Operation, _ value: Instruction.ID, width: Int
  ) -> Instruction.ID {
    let key = PureKey(
      operation: operation, width: UInt8(clamping: width), count: 1, operand0: value.number,
      operand1: 0)
    if let known = known(key) { return known }
    operandPool.append(value)
    return appendPure(key, Instruction.Operands(start: UInt32(operandPool.count - 1), count: 1))
  }

  mutating func intern(
    _ operation: Operation, _ left: Instruction.ID, _ right: Instruction.ID, width: Int
  ) -> Instruction.ID {
    let key = PureKey(
      operation: operation, width: UInt8(clamping: width), count: 2, operand0: left.number,
      operand1: right.number)
    if let known = known(key) { return known }
    operandPool.append(left)
    operandPool.append(right)
    return appendPure(key, Instruction.Operands(start: UInt32(operandPool.count - 2), count: 2))
  }

  private func known(_ key: PureKey) -> Instruction.ID? {
    guard let id = pureInstructions[key], instructions[id].operation == key.operation else {
      return nil
    }
    return id
  }

  private mutating func appendPure(
    _ key: PureKey, _ operands: Instruction.Operands
  ) -> Instruction.ID {
    let id = instructions.append(
      Instruction(
        operation: key.operation, operands: operands, width: key.width, block: nil, address: 0))
    pureInstructions[key] = id
    return id
  }
}
