import Basics
import IR

// Reading and writing cells over block borders.
extension SSAConstruction {
  /// What a cell holds now, at the end of what is built of a block.
  mutating func read(_ cell: Int, atEndOf block: Int) -> Instruction.ID {
    let value = lookUp(cell, block)
    completePendingPhis()
    return function.resolve(value)
  }

  /// Walks up to the definition that reaches the end of a block, making phis where ways meet.
  private mutating func lookUp(_ cell: Int, _ block: Int) -> Instruction.ID {
    var passed: [Int] = []
    var block = block
    let value: Instruction.ID
    while true {
      if let known = definition(of: cell, in: block) {
        value = known
        break
      }
      if let origin = origin(of: cell, in: block) {
        value = origin
        passed.append(block)
        break
      }
      passed.append(block)
      block = predecessors[block][0]
    }
    for block in passed { definitions[block, cell] = .value(value) }
    return value
  }

  private mutating func definition(of cell: Int, in block: Int) -> Instruction.ID? {
    switch definitions[block, cell] {
    case .value(let id): return function.resolve(id)
    case .clobbered(let call):
      let after = function.after(
        registers.cells[cell], call: call, width: registers.width(of: cell))
      definitions[block, cell] = .value(after)
      return after
    case nil: return nil
    }
  }

  /// The value with which a cell enters a block, unless a single predecessor decides it.
  private mutating func origin(of cell: Int, in block: Int) -> Instruction.ID? {
    let sources = predecessors[block]
    let width = registers.width(of: cell)
    if block == 0, sources.isEmpty { return function.entry(registers.cells[cell], width: width) }
    let isComplete = sources.allSatisfy { isFilled[$0] }
    if isComplete, block != 0, sources.count == 1 { return nil }
    // Compilers balance the stack pointer in loops; `checkStackPointer` proves it afterwards.
    if cell == stackPointer, !isComplete {
      guard let filled = sources.first(where: { isFilled[$0] }) else {
        return function.entry(registers.cells[cell], width: width)
      }
      return lookUp(cell, filled)
    }
    let phi = function.appendPhi(width: width, to: blocks[block])
    let pending = PendingPhi(block: block, cell: cell, phi: phi)
    if isComplete { pendingPhis.append(pending) } else { incompletePhis.append(pending) }
    return phi
  }

  /// Gives operands to the phis that wait for them.
  mutating func completePendingPhis() {
    while let pending = pendingPhis.popLast() {
      definitions[pending.block, pending.cell] =
        definitions[pending.block, pending.cell] ?? .value(pending.phi)
      var operands: [Instruction.ID] = []
      if pending.block == 0 {
        let cell = registers.cells[pending.cell]
        operands.append(function.entry(cell, width: registers.width(of: pending.cell)))
      }
      for predecessor in predecessors[pending.block] {
        operands.append(lookUp(pending.cell, predecessor))
      }
      function.setOperands(of: pending.phi, operands)
      function.forwardIfTrivial(pending.phi)
    }
  }
}

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
      let whole = read(part.cell, atEndOf: block)
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
      definitions[block, part.cell] = .value(value)
      return
    }
    let old = read(part.cell, atEndOf: block)
    definitions[block, part.cell] = .value(
      function.replaceBytes(of: old, part.position, with: value))
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
