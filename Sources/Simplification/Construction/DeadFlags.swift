import IR

/// Finds the steps of machine code that only compute flags or scratch values nobody reads.
///
/// Most instructions set every condition flag, and few flags are ever read; dropping the rest
/// before SSA construction halves its work.
struct DeadFlags {
  /// One bit per flag, in the order of the machine.
  private typealias Mask = UInt16

  private let machine: Machine
  private let function: MachineFunction
  private var liveAtEnd: [Mask]

  init(_ function: MachineFunction, _ machine: Machine) {
    self.function = function
    self.machine = machine
    liveAtEnd = Array(repeating: 0, count: function.blocks.count)
    findLiveFlags()
  }

  /// For every step of a block, whether it is needed.
  func needed(in index: Int) -> [Bool] {
    let block = function.blocks[index]
    var isNeeded = [Bool](repeating: true, count: block.transfers.count)
    var live = liveAtEnd[index]
    var scratch: [UInt64] = []
    var address: UInt64?
    let open = block.addressLeftOpen
    read(block.exit.value, &live, &scratch)
    for position in block.transfers.indices.reversed() {
      let transfer = block.transfers[position]
      if transfer.address != address {
        if address != nil { scratch.removeAll(keepingCapacity: true) }
        address = transfer.address
      }
      if transfer.address != open, isDead(transfer, live, scratch) {
        isNeeded[position] = false
        continue
      }
      if let output = transfer.output { live &= ~bit(of: output) }
      read(transfer.input0, &live, &scratch)
      read(transfer.input1, &live, &scratch)
    }
    return isNeeded
  }

  private func isDead(_ transfer: Transfer, _ live: Mask, _ scratch: [UInt64]) -> Bool {
    guard let output = transfer.output, transfer.opcode.isPure || transfer.opcode == .load else {
      return false
    }
    switch output.space {
    case .constant: return false
    case .register:
      let flag = bit(of: output)
      return flag != 0 && live & flag == 0
    case .temporary:
      let range = output.offset..<(output.offset &+ UInt64(output.size))
      return !scratch.contains { range.contains($0) }
    }
  }

  private func read(_ varnode: Varnode?, _ live: inout Mask, _ scratch: inout [UInt64]) {
    guard let varnode else { return }
    switch varnode.space {
    case .constant: break
    case .register: live |= bit(of: varnode)
    case .temporary: scratch.append(varnode.offset)
    }
  }

  private func bit(of varnode: Varnode) -> Mask {
    guard varnode.space == .register, varnode.size == 1,
      let index = machine.flags.firstIndex(of: varnode)
    else { return 0 }
    return 1 << Mask(index)
  }

  /// Backward data flow of flags over blocks, to a fixed point.
  private mutating func findLiveFlags() {
    var used: [Mask] = []
    var defined: [Mask] = []
    for block in function.blocks {
      let (uses, definitions) = effects(of: block)
      used.append(uses)
      defined.append(definitions)
    }
    var changed = true
    while changed {
      changed = false
      for (index, block) in function.blocks.enumerated().reversed() {
        var live: Mask = 0
        for target in block.exit.targets {
          guard let successor = function.block(at: target) else { continue }
          live |= used[successor] | (liveAtEnd[successor] & ~defined[successor])
        }
        if live != liveAtEnd[index] {
          liveAtEnd[index] = live
          changed = true
        }
      }
    }
  }

  /// The flags that a block reads before it sets them, and those that it sets.
  private func effects(of block: MachineBlock) -> (used: Mask, defined: Mask) {
    var used: Mask = 0
    var defined: Mask = 0
    for transfer in block.transfers {
      used |= (bit(of: transfer.input0) | bit(of: transfer.input1)) & ~defined
      if transfer.opcode == .call || transfer.opcode == .callIndirect { defined = .max }
      if let output = transfer.output { defined |= bit(of: output) }
    }
    if let value = block.exit.value { used |= bit(of: value) & ~defined }
    return (used, defined)
  }
}

extension MachineBlock {
  /// The instruction whose steps go on in another block, if the last one branches inside itself.
  var addressLeftOpen: UInt64? {
    guard let last = transfers.last?.address else { return nil }
    return exit.targets.contains { $0.step > 0 && $0.step < .max && $0.address == last }
      ? last : nil
  }
}

extension MachineBlock.Exit {
  /// The varnode that decides where control goes.
  var value: Varnode? {
    switch self {
    case .branch(let condition, _, _): condition
    case .indirect(let target), .return(let target), .choose(let target, _): target
    case .jump, .tailCall, .unreachable, .invalid: nil
    }
  }
}
