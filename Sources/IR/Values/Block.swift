package import Basics

/// A basic block: steps in order, then one transfer of control.
package struct Block: Sendable {
  package typealias ID = Basics.ID<Block>

  /// The steps that stand here, phis first.
  ///
  /// Pure steps are in no list.
  package internal(set) var instructions: [Instruction.ID] = []
  package internal(set) var terminator: Terminator = .unreachable
  /// Where control comes from.
  ///
  /// A branch with both arms here is listed twice.
  package internal(set) var predecessors: [Block.ID] = []
  /// Where the block starts in the machine code.
  package var address: UInt64

  init(address: UInt64) { self.address = address }
}

/// How control leaves a block.
package enum Terminator: Hashable, BitwiseCopyable, Sendable {
  case jump(Block.ID)
  /// Goes to the first block if the value is not zero, else to the second.
  case branch(Instruction.ID, Block.ID, Block.ID)
  /// Goes where a value says; the table of targets belongs to the function.
  case choose(Instruction.ID, SwitchID)
  case `return`(Instruction.ID)
  case unreachable

  package typealias SwitchID = Basics.ID<Switch>

  /// The value that decides where to go, or that is returned.
  package var value: Instruction.ID? {
    switch self {
    case .branch(let value, _, _), .choose(let value, _), .return(let value): value
    case .jump, .unreachable: nil
    }
  }
}

/// The arms of a jump through a table.
package struct Switch: Sendable {
  /// The target of each value of the selector, from 0 on.
  package var targets: [Block.ID]

  package init(targets: [Block.ID]) { self.targets = targets }
}
