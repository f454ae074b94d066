internal import CSleighShim
internal import IR

/// P-code of one straight line of code on its way to ``Transfer`` steps.
///
/// Operands in memory become explicit loads and stores, and the targets of branches become code
/// points; everything else keeps its meaning and its widths.
struct Translation {
  private(set) var exit: MachineBlock.Exit?
  private let start: CodePoint
  private var transfers: [Transfer] = []
  /// The instruction that is being translated, and how many of its steps came before.
  private var instruction: CodePoint
  /// Scratch storage for operands in memory, out of the way of the decoder's own.
  private var scratch: UInt64 = 1 << 32
  /// The last instruction: its address, its number of steps, and the address behind it.
  private let last: (address: UInt64, steps: Int, end: UInt64)

  init(start: CodePoint, operations: UnsafeBufferPointer<csleigh_operation>, end: UInt64) {
    self.start = start
    instruction = CodePoint(start.address)
    transfers.reserveCapacity(operations.count)
    let address = unsafe operations.last?.address ?? start.address
    let steps = unsafe operations.reversed().prefix { $0.address == address }.count
    last = (address, steps, end)
  }

  /// Translates one operation.
  mutating func append(_ operation: csleigh_operation) {
    if operation.address != instruction.address { instruction = CodePoint(operation.address) }
    defer { instruction.step += 1 }
    guard instruction >= start else { return }
    guard let opcode = Opcode(rawValue: UInt8(truncatingIfNeeded: operation.opcode)) else {
      return appendOpaque(operation)
    }
    if opcode.isTransferOfControl {
      exit = leave(opcode, operation)
    } else {
      append(opcode, operation)
    }
  }

  /// Closes the block.
  func finish(isDecoded: Bool) -> MachineBlock {
    let exit = exit ?? (isDecoded ? .jump(CodePoint(last.end)) : .invalid)
    return MachineBlock(start: start, transfers: transfers, exit: exit, end: last.end)
  }

  private mutating func append(_ opcode: Opcode, _ operation: csleigh_operation) {
    let isCall = opcode == .call
    var transfer = Transfer(opcode, at: operation.address)
    transfer.inputCount = operation.input_count
    if operation.input_count > 0 {
      transfer.input0 = isCall ? target(operation.inputs.0) : read(operation.inputs.0, operation)
    }
    if operation.input_count > 1 { transfer.input1 = read(operation.inputs.1, operation) }
    guard operation.has_output != 0 else { return transfers.append(transfer) }
    let isInMemory = operation.output.space == UInt32(CSLEIGH_MEMORY)
    let output = isInMemory ? fresh(size: operation.output.size) : varnode(operation.output)
    transfer.output = output
    transfers.append(transfer)
    if isInMemory {
      let address = Varnode.constant(operation.output.offset, size: 8)
      transfers.append(Transfer(.store, address, output, at: operation.address))
    }
  }

  /// An operation that no opcode stands for: its output is unknown.
  private mutating func appendOpaque(_ operation: csleigh_operation) {
    var transfer = Transfer(.callOther, at: operation.address)
    if operation.has_output != 0 { transfer.output = varnode(operation.output) }
    transfers.append(transfer)
  }

  private mutating func leave(
    _ opcode: Opcode, _ operation: csleigh_operation
  ) -> MachineBlock.Exit {
    switch opcode {
    case .branch:
      return .jump(destination(operation.inputs.0))
    case .branchIf:
      let condition = read(operation.inputs.1, operation)
      let fallThrough = step(1, from: instruction)
      return .branch(condition, destination(operation.inputs.0), fallThrough)
    case .branchIndirect:
      return .indirect(read(operation.inputs.0, operation))
    default:
      return .return(read(operation.inputs.0, operation))
    }
  }

  /// Where a branch goes: an address, or some steps on inside the same instruction.
  private func destination(_ node: csleigh_varnode) -> CodePoint {
    guard node.space == UInt32(CSLEIGH_CONSTANT) else { return CodePoint(node.offset) }
    return step(Int(truncatingIfNeeded: node.offset), from: instruction)
  }

  private func step(_ count: Int, from point: CodePoint) -> CodePoint {
    let step = Int(point.step) &+ count
    guard step >= 0, step < last.steps else { return CodePoint(last.end) }
    return CodePoint(point.address, step: UInt16(clamping: step))
  }

  private func target(_ node: csleigh_varnode) -> Varnode { .constant(node.offset, size: 8) }

  private mutating func read(
    _ node: csleigh_varnode, _ operation: csleigh_operation
  ) -> Varnode {
    guard node.space == UInt32(CSLEIGH_MEMORY) else { return varnode(node) }
    let output = fresh(size: node.size)
    let address = Varnode.constant(node.offset, size: 8)
    transfers.append(Transfer(.load, output: output, address, at: operation.address))
    return output
  }

  private func varnode(_ node: csleigh_varnode) -> Varnode {
    let space: Varnode.Space =
      switch node.space {
      case UInt32(CSLEIGH_CONSTANT): .constant
      case UInt32(CSLEIGH_REGISTER): .register
      default: .temporary
      }
    return Varnode(space, offset: node.offset, size: Int(node.size))
  }

  private mutating func fresh(size: UInt32) -> Varnode {
    scratch += 64
    return Varnode(.temporary, offset: scratch, size: Int(size))
  }
}
