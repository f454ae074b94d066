import Basics
import IR

/// Which value each cell holds in each block, and the phis where ways meet.
///
/// The algorithm is that of Braun et al., *Simple and Efficient Construction of Static Single
/// Assignment Form* (2013), with a list of waiting phis instead of recursion: blocks are filled in
/// reverse postorder, and a phi gets its operands once all its predecessors are filled.
struct ReachingDefinitions {
  /// Blocks by their position in reverse postorder.
  private let blocks: [Block.ID]
  private let predecessors: [[Int]]
  private let cells: [Cell]
  private let widths: [Int]
  private var definitions: Definitions
  private var isFilled: [Bool]
  private var ready: [WaitingPhi] = []
  private var incomplete: [WaitingPhi] = []
  /// A cell that loops leave as it was; whoever says so has to prove it afterwards.
  var invariantCell: Int?

  private struct WaitingPhi {
    let block: Int
    let cell: Int
    let phi: Instruction.ID
  }

  /// - Parameters:
  ///   - blocks: the reachable blocks in reverse postorder, the entry first.
  ///   - predecessors: for each of them, its predecessors by position, in the order of its phis.
  ///   - cells: what is followed.
  ///   - widths: the width of each cell in bytes.
  init(blocks: [Block.ID], predecessors: [[Int]], cells: [Cell], widths: [Int]) {
    self.blocks = blocks
    self.predecessors = predecessors
    self.cells = cells
    self.widths = widths
    definitions = Definitions(blocks: blocks.count, cells: cells.count)
    isFilled = Array(repeating: false, count: blocks.count)
  }

  mutating func define(_ cell: Int, _ value: Instruction.ID, in block: Int) {
    definitions[block, cell] = .value(value)
  }

  /// Says that a cell holds whatever a call left there.
  mutating func clobber(_ cell: Int, by call: Instruction.ID, in block: Int) {
    definitions[block, cell] = .clobbered(by: call)
  }

  /// Says that all definitions of a block are known.
  mutating func markFilled(_ block: Int) { isFilled[block] = true }

  /// What a cell holds at the end of what is known of a block.
  mutating func read(
    _ cell: Int, in block: Int, _ function: inout Function
  ) -> Instruction.ID {
    let value = lookUp(cell, block, &function)
    completeReadyPhis(&function)
    return function.resolve(value)
  }

  /// Completes all phis; every block must be filled.
  mutating func finish(_ function: inout Function) {
    ready += incomplete
    incomplete = []
    completeReadyPhis(&function)
  }

  private mutating func completeReadyPhis(_ function: inout Function) {
    while let waiting = ready.popLast() {
      var operands: [Instruction.ID] = []
      for predecessor in predecessors[waiting.block] {
        operands.append(lookUp(waiting.cell, predecessor, &function))
      }
      function.setOperands(of: waiting.phi, operands)
      function.forwardIfTrivial(waiting.phi)
    }
  }

  /// Walks up to the definition that reaches the end of a block, making phis where ways meet.
  private mutating func lookUp(
    _ cell: Int, _ start: Int, _ function: inout Function
  ) -> Instruction.ID {
    var passed: [Int] = []
    var block = start
    var found = definition(of: cell, in: block, &function)
    while found == nil {
      passed.append(block)
      found = origin(of: cell, in: block, &function)
      guard found == nil else { break }
      block = predecessors[block][0]
      found = definition(of: cell, in: block, &function)
    }
    let value = found ?? function.undefined(width: widths[cell])
    for block in passed { definitions[block, cell] = .value(value) }
    return value
  }

  private mutating func definition(
    of cell: Int, in block: Int, _ function: inout Function
  ) -> Instruction.ID? {
    switch definitions[block, cell] {
    case .value(let id): return function.resolve(id)
    case .clobbered(let call):
      let after = function.after(cells[cell], call: call, width: widths[cell])
      definitions[block, cell] = .value(after)
      return after
    case nil: return nil
    }
  }

  /// The value with which a cell enters a block, unless a single predecessor decides it.
  private mutating func origin(
    of cell: Int, in block: Int, _ function: inout Function
  ) -> Instruction.ID? {
    let sources = predecessors[block]
    guard !sources.isEmpty else { return function.entry(cells[cell], width: widths[cell]) }
    let isComplete = sources.allSatisfy { isFilled[$0] }
    if isComplete, sources.count == 1 { return nil }
    if cell == invariantCell, !isComplete, let filled = sources.first(where: { isFilled[$0] }) {
      return lookUp(cell, filled, &function)
    }
    let phi = function.appendPhi(width: widths[cell], to: blocks[block])
    let waiting = WaitingPhi(block: block, cell: cell, phi: phi)
    if isComplete { ready.append(waiting) } else { incomplete.append(waiting) }
    return phi
  }
}
