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
  /// The bit of all addresses that tells which instruction set this is.
  private let mode: UInt64
  private let modeRegister: Varnode?
  /// The register that is always zero.
  private let zeroRegister: Varnode?
  /// The instruction set that goes on behind the call that is being translated.
  private var newMode: UInt64?
  /// Values that stand for others but for that bit.
  private var targets: [Varnode: Varnode] = [:]
  /// What operations of the instruction have put out that no opcode stands for.
  private var opaque: Set<Varnode> = []
  /// The last instruction: its address, its number of steps, and the address behind it.
  private let last: (address: UInt64, steps: Int, end: UInt64)

  init(
    start: CodePoint, operations: UnsafeBufferPointer<csleigh_operation>, end: UInt64,
    mode: UInt64 = 0, modeRegister: Varnode? = nil, zeroRegister: Varnode? = nil
  ) {
    self.start = start
    self.mode = mode
    self.modeRegister = modeRegister
    self.zeroRegister = zeroRegister
    instruction = CodePoint(start.address)
    transfers.reserveCapacity(operations.count)
    let address = unsafe operations.last?.address ?? start.address
    let steps = unsafe operations.reversed().prefix { $0.address == address }.count
    last = (address | mode, steps, end | mode)
  }

  /// Translates one operation.
  mutating func append(_ operation: csleigh_operation) {
    if operation.address | mode != instruction.address {
      instruction = CodePoint(operation.address | mode)
      newMode = nil
      targets = [:]
      opaque = []
    }
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
    noteMode(opcode, operation)
    var transfer = Transfer(opcode, at: instruction.address)
    transfer.inputCount = operation.input_count
    if operation.input_count > 0 {
      transfer.input0 = isCall ? target(operation.inputs.0) : read(operation.inputs.0, operation)
      if opcode == .callIndirect, let whole = targets[transfer.input0] { transfer.input0 = whole }
    }
    if operation.input_count > 1 { transfer.input1 = read(operation.inputs.1, operation) }
    guard operation.has_output != 0 else { return transfers.append(transfer) }
    let isInMemory = operation.output.space == UInt32(CSLEIGH_MEMORY)
    let register = varnode(operation.output)
    let isElsewhere = isInMemory || isZero(register)
    let output = isElsewhere ? fresh(size: operation.output.size) : register
    transfer.output = output
    if opcode == .callOther { opaque.insert(output) }
    transfers.append(transfer)
    if isInMemory {
      let address = Varnode.constant(operation.output.offset, size: 8)
      transfers.append(Transfer(.store, address, output, at: instruction.address))
    }
  }

  /// An operation that no opcode stands for: its output is unknown.
  private mutating func appendOpaque(_ operation: csleigh_operation) {
    var transfer = Transfer(.callOther, at: instruction.address)
    if operation.has_output != 0 {
      let output = varnode(operation.output)
      transfer.output = output
      opaque.insert(output)
    }
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
      let target = read(operation.inputs.0, operation)
      // Traps, such as `ud2`, go where nobody knows.
      if opaque.contains(target) { return .unreachable }
      return .indirect(targets[target] ?? marked(target))
    default:
      return .return(read(operation.inputs.0, operation))
    }
  }

  /// A target with the bit of the instruction set that goes on there, which is the same.
  private mutating func marked(_ target: Varnode) -> Varnode {
    guard mode != 0 else { return target }
    let whole = fresh(size: UInt32(target.size))
    let bit = Varnode.constant(mode, size: Int(target.size))
    transfers.append(Transfer(.or, output: whole, target, bit, at: instruction.address))
    return whole
  }

  /// Where a branch goes: an address, or some steps on inside the same instruction.
  private func destination(_ node: csleigh_varnode) -> CodePoint {
    guard node.space == UInt32(CSLEIGH_CONSTANT) else { return CodePoint(node.offset | mode) }
    // Loops inside of an instruction, as of `bsf`, go back.
    return step(Int(Opcode.signed(node.offset, Int(node.size))), from: instruction)
  }

  private func step(_ count: Int, from point: CodePoint) -> CodePoint {
    let step = Int(point.step) &+ count
    guard step >= 0, step < last.steps else { return CodePoint(last.end) }
    return CodePoint(point.address, step: UInt16(clamping: step))
  }

  private func target(_ node: csleigh_varnode) -> Varnode {
    .constant(node.offset | (newMode ?? mode), size: 8)
  }

  /// Follows the bit that tells between instruction sets: where it goes, and what hides it.
  ///
  /// ```
  /// ISAModeSwitch = 0          blx f         →   call f (of the other set)
  /// t = r3 & ~1; goto [t]      bx r3         →   goto [r3]
  /// ```
  private mutating func noteMode(_ opcode: Opcode, _ operation: csleigh_operation) {
    guard operation.has_output != 0 else { return }
    let output = varnode(operation.output)
    targets = targets.filter { $0.value != output }
    if opcode == .copy, output == modeRegister,
      operation.inputs.0.space == UInt32(CSLEIGH_CONSTANT)
    {
      newMode = operation.inputs.0.offset & 1
    }
    let isMask =
      opcode == .and && operation.inputs.1.space == UInt32(CSLEIGH_CONSTANT)
      && operation.inputs.1.offset == Opcode.mask(Int(operation.inputs.1.size)) - 1
    if isMask {
      targets[output] = varnode(operation.inputs.0)
    } else if opcode == .copy {
      targets[output] = targets[varnode(operation.inputs.0)]
    } else {
      targets[output] = nil
    }
  }

  private mutating func read(
    _ node: csleigh_varnode, _ operation: csleigh_operation
  ) -> Varnode {
    guard node.space == UInt32(CSLEIGH_MEMORY) else {
      let found = varnode(node)
      return isZero(found) ? .constant(0, size: Int(node.size)) : found
    }
    let output = fresh(size: node.size)
    let address = Varnode.constant(node.offset, size: 8)
    transfers.append(Transfer(.load, output: output, address, at: instruction.address))
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

  /// Whether a place is one of the register that is always zero.
  private func isZero(_ place: Varnode) -> Bool {
    guard let zeroRegister, place.space == .register else { return false }
    return place.offset &- zeroRegister.offset < UInt64(zeroRegister.size)
  }

  private mutating func fresh(size: UInt32) -> Varnode {
    scratch += 64
    return Varnode(.temporary, offset: scratch, size: Int(size))
  }
}
