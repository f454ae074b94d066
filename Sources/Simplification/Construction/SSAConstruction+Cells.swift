import Basics
import IR

// Reading and writing varnodes.
extension SSAConstruction {
  /// The value of a varnode of up to eight bytes.
  mutating func read(_ varnode: Varnode, in block: Int) -> Instruction.ID {
    let size = Int(varnode.size)
    switch varnode.space {
    case .constant: return function.constant(varnode.offset, width: size)
    case .register where machine.clearFlags.contains(varnode):
      return function.constant(0, width: size)
    case .temporary where !isOpen(varnode):
      guard let (lanes, position) = scratch.lookUp(varnode) else {
        return function.undefined(width: size)
      }
      return function.bytes(of: lanes, position, width: size)
    default:
      guard let part = registers.part(of: varnode.asRegister), part.cell < numberedCells else {
        return readParts(of: varnode.asRegister, in: block)
      }
      let whole = reaching.read(part.cell, in: positions[block], &function)
      return part.size == registers.width(of: part.cell)
        ? whole : function.extract(whole, part.position, width: part.size)
    }
  }

  /// The value of a register that several cells make up.
  private mutating func readParts(of varnode: Varnode, in block: Int) -> Instruction.ID {
    var value: Instruction.ID?
    for part in registers.parts(of: varnode) {
      guard part.cell < numberedCells else { return function.undefined(width: Int(varnode.size)) }
      let whole = reaching.read(part.cell, in: positions[block], &function)
      let piece =
        part.size == registers.width(of: part.cell)
        ? whole : function.extract(whole, part.position, width: part.size)
      value =
        value.map {
          function.binary(.concatenate, piece, $0, width: function.size($0) + part.size)
        } ?? piece
    }
    return value ?? function.undefined(width: Int(varnode.size))
  }

  /// The value of a varnode of any size, in lanes of eight bytes, lowest first.
  mutating func readLanes(_ varnode: Varnode, in block: Int) -> [Instruction.ID] {
    varnode.lanes.map { read($0, in: block) }
  }

  mutating func write(_ varnode: Varnode, _ value: Instruction.ID, in block: Int) {
    if varnode.space == .temporary, !isOpen(varnode) { return scratch.write(varnode, [value]) }
    guard let part = registers.part(of: varnode.asRegister), part.cell < numberedCells else {
      return writeParts(of: varnode.asRegister, value, in: block)
    }
    let width = registers.width(of: part.cell)
    guard part.size < width else {
      reaching.define(part.cell, value, in: positions[block])
      return
    }
    // Scratch storage has no rest that is worth keeping.
    let old =
      varnode.space == .temporary
      ? function.constant(0, width: width)
      : reaching.read(part.cell, in: positions[block], &function)
    let whole = function.replaceBytes(of: old, part.position, with: value)
    reaching.define(part.cell, whole, in: positions[block])
  }

  /// Sets a register that several cells make up.
  private mutating func writeParts(
    of varnode: Varnode, _ value: Instruction.ID, in block: Int
  ) {
    var position = 0
    for part in registers.parts(of: varnode) where part.cell < numberedCells {
      guard position + part.size <= function.size(value) else { return }
      let piece = function.extract(value, position, width: part.size)
      position += part.size
      guard part.size < registers.width(of: part.cell) else {
        reaching.define(part.cell, piece, in: positions[block])
        continue
      }
      let old = reaching.read(part.cell, in: positions[block], &function)
      let whole = function.replaceBytes(of: old, part.position, with: piece)
      reaching.define(part.cell, whole, in: positions[block])
    }
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
