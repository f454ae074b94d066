import Basics
import IR

// Translating the steps of a block.
extension SSAConstruction {
  /// Builds the instructions of one machine block and ends it.
  mutating func fill(_ index: Int, needed: [Bool]) {
    let block = source.blocks[index]
    let open = block.addressLeftOpen
    let resumed = block.start.step > 0 ? block.start.address : nil
    var address: UInt64?
    var position = 0
    memory.forget()
    stackPointerAtEntry[positions[index]] = top(in: index)
    while position < block.transfers.count {
      let transfer = block.transfers[position]
      if transfer.address != address {
        address = transfer.address
        scratch.removeAll()
        hasOpenScratch = transfer.address == open || transfer.address == resumed
      }
      if needed[position] {
        let next = position + 1 < block.transfers.count ? block.transfers[position + 1] : nil
        if translate(transfer, next, in: index) { position += 1 }
      }
      position += 1
    }
    leave(block, index)
  }

  /// Translates one step; returns whether it took the next one along.
  private mutating func translate(
    _ transfer: Transfer, _ next: Transfer?, in index: Int
  ) -> Bool {
    switch transfer.opcode {
    case .load: load(transfer, in: index)
    case .store:
      if isPushOfReturnAddress(transfer, next) { return false }
      store(transfer, in: index)
    case .call, .callIndirect: call(transfer, in: index)
    case .callOther, .branch, .branchIf, .branchIndirect, .return:
      opaque(transfer, in: index)
    default: return compute(transfer, next, in: index)
    }
    return false
  }

  private func isPushOfReturnAddress(_ transfer: Transfer, _ next: Transfer?) -> Bool {
    guard let next, next.address == transfer.address, machine.returnAddressSize > 0 else {
      return false
    }
    return next.opcode == .call || next.opcode == .callIndirect
  }

  private mutating func compute(
    _ transfer: Transfer, _ next: Transfer?, in index: Int
  ) -> Bool {
    guard let output = transfer.output else { return false }
    guard output.size <= 8, transfer.input0.size <= 8, transfer.input1.size <= 8 else {
      computeWide(transfer, output, in: index)
      return false
    }
    let value = compute(transfer, width: Int(output.size), in: index)
    // Writes of half a register are mostly followed by clearing the other half.
    if output.space == .register, let next, next.opcode == .zeroExtend, next.input0 == output,
      let whole = next.output, whole.offset == output.offset, whole.size <= 8
    {
      write(whole, function.unary(.zeroExtend, value, width: Int(whole.size)), in: index)
      return true
    }
    write(output, value, in: index)
    return false
  }

  private mutating func compute(
    _ transfer: Transfer, width: Int, in index: Int
  ) -> Instruction.ID {
    let left = read(transfer.input0, in: index)
    guard transfer.inputCount > 1 else {
      return function.unary(transfer.opcode, left, width: width)
    }
    let right = read(transfer.input1, in: index)
    return function.binary(transfer.opcode, left, right, width: width)
  }

  /// Vector operations that work on every lane by itself; others have an unknown result.
  private mutating func computeWide(_ transfer: Transfer, _ output: Varnode, in index: Int) {
    switch transfer.opcode {
    case .copy:
      writeLanes(output, readLanes(transfer.input0, in: index), in: index)
    case .and, .or, .exclusiveOr, .complement:
      let left = readLanes(transfer.input0, in: index)
      let right = transfer.inputCount > 1 ? readLanes(transfer.input1, in: index) : left
      var values: [Instruction.ID] = []
      for (a, b) in zip(left, right) {
        let width = function.size(a)
        values.append(
          transfer.opcode == .complement
            ? function.unary(.complement, a, width: width)
            : function.binary(transfer.opcode, a, b, width: width))
      }
      writeLanes(output, values, in: index)
    case .extract where transfer.input0.space != .constant:
      var part = transfer.input0
      part.offset &+= transfer.input1.offset
      part.size = output.size
      writeLanes(output, readLanes(part, in: index), in: index)
    case .zeroExtend where transfer.input0.size <= 8:
      var values = [read(transfer.input0, in: index)]
      values[0] = function.unary(.zeroExtend, values[0], width: min(8, Int(output.size)))
      for lane in output.lanes.dropFirst() {
        values.append(function.constant(0, width: Int(lane.size)))
      }
      writeLanes(output, values, in: index)
    case .concatenate where transfer.input1.size == 8:
      let values = [read(transfer.input1, in: index)] + readLanes(transfer.input0, in: index)
      writeLanes(output, values, in: index)
    default:
      let values = output.lanes.map { function.undefined(width: Int($0.size)) }
      writeLanes(output, values, in: index)
    }
  }

  private mutating func opaque(_ transfer: Transfer, in index: Int) {
    guard let output = transfer.output else { return }
    let values = output.lanes.map { function.undefined(width: Int($0.size)) }
    writeLanes(output, values, in: index)
  }

  private mutating func load(_ transfer: Transfer, in index: Int) {
    guard let output = transfer.output else { return }
    let address = read(transfer.input0, in: index)
    var values: [Instruction.ID] = []
    for (number, lane) in output.lanes.enumerated() {
      let place = offset(address, by: number * 8)
      values.append(load(place, width: Int(lane.size), at: transfer.address, in: index))
    }
    writeLanes(output, values, in: index)
  }

  private mutating func load(
    _ place: Instruction.ID, width: Int, at address: UInt64, in index: Int
  ) -> Instruction.ID {
    if let number = function.constant(place),
      let value = facts.constant(at: number, size: width)
    {
      return function.constant(value, width: width)
    }
    if let known = memory.value(at: place, width: width, in: function) { return known }
    let value = function.append(
      .machine(.load), [place], width: width, to: blocks[index], at: address)
    memory.learn(value, at: place)
    return value
  }

  private mutating func store(_ transfer: Transfer, in index: Int) {
    let address = read(transfer.input0, in: index)
    let values =
      transfer.input1.size <= 8
      ? [read(transfer.input1, in: index)] : readLanes(transfer.input1, in: index)
    for (number, value) in values.enumerated() {
      let place = offset(address, by: number * 8)
      function.append(
        .machine(.store), [place, value], width: 0, to: blocks[index], at: transfer.address)
      memory.store(value, at: place, in: function)
    }
  }

  private mutating func offset(_ address: Instruction.ID, by count: Int) -> Instruction.ID {
    let distance = function.constant(UInt64(count), width: machine.pointerSize)
    return function.binary(.add, address, distance, width: machine.pointerSize)
  }
}
