import Basics
import IR

/// What every cell holds at the point that construction has reached in each block.
struct Definitions {
  enum Definition {
    case value(Instruction.ID)
    /// Whatever the call left there.
    case clobbered(by: Instruction.ID)
  }

  private let cells: Int
  /// 0 if unknown, else the number of an instruction plus one, marked if it is a call.
  private var rows: [UInt32]
  private static let mark: UInt32 = 1 << 31

  init(blocks: Int, cells: Int) {
    self.cells = cells
    rows = Array(repeating: 0, count: blocks * cells)
  }

  subscript(block: Int, cell: Int) -> Definition? {
    get {
      let row = rows[block * cells + cell]
      guard row != 0 else { return nil }
      let id = Instruction.ID((row & ~Self.mark) - 1)
      return row & Self.mark == 0 ? .value(id) : .clobbered(by: id)
    }
    set {
      rows[block * cells + cell] =
        switch newValue {
        case .value(let id): id.number + 1
        case .clobbered(let call): (call.number + 1) | Self.mark
        case nil: 0
        }
    }
  }
}

/// Values of scratch storage, which lives within one machine instruction.
struct Scratch {
  private var entries: [(offset: UInt64, lanes: [Instruction.ID], size: Int)] = []

  mutating func removeAll() { entries.removeAll(keepingCapacity: true) }

  mutating func write(_ varnode: Varnode, _ lanes: [Instruction.ID]) {
    entries.append((varnode.offset, lanes, Int(varnode.size)))
  }

  /// The youngest value that covers a varnode: its lanes, and the first byte that is meant.
  func lookUp(_ varnode: Varnode) -> (lanes: [Instruction.ID], position: Int)? {
    for entry in entries.reversed() {
      guard varnode.offset >= entry.offset else { continue }
      let position = varnode.offset - entry.offset
      if position + UInt64(varnode.size) <= UInt64(entry.size) {
        return (entry.lanes, Int(position))
      }
    }
    return nil
  }
}
