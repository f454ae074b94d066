import Basics
package import IR

/// What SSA construction makes of machine code.
package struct ConstructedFunction: ~Copyable {
  package var function: Function
  /// Jumps to computed places that nobody could follow yet: the block that ends in the jump, the
  /// address behind it, and the place as a value.
  package var unresolvedJumps: [(block: Block.ID, end: UInt64, target: Instruction.ID)]

  init(
    _ function: consuming Function,
    _ unresolvedJumps: [(block: Block.ID, end: UInt64, target: Instruction.ID)]
  ) {
    self.function = function
    self.unresolvedJumps = unresolvedJumps
  }
}

/// Machine code that no compiler would write.
package enum ConstructionError: Error, Equatable {
  /// The stack pointer differs between two ways into a block.
  case unbalancedStack(address: UInt64)
}

/// Builds SSA form over registers, after Braun et al., *Simple and Efficient Construction of Static
/// Single Assignment Form* (2013), with pending phis instead of recursion.
///
/// Memory stays memory: loads and stores keep their order, calls take their arguments by the
/// signature of the function they call.
package struct SSAConstruction<Facts: ProgramFacts>: ~Copyable {
  let machine: Machine
  let facts: Facts
  let source: MachineFunction
  var function: Function
  var registers: RegisterFile
  var definitions: Definitions
  var scratch = Scratch()
  var memory = KnownMemory()
  /// Whether scratch storage of the current instruction is read in another block.
  var hasOpenScratch = false
  /// Where the stack pointer lives among the cells.
  let stackPointer: Int
  /// The block of the function for every machine block.
  var blocks: [Block.ID] = []
  /// Machine blocks in reverse postorder, and the predecessors of each by position.
  var order: [Int] = []
  var predecessors: [[Int]] = []
  var isFilled: [Bool] = []
  /// The stack pointer with which each block was built.
  var stackPointerAtEntry: [Instruction.ID?] = []
  var pendingPhis: [PendingPhi] = []
  var incompletePhis: [PendingPhi] = []
  var unresolvedJumps: [(block: Block.ID, end: UInt64, target: Instruction.ID)] = []

  /// A phi without operands yet.
  struct PendingPhi {
    let block: Int
    let cell: Int
    let phi: Instruction.ID
  }

  package static func construct(
    _ source: MachineFunction, machine: Machine, facts: Facts
  ) throws(ConstructionError) -> ConstructedFunction {
    var construction = SSAConstruction(source, machine: machine, facts: facts)
    try construction.run()
    return construction.finish()
  }

  private init(_ source: MachineFunction, machine: Machine, facts: Facts) {
    self.machine = machine
    self.facts = facts
    self.source = source
    function = Function(address: source.address)
    registers = RegisterFile(machine)
    stackPointer = registers.part(of: machine.stackPointer)?.cell ?? 0
    for block in source.blocks {
      let isOpen = block.addressLeftOpen != nil || block.start.step > 0
      for transfer in block.transfers { registers.number(of: transfer, withScratch: isOpen) }
    }
    registers.number(of: machine)
    definitions = Definitions(blocks: source.blocks.count, cells: registers.cells.count)
  }

  private mutating func run() throws(ConstructionError) {
    connectBlocks()
    let deadFlags = DeadFlags(source, machine)
    for index in order {
      fill(index, needed: deadFlags.needed(in: index))
      isFilled[index] = true
    }
    pendingPhis = incompletePhis
    completePendingPhis()
    try checkStackPointer()
    removeTrivialPhis()
  }

  private consuming func finish() -> ConstructedFunction {
    ConstructedFunction(function, unresolvedJumps)
  }

  /// Makes the blocks and finds their order and predecessors.
  private mutating func connectBlocks() {
    // The entry has no predecessors, so that it can hold what registers are at entry.
    let entry = function.appendBlock(address: source.address)
    function.setEntry(entry)
    for block in source.blocks { blocks.append(function.appendBlock(address: block.start.address)) }
    function.terminate(entry, with: .jump(blocks[0]))
    order = source.reversePostorder()
    predecessors = Array(repeating: [], count: source.blocks.count)
    isFilled = Array(repeating: false, count: source.blocks.count)
    stackPointerAtEntry = Array(repeating: nil, count: source.blocks.count)
    for index in order {
      for target in source.blocks[index].exit.targets {
        if let successor = source.block(at: target) { predecessors[successor].append(index) }
      }
    }
  }

  /// Two ways into a block must agree on the stack pointer; back edges were taken on trust.
  private mutating func checkStackPointer() throws(ConstructionError) {
    for index in order {
      guard let expected = stackPointerAtEntry[index] else { continue }
      for predecessor in predecessors[index] {
        let actual = read(stackPointer, atEndOf: predecessor)
        if function.resolve(actual) != function.resolve(expected) {
          throw .unbalancedStack(address: source.blocks[index].start.address)
        }
      }
    }
  }

  /// Replaces phis whose operands are all the same value.
  private mutating func removeTrivialPhis() {
    var changed = true
    while changed {
      changed = function.removeTrivialPhis()
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
}
