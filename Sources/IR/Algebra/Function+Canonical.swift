import Basics

extension Function {
  /// Brings every pure instruction up to date after replacements.
  ///
  /// - Returns: whether any instruction was replaced by another.
  package mutating func canonicalizePureInstructions() -> Bool {
    var changed = false
    pureInstructions.removeAll(keepingCapacity: true)
    // What is looked up on the way may stand further down; a new one would replace it, every time.
    for id in instructions.ids where instructions[id].block == nil { register(id) }
    for id in instructions.ids where instructions[id].block == nil {
      guard let simplest = canonical(id), simplest != id else { continue }
      forward(id, to: simplest)
      changed = true
    }
    return changed
  }

  private mutating func register(_ id: Instruction.ID) {
    let instruction = instructions[id]
    let count = instruction.operands.count
    guard instruction.operation != .forward, count <= 2 else { return }
    _ = registered(
      id, count > 0 ? operand(0, of: id).number : 0, count > 1 ? operand(1, of: id).number : 0)
  }

  /// The instruction that computes what `id` computes, in the simplest form.
  private mutating func canonical(_ id: Instruction.ID) -> Instruction.ID? {
    let instruction = instructions[id]
    let width = Int(instruction.width)
    if instruction.operation == .forward { return nil }
    guard instruction.operands.count > 0 else { return registered(id, 0, 0) }
    let left = operand(0, of: id)
    guard case .machine(let opcode) = instruction.operation else {
      return registered(id, left.number, 0)
    }
    guard instruction.operands.count == 2 else {
      _ = registered(id, left.number, 0)
      return unary(opcode, left, width: width)
    }
    let right = operand(1, of: id)
    _ = registered(id, left.number, right.number)
    return binary(opcode, left, right, width: width)
  }

  /// The first instruction with the same meaning, which `id` becomes if there is none.
  private mutating func registered(
    _ id: Instruction.ID, _ operand0: UInt32, _ operand1: UInt32
  ) -> Instruction.ID {
    let instruction = instructions[id]
    let key = PureKey(
      operation: instruction.operation, width: instruction.width,
      count: UInt8(instruction.operands.count), operand0: operand0, operand1: operand1)
    if let known = pureInstructions[key],
      instructions[known].operation == instruction.operation
    {
      return known
    }
    pureInstructions[key] = id
    return id
  }
}
