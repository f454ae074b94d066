import Basics

extension Function {
  /// Brings every pure instruction up to date after replacements.
  ///
  /// - Returns: whether any instruction was replaced by another.
  package mutating func canonicalizePureInstructions() -> Bool {
    guard canonicalRevision != revision else { return false }
    var changed = false
    pureInstructions.removeAll(keepingCapacity: true)
    // What is looked up on the way may stand further down; a new one would replace it, every time.
    var firsts = [Instruction.ID?](repeating: nil, count: instructions.count)
    for id in instructions.ids where instructions[id].block == nil { firsts[id.index] = first(id) }
    for id in instructions.ids where instructions[id].block == nil {
      // Until something changes, the first instruction with the same meaning is known.
      let known = !changed && id.index < firsts.count ? firsts[id.index] : nil
      guard let simplest = canonical(id, known), simplest != id else { continue }
      forward(id, to: simplest)
      changed = true
    }
    if !changed { canonicalRevision = revision }
    return changed
  }

  /// The first instruction with the same meaning; nil for what is none any more.
  private mutating func first(_ id: Instruction.ID) -> Instruction.ID? {
    let count = instructions[id].operands.count
    if case .forward = instructions[id].operation { return nil }
    guard count <= 2 else { return nil }
    return registered(
      id, count > 0 ? operand(0, of: id).number : 0, count > 1 ? operand(1, of: id).number : 0)
  }

  /// The instruction that computes what `id` computes, in the simplest form.
  ///
  /// `known` is the first instruction with the same meaning, if that was looked up already.
  private mutating func canonical(
    _ id: Instruction.ID, _ known: Instruction.ID?
  ) -> Instruction.ID? {
    let instruction = instructions[id]
    let width = Int(instruction.width)
    if case .forward = instruction.operation { return nil }
    guard instruction.operands.count > 0 else { return known ?? registered(id, 0, 0) }
    let left = operand(0, of: id)
    guard case .machine(let opcode) = instruction.operation else {
      return known ?? registered(id, left.number, 0)
    }
    guard instruction.operands.count == 2 else {
      if known == nil { _ = registered(id, left.number, 0) }
      return unary(opcode, left, width: width)
    }
    let right = operand(1, of: id)
    if known == nil { _ = registered(id, left.number, right.number) }
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
