import Basics

// Building a function that was written down, number by number.
extension Function {
  /// Takes the first numbers for instructions that ``place(_:_:_:width:in:at:)`` fills in.
  mutating func reserve(instructions count: Int) {
    for _ in 0..<count {
      instructions.append(
        Instruction(
          operation: .undefined, operands: .init(start: 0, count: 0), width: 0, block: nil,
          address: 0))
    }
  }

  /// Fills a reserved number in; a step with a block goes to that block's end.
  mutating func place(
    _ id: Instruction.ID, _ operation: Operation, _ operands: [Instruction.ID], width: Int,
    in block: Block.ID?, at address: UInt64
  ) {
    instructions[id] = Instruction(
      operation: operation, operands: store(operands), width: UInt8(clamping: width), block: block,
      address: address)
    if let block {
      blocks[block].instructions.append(id)
    } else {
      let key = PureKey(
        operation: operation, width: UInt8(clamping: width), count: UInt8(clamping: operands.count),
        operand0: operands.first?.number ?? 0,
        operand1: operands.count > 1 ? operands[1].number : 0)
      pureInstructions[key] = pureInstructions[key] ?? id
    }
  }

  mutating func setHead(of id: Block.ID, address: UInt64, predecessors: [Block.ID]) {
    blocks[id].address = address
    blocks[id].predecessors = predecessors
  }

  /// Ends a block whose successors know of it already.
  mutating func setEnd(of id: Block.ID, _ terminator: Terminator) {
    blocks[id].terminator = terminator
  }
}
