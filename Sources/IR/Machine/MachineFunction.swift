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

  /// Whether control goes somewhere that no instruction names.
  package var hasIndirectJumps: Bool {
    blocks.contains { if case .indirect = $0.exit { true } else { false } }
  }

  /// Whether control can get from one instruction to another one, or back to it if they are one.
  package func reaches(_ target: UInt64, from address: UInt64) -> Bool {
    func holds(_ block: MachineBlock, _ address: UInt64) -> Bool {
      address >= block.start.address && address < block.end
    }
    guard let start = blocks.firstIndex(where: { holds($0, address) }) else { return false }
    if address < target, holds(blocks[start], target) { return true }
    var seen: Set<Int> = []
    var pending = [start]
    while let index = pending.popLast() {
      for next in blocks[index].exit.targets.compactMap(block(at:)) where seen.insert(next).inserted
      {
        if holds(blocks[next], target) { return true }
        pending.append(next)
      }
    }
    return false
  }
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
