package import IR

/// Finds out how many parameters a function has, from the argument registers that it reads.
///
/// Compilers drop parameters of local functions that are always the same, so the prototype in the
/// source does not say. A register that only a call through a pointer may read counts as read.
package struct ParameterLiveness {
  /// One bit per integer argument register.
  private typealias Mask = UInt16

  private let machine: Machine
  private let function: MachineFunction
  private let signature: (UInt64) -> CallSignature?
  /// Where types keep the function that deallocates an object, if code calls it in place.
  private let deallocator: UInt64?
  private let calls: Calls

  /// What calls that the function makes are taken to read of its own arguments.
  package enum Calls {
    /// All that they may.
    case all
    /// All that they may, but of functions with any number of arguments those alone that these name.
    case named
    /// What they may, but no register behind the last one that was set for a call through a pointer.
    ///
    /// That is likely, but not certain: it may as well hand an argument of its caller on.
    case set
    /// What functions that are called by their address read for certain, and nothing through pointers.
    case direct
  }

  package init(
    _ function: MachineFunction, _ machine: Machine, deallocator: UInt64? = nil,
    calls: Calls = .all, signature: @escaping (UInt64) -> CallSignature?
  ) {
    self.function = function
    self.machine = machine
    self.deallocator = deallocator
    self.calls = calls
    self.signature = signature
  }

  /// How the function takes its arguments, in registers and on the stack.
  ///
  /// A function that reads an argument from the stack has one in every register.
  package func callSignature() -> CallSignature {
    let onStack = stackParameterCount()
    let inRegisters = registerParameterCount()
    let isLocal = !machine.localArgumentRegisters.isEmpty && inRegisters > 0
    let all = isLocal || machine.localArgumentRegisters.isEmpty ? registers.count : 0
    var signature = CallSignature.integers(onStack > 0 ? all + onStack : inRegisters)
    signature.isLocal = isLocal
    return signature
  }

  /// Where the function may find arguments: as everybody passes them, or as its compiler does.
  private var registers: [Varnode] {
    machine.localArgumentRegisters.isEmpty
      ? machine.argumentRegisters : machine.localArgumentRegisters
  }

  /// Whether the function may read the integer argument at a position, from 0, that a register holds.
  package func mayRead(_ argument: Int) -> Bool {
    argument >= registers.count || liveAtEntry & 1 << argument != 0
  }

  /// How many integer arguments the function takes in registers.
  private func registerParameterCount() -> Int { 16 - liveAtEntry.leadingZeroBitCount }

  /// The argument registers that the function may read before it sets them.
  private var liveAtEntry: Mask {
    let effects = function.blocks.map { self.effects(of: $0) }
    var live = [Mask](repeating: 0, count: function.blocks.count)
    var changed = true
    while changed {
      changed = false
      for (index, block) in function.blocks.enumerated().reversed() {
        var mask = effects[index].used
        for target in block.exit.targets {
          guard let successor = function.block(at: target) else { continue }
          mask |= live[successor] & ~effects[index].defined
        }
        if mask != live[index] {
          live[index] = mask
          changed = true
        }
      }
    }
    return live.first ?? 0
  }

  /// How many arguments up to the last one that the function reads lie on the stack.
  private func stackParameterCount() -> Int {
    let tracker = StackTracker(machine: machine)
    let start = Int64(machine.returnAddressSize + machine.stackArgumentOffset)
    // More is no list of parameters that somebody wrote.
    let limit: Int64 = 24
    var count: Int64 = 0
    for (block, state) in zip(function.blocks, stackStates(tracker)) {
      _ = tracker.run(block, from: state ?? [:]) { place in
        let number = (place &- start) / Int64(machine.pointerSize)
        if place >= start, number < limit { count = max(count, number + 1) }
      }
    }
    return Int(count)
  }

  /// What points into the frame at the start of each block, whichever way control comes there.
  private func stackStates(_ tracker: StackTracker) -> [StackTracker.State?] {
    var states = [StackTracker.State?](repeating: nil, count: function.blocks.count)
    states[0] = tracker.initial
    var pending = [0]
    while let index = pending.popLast() {
      let block = function.blocks[index]
      let state = tracker.run(block, from: states[index] ?? [:])
      for target in block.exit.targets {
        guard let successor = function.block(at: target) else { continue }
        // States only lose what ways disagree on, so that this comes to an end.
        let merged = states[successor].map { tracker.merge($0, state) } ?? state
        guard merged != states[successor] else { continue }
        states[successor] = merged
        pending.append(successor)
      }
    }
    return states
  }

  /// The argument registers that a block reads before it sets them, and those that it sets.
  private func effects(of block: MachineBlock) -> (used: Mask, defined: Mask) {
    var used: Mask = 0
    var defined: Mask = 0
    for (index, transfer) in block.transfers.enumerated() {
      if !readsInNameOnly(transfer), !isPush(index, block) {
        used |= (bit(of: transfer.input0) | bit(of: transfer.input1)) & ~defined
      }
      switch transfer.opcode {
      case .call:
        used |= arguments(of: transfer.input0.offset) & ~defined
        defined = .max
      case .callIndirect:
        used |= arguments(behind: transfer.input0, index, block, defined) & ~defined
        defined = .max
      default: break
      }
      if let output = transfer.output { defined |= bit(of: output) }
    }
    switch block.exit {
    case .tailCall(let target): used |= arguments(of: target) & ~defined
    case .indirect(let target):
      let arguments = arguments(behind: target, block.transfers.count, block, defined)
      used |= (arguments | bit(of: target)) & ~defined
    default: break
    }
    return (used, defined)
  }

  /// `xor eax, eax` reads its operand only in name.
  private func readsInNameOnly(_ transfer: Transfer) -> Bool {
    transfer.opcode == .exclusiveOr && transfer.input0 == transfer.input1
  }

  /// Whether a register is only put on top of the stack, be it to make room there.
  private func isPush(_ index: Int, _ block: MachineBlock) -> Bool {
    guard machine.pushesMakeRoom else { return false }
    let transfer = block.transfers[index]
    guard transfer.opcode == .store || transfer.output?.space == .temporary else { return false }
    return block.transfers.contains {
      $0.address == transfer.address && $0.output == machine.stackPointer
        && ($0.opcode == .subtract || $0.opcode == .copy)
    }
  }

  private func arguments(of target: UInt64) -> Mask {
    let signature = signature(target)
    let isLocal = signature?.isLocal ?? false
    guard isLocal || machine.localArgumentRegisters.isEmpty else { return 0 }
    var count = signature?.parameters.count { $0 != .float } ?? 4
    if calls == .named || calls == .direct, let named = signature?.namedCount {
      count = min(count, named)
    }
    return (1 << Mask(min(count, registers.count))) - 1
  }

  /// What a call through a pointer may read: one argument, if it deallocates an object.
  private func arguments(
    behind target: Varnode, _ index: Int, _ block: MachineBlock, _ defined: Mask
  ) -> Mask {
    guard machine.localArgumentRegisters.isEmpty, calls != .direct else { return 0 }
    if let deallocator, block.loads(target, before: index, from: deallocator) { return 1 }
    guard calls == .set else { return 0b1111 }
    let set = defined | setBefore(block)
    let count = 16 - set.leadingZeroBitCount
    return count == 0 ? 0b1111 : (1 << Mask(min(count, 4))) - 1
  }

  /// The argument registers that are set on the only way to a block, some blocks back.
  private func setBefore(_ block: MachineBlock) -> Mask {
    var result: Mask = 0
    var start = block.start
    for _ in 0..<4 {
      let previous = function.blocks.filter { $0.exit.targets.contains(start) }
      guard previous.count == 1, let only = previous.first else { break }
      for transfer in only.transfers {
        if transfer.opcode == .call || transfer.opcode == .callIndirect { result = 0 }
        if let output = transfer.output { result |= bit(of: output) }
      }
      start = only.start
    }
    return result
  }

  private func bit(of varnode: Varnode) -> Mask {
    guard varnode.space == .register else { return 0 }
    for (index, register) in registers.enumerated()
    where varnode.offset >= register.offset
      && varnode.offset < register.offset + UInt64(register.size)
    {
      return 1 << Mask(index)
    }
    return 0
  }
}
