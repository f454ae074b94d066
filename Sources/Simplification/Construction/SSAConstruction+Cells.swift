import Basics
import IR

// Reading and writing varnodes.
extension SSAConstruction {
  /// The value of a varnode of up to eight bytes.
  mutating func read(_ varnode: Varnode, in block: Int) -> Instruction.ID {
    let size = Int(varnode.size)
    switch varnode.space {
    case .constant: return function.constant(varnode.offset, width: size)
    case .temporary where !isOpen(varnode):
      guard let (lanes, position) = scratch.lookUp(varnode) else {
        return function.undefined(width: size)
      }
      return function.bytes(of: lanes, position, width: size)
    default:
      guard let part = registers.part(of: varnode.asRegister) else {
        let lanes = readLanes(varnode, in: block)
        return function.bytes(of: lanes, 0, width: size)
      }
      let whole = reaching.read(part.cell, in: positions[block], &function)
      return part.size == registers.width(of: part.cell)
        ? whole : function.extract(whole, part.position, width: part.size)
    }
  }

  /// The value of a varnode of any size, in lanes of eight bytes, lowest first.
  mutating func readLanes(_ varnode: Varnode, in block: Int) -> [Instruction.ID] {
    varnode.lanes.map { lane in
      guard lane.space != .register || registers.part(of: lane) != nil else {
        return function.undefined(width: Int(lane.size))
      }
      return read(lane, in: block)
    }
  }

  mutating func write(_ varnode: Varnode, _ value: Instruction.ID, in block: Int) {
    if varnode.space == .temporary, !isOpen(varnode) { return scratch.write(varnode, [value]) }
    guard let part = registers.part(of: varnode.asRegister) else { return }
    let width = registers.width(of: part.cell)
    guard part.size < width else {
      reaching.define(part.cell, value, in: positions[block])
      return
    }
    let old = reaching.read(part.cell, in: positions[block], &function)
    let whole = function.replaceBytes(of: old, part.position, with: value)
    reaching.define(part.cell, whole, in: positions[block])
  }

  mutating func writeLanes(_ varnode: Varnode, _ values: [Instruction.ID], in block: Int) {
    if varnode.space == .temporary, !isOpen(varnode) { return scratch.write(varnode, values) }
    for (lane, value) in zip(varnode.lanes, values) { write(lane, value, in: block) }
  }

  /// Scratch storage of an instruction that branches inside itself lives over blocks, as registers.
  private func isOpen(_ varnode: Varnode) -> Bool { hasOpenScratch }
}

extension Varnode {
  /// The varnode in pieces of eight bytes, the last one shorter if need be.
  var lanes: [Varnode] {
    stride(from: 0, to: Int(size), by: 8).map { position in
      Varnode(space, offset: offset &+ UInt64(position), size: min(8, Int(size) - position))
    }
  }
}
