/// The machine code of one function: every block that its entry reaches.
package struct MachineFunction: Sendable {
  package let address: UInt64
  /// The blocks, the entry first, the others by address.
  package let blocks: [MachineBlock]
  private let positions: [CodePoint: Int]

  package init(address: UInt64, blocks: [MachineBlock]) {
    self.address = address
    self.blocks = blocks
    var positions: [CodePoint: Int] = [:]
    for (index, block) in blocks.enumerated() { positions[block.start] = index }
    self.positions = positions
  }

  /// The position of the block that starts at a code point.
  package func block(at point: CodePoint) -> Int? { positions[point] }
}

extension MachineBlock.Exit {
  /// The places inside the function to which control can go.
  package var targets: [CodePoint] {
    switch self {
    case .jump(let target): [target]
    case .branch(_, let taken, let other): [taken, other]
    case .choose(_, let targets): targets
    case .indirect, .return, .tailCall, .unreachable, .invalid: []
    }
  }
}
