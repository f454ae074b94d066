package import Basics
package import RuntimeModel

/// One function under decompilation, in SSA form.
///
/// Pure steps float: equal ones are one instruction, which stands wherever it is used. Steps with
/// effects, loads and phis stand in a block, in order. A function is noncopyable: a pass edits it in
/// place, and an accidental copy is a compile-time error rather than a slow program.
package struct Function: ~Copyable {
  var instructions = Table<Instruction>()
  var operandPool: [Instruction.ID] = []
  var blocks = Table<Block>()
  var switches = Table<Switch>()
  var shapes = Table<CallShape>()
  private var shapeIDs: [CallShape: CallShapeID] = [:]
  /// Pure instructions by what they compute.
  var pureInstructions: [PureKey: Instruction.ID] = [:]
  /// How often an instruction has got another meaning or other operands.
  ///
  /// A pass that found nothing to do finds nothing until this has risen.
  package private(set) var revision = 0
  /// The revision of which every pure instruction is known to be in its simplest form.
  var canonicalRevision = -1

  /// The address of the function's first machine instruction.
  package let address: UInt64
  /// Where fields of the objects lie that the function works on.
  package let layout: ObjectLayout
  /// The block in which the function starts; it has no predecessors.
  package internal(set) var entry = Block.ID(0)

  package init(address: UInt64, layout: ObjectLayout) {
    self.address = address
    self.layout = layout
  }
}

/// What makes two pure instructions the same.
struct PureKey: Hashable {
  let operation: Operation
  let width: UInt8
  let count: UInt8
  let operand0: UInt32
  let operand1: UInt32

  /// Few operations share their operands, so that those tell enough.
  func hash(into hasher: inout Hasher) {
    if count == 0 {
      hasher.combine(operation)
    } else {
      hasher.combine(UInt64(operand0) << 32 | UInt64(operand1))
    }
  }

  /// Operands are small numbers that nobody can choose to collide: mixing them is enough, and takes a
  /// tenth of the time of the hash that resists such choices.
  func _rawHashValue(seed: Int) -> Int {
    guard count > 0 else { return operation._rawHashValue(seed: seed) }
    let mixed =
      (UInt64(operand0) << 32 | UInt64(operand1)) &* 0x9E37_79B9_7F4A_7C15
      ^ UInt64(truncatingIfNeeded: seed)
    return Int(truncatingIfNeeded: mixed ^ mixed >> 32)
  }
}

// MARK: - Reading

extension Function {
  /// Width of a pointer in bytes.
  package var pointerSize: Int { layout.pointerSize }

  /// Whether a value is as wide as a pointer.
  package func isWord(_ id: Instruction.ID) -> Bool { size(id) == pointerSize }

  package var instructionCount: Int { instructions.count }
  package var instructionIDs: IDs<Instruction> { instructions.ids }
  package var blockIDs: IDs<Block> { blocks.ids }

  package subscript(id: Instruction.ID) -> Instruction {
    _read { yield instructions[id] }
  }
  package subscript(id: Block.ID) -> Block {
    _read { yield blocks[id] }
  }
  package subscript(id: Terminator.SwitchID) -> Switch { switches[id] }
  package subscript(id: CallShapeID) -> CallShape { shapes[id] }

  /// The instruction that stands for `id` after all replacements.
  package func resolve(_ id: Instruction.ID) -> Instruction.ID {
    var id = id
    while case .forward = instructions[id].operation {
      id = operandPool[Int(instructions[id].operands.start)]
    }
    return id
  }

  package func operand(_ index: Int, of id: Instruction.ID) -> Instruction.ID {
    let operands = instructions[id].operands
    precondition(index < operands.count, "operand out of range")
    return resolve(operandPool[Int(operands.start) + index])
  }

  package func operandCount(of id: Instruction.ID) -> Int { Int(instructions[id].operands.count) }

  package func operands(of id: Instruction.ID) -> [Instruction.ID] {
    let operands = instructions[id].operands
    return (0..<Int(operands.count)).map { resolve(operandPool[Int(operands.start) + $0]) }
  }

  /// The number that an instruction always computes, if it is a constant.
  package func constant(_ id: Instruction.ID) -> UInt64? {
    if case .constant(let value) = instructions[id].operation { value } else { nil }
  }

  package func isPhi(_ id: Instruction.ID) -> Bool { instructions[id].operation == .phi }

  /// The blocks to which a block can go, in the order of its terminator's arms.
  package func successors(of id: Block.ID) -> [Block.ID] {
    switch blocks[id].terminator {
    case .jump(let target): [target]
    case .branch(_, let taken, let other): [taken, other]
    case .choose(_, let table): switches[table].targets
    case .return, .unreachable: []
    }
  }

  /// How many arms a block's terminator has.
  func successorCount(of id: Block.ID) -> Int {
    switch blocks[id].terminator {
    case .jump: 1
    case .branch: 2
    case .choose(_, let table): switches[table].targets.count
    case .return, .unreachable: 0
    }
  }

  /// The block to which one arm of a block's terminator goes.
  func successor(_ arm: Int, of id: Block.ID) -> Block.ID {
    switch blocks[id].terminator {
    case .jump(let target): target
    case .branch(_, let taken, let other): arm == 0 ? taken : other
    case .choose(_, let table): switches[table].targets[arm]
    case .return, .unreachable: preconditionFailure("a block without arms")
    }
  }
}

// MARK: - Building

extension Function {
  package mutating func appendBlock(address: UInt64) -> Block.ID {
    blocks.append(Block(address: address))
  }

  package mutating func setEntry(_ id: Block.ID) { entry = id }

  /// The number of a call's shape; equal shapes have the same one.
  package mutating func appendShape(_ shape: CallShape) -> CallShapeID {
    if let known = shapeIDs[shape] { return known }
    let id = shapes.append(shape)
    shapeIDs[shape] = id
    return id
  }

  package mutating func appendSwitch(_ targets: [Block.ID]) -> Terminator.SwitchID {
    switches.append(Switch(targets: targets))
  }

  /// Ends a block.
  ///
  /// The new successors learn of their predecessor; phis they hold must be complete
  /// before anyone reads them.
  package mutating func terminate(_ id: Block.ID, with terminator: Terminator) {
    blocks[id].terminator = terminator
    for successor in successors(of: id) { blocks[successor].predecessors.append(id) }
  }

  /// Appends a step that stands in a block.
  @discardableResult
  package mutating func append(
    _ operation: Operation, _ operands: [Instruction.ID], width: Int, to block: Block.ID,
    at address: UInt64
  ) -> Instruction.ID {
    let id = instructions.append(
      Instruction(
        operation: operation, operands: store(operands), width: UInt8(clamping: width),
        block: block, address: address))
    blocks[block].instructions.append(id)
    return id
  }

  /// A phi at the head of a block, still without operands.
  package mutating func appendPhi(width: Int, to block: Block.ID) -> Instruction.ID {
    let id = instructions.append(
      Instruction(
        operation: .phi, operands: .init(start: 0, count: 0), width: UInt8(clamping: width),
        block: block, address: blocks[block].address))
    blocks[block].instructions.insert(id, at: 0)
    return id
  }

  /// Gives an instruction other operands.
  package mutating func setOperands(of id: Instruction.ID, _ operands: [Instruction.ID]) {
    instructions[id].operands = store(operands)
    revision += 1
  }

  /// Gives an instruction another meaning, keeping its place and address.
  package mutating func replace(
    _ id: Instruction.ID, with operation: Operation, _ operands: [Instruction.ID]
  ) {
    instructions[id].operation = operation
    instructions[id].operands = store(operands)
    revision += 1
  }

  /// Makes every reader of `id` read `replacement` instead.
  package mutating func forward(_ id: Instruction.ID, to replacement: Instruction.ID) {
    let target = resolve(replacement)
    guard target != id else { return }
    instructions[id].operation = .forward
    instructions[id].operands = store([target])
    revision += 1
  }

  mutating func store(_ operands: [Instruction.ID]) -> Instruction.Operands {
    defer { operandPool += operands }
    return Instruction.Operands(
      start: UInt32(operandPool.count), count: UInt32(operands.count))
  }
}
