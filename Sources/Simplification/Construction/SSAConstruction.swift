import Basics
package import IR
package import RuntimeModel

/// What SSA construction makes of machine code.
package struct ConstructedFunction: ~Copyable {
  package var function: Function
  /// Jumps to computed places that nobody could follow yet: the block that ends in the jump, the
  /// address behind it, and the place as a value.
  package var unresolvedJumps: [(block: Block.ID, end: UInt64, target: Instruction.ID)]
  /// Whether every instruction was decoded; ways into one that was not seem to end in a trap.
  package let isDecoded: Bool

  init(
    _ function: consuming Function,
    _ unresolvedJumps: [(block: Block.ID, end: UInt64, target: Instruction.ID)], isDecoded: Bool
  ) {
    self.function = function
    self.unresolvedJumps = unresolvedJumps
    self.isDecoded = isDecoded
  }

  /// The function alone.
  package consuming func takeFunction() -> Function { function }
}

/// Machine code that no compiler would write.
package enum ConstructionError: Error, Equatable {
  /// The stack pointer differs between two ways into a block.
  case unbalancedStack(address: UInt64)
}

/// Builds SSA form over registers.
///
/// Memory stays memory: loads and stores keep their order, calls take their arguments by the
/// signature of the function they call.
package struct SSAConstruction<Facts: ProgramFacts>: ~Copyable {
  let machine: Machine
  let facts: Facts
  let source: MachineFunction
  var function: Function
  var registers: RegisterFile
  var reaching: ReachingDefinitions
  var scratch = Scratch()
  var memory = KnownMemory()
  /// Whether scratch storage of the current instruction is read in another block.
  var hasOpenScratch = false
  /// Where the stack pointer lives among the cells.
  let stackPointer: Int
  /// Machine blocks in reverse postorder.
  let order: [Int]
  /// The block of the function for every machine block, and its position in the order.
  var blocks: [Block.ID]
  let positions: [Int]
  /// How many cells there were before the first block was built.
  let numberedCells: Int
  /// The stack pointer with which each block was built, by position.
  var stackPointerAtEntry: [Instruction.ID?]
  var unresolvedJumps: [(block: Block.ID, end: UInt64, target: Instruction.ID)] = []

  package static func construct(
    _ source: MachineFunction, machine: Machine, layout: ObjectLayout, facts: Facts
  ) throws(ConstructionError) -> ConstructedFunction {
    let source = source.skippingAnsweredTests(machine)
    var construction = SSAConstruction(source, machine: machine, layout: layout, facts: facts)
    try construction.run()
    return construction.finish()
  }

  private init(
    _ source: MachineFunction, machine: Machine, layout: ObjectLayout, facts: Facts
  ) {
    self.machine = machine
    self.facts = facts
    self.source = source
    function = Function(address: source.address, layout: layout)
    registers = RegisterFile(machine)
    stackPointer = registers.part(of: machine.stackPointer)?.cell ?? 0
    registers.number(cellsOf: source, machine)
    numberedCells = registers.cells.count
    order = source.reversePostorder()
    stackPointerAtEntry = Array(repeating: nil, count: order.count + 1)
    // The entry has no predecessors, so that it can hold what registers are at entry.
    let entry = function.appendBlock(address: source.address)
    function.setEntry(entry)
    blocks = source.blocks.map { _ in entry }
    for index in order {
      blocks[index] = function.appendBlock(address: source.blocks[index].start.address)
    }
    function.terminate(entry, with: .jump(blocks[0]))
    positions = source.positions(in: order)
    reaching = ReachingDefinitions(
      blocks: [entry] + order.map { [blocks] in blocks[$0] },
      predecessors: source.predecessors(in: order, positions),
      cells: registers.cells,
      widths: registers.cells.indices.map { [registers] in registers.width(of: $0) })
    // Compilers balance the stack pointer in loops; `checkStackPointer` proves it afterwards.
    reaching.invariantCell = stackPointer
    reaching.markFilled(0)
  }

  private mutating func run() throws(ConstructionError) {
    let deadFlags = DeadFlags(source, machine)
    for index in order {
      fill(index, needed: deadFlags.needed(in: index))
      reaching.markFilled(positions[index])
    }
    reaching.finish(&function)
    try checkStackPointer()
    while function.removeTrivialPhis() {}
    guard !machine.conditionFlags.isEmpty else { return }
    func simplify() {
      while function.canonicalizePureInstructions() || function.removeTrivialPhis() {}
    }
    simplify()
    while function.mergeConditions() || function.mergeConditionalNumbers()
      || function.mergeLastConditions()
    {
      simplify()
    }
    function.splitConditions()
    function.skipRepeatedTests()
  }

  private consuming func finish() -> ConstructedFunction {
    ConstructedFunction(
      function, unresolvedJumps, isDecoded: !source.blocks.contains { $0.exit == .invalid })
  }

  /// Two ways into a block must agree on the stack pointer; back edges were taken on trust.
  private mutating func checkStackPointer() throws(ConstructionError) {
    for index in order {
      for target in source.blocks[index].exit.targets {
        guard let successor = source.block(at: target),
          let wanted = stackPointerAtEntry[positions[successor]]
        else { continue }
        let actual = reaching.read(stackPointer, in: positions[index], &function)
        if actual != function.resolve(wanted) {
          throw .unbalancedStack(address: source.blocks[successor].start.address)
        }
      }
    }
  }
}

extension MachineFunction {
  /// The blocks that the entry reaches, every block before its successors except along back edges.
  func reversePostorder() -> [Int] {
    var order: [Int] = []
    var seen = [Bool](repeating: false, count: blocks.count)
    var stack: [(block: Int, next: Int)] = [(0, 0)]
    seen[0] = true
    while var top = stack.popLast() {
      let targets = blocks[top.block].exit.targets
      guard top.next < targets.count else {
        order.append(top.block)
        continue
      }
      let target = targets[targets.count - 1 - top.next]
      top.next += 1
      stack.append(top)
      guard let successor = block(at: target), !seen[successor] else { continue }
      seen[successor] = true
      stack.append((successor, 0))
    }
    return order.reversed()
  }

  /// The position of each block behind the entry, which is position 0.
  func positions(in order: [Int]) -> [Int] {
    var positions = [Int](repeating: 0, count: blocks.count)
    for (position, index) in order.enumerated() { positions[index] = position + 1 }
    return positions
  }

  /// The predecessors of each position, in the order in which blocks are ended.
  func predecessors(in order: [Int], _ positions: [Int]) -> [[Int]] {
    var predecessors = [[Int]](repeating: [], count: order.count + 1)
    predecessors[1].append(0)
    for index in order {
      for target in blocks[index].exit.targets {
        if let successor = block(at: target) {
          predecessors[positions[successor]].append(positions[index])
        }
      }
    }
    return predecessors
  }
}
