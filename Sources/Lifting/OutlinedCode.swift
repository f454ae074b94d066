import IR

/// Finds stretches of code that a compiler took out of functions to share them, and puts them back.
///
/// ```
/// bl OUTLINED_1                                        x8 = load x19
/// str x8, [x19]                              →         x8, ZR = x8 - 1
/// OUTLINED_1: ldr x8, [x19]; subs x8, x8, #1; ret      store x19, x8
/// ```
/// They are called as functions are but keep to no convention: values come and go in any register and
/// in flags, and the caller's frame is theirs. They are straight code that returns or ends in a call
/// (`MachineOutliner.cpp` of LLVM, which works at `-Oz` and, for AArch64 on macOS, at `-Os`).
final class OutlinedCode<Source: CodeSource> {
  private let source: Source
  private let machine: Machine
  private var known: [UInt64: MachineBlock?] = [:]
  /// The most steps of such a stretch.
  private let limit = 400

  init(_ source: Source, _ machine: Machine) {
    self.source = source
    self.machine = machine
  }

  /// Puts the code of shared stretches in the place of calls to them.
  func expandCalls(in block: inout MachineBlock, decode: (CodePoint) -> MachineBlock) {
    for _ in 0..<8 {
      var transfers: [Transfer] = []
      var isExpanded = false
      for transfer in block.transfers {
        guard transfer.opcode == .call, transfer.input0.space == .constant,
          let stretch = stretch(at: transfer.input0.offset, decode)
        else {
          transfers.append(transfer)
          continue
        }
        isExpanded = true
        // They are a part of the instruction that calls them, for whoever cuts blocks by addresses.
        transfers += stretch.transfers.map { step in
          var step = step
          step.address = transfer.address
          return step
        }
        guard case .jump(let target) = stretch.exit else { continue }
        // The return address is where it was left for the stretch itself.
        transfers.append(
          Transfer(
            .call, .constant(target.address, size: machine.pointerSize), at: transfer.address))
      }
      guard isExpanded else { return }
      block.transfers = transfers
    }
  }

  /// Whether a shared stretch of code starts at an address.
  func isStretch(_ address: UInt64, decode: (CodePoint) -> MachineBlock) -> Bool {
    stretch(at: address, decode) != nil
  }

  private func stretch(at address: UInt64, _ decode: (CodePoint) -> MachineBlock) -> MachineBlock? {
    if let known = known[address] { return known }
    let found = find(address, decode)
    known[address] = .some(found)
    return found
  }

  private func find(_ address: UInt64, _ decode: (CodePoint) -> MachineBlock) -> MachineBlock? {
    let start = address & ~machine.modeBit
    guard let range = source.functionRange(containing: start), range.lowerBound == start else {
      return nil
    }
    let block = decode(CodePoint(address))
    guard block.transfers.count <= limit, block.end & ~machine.modeBit <= range.upperBound else {
      return nil
    }
    switch block.exit {
    case .return: break
    case .jump(let target):
      guard target.step == 0, !range.contains(target.address & ~machine.modeBit) else { return nil }
    default: return nil
    }
    var convention = ConventionCheck(machine)
    return convention.isBroken(by: block) ? block : nil
  }
}

/// Whether straight code keeps to the convention by which functions are called.
private struct ConventionCheck {
  private enum Value: Hashable {
    /// What the place held at the entry.
    case entry(UInt64)
    /// So far from the stack pointer at the entry.
    case frame(Int64)
    case other
  }

  private let machine: Machine
  private let cells: Set<UInt64>
  private let ownCells: Set<UInt64>
  private let flags: Set<UInt64>
  private var registers: [UInt64: Value] = [:]
  private var scratch: [UInt64: Value] = [:]
  private var slots: [Int64: Value] = [:]
  private var isBroken = false
  private var loadsFrame = false
  private var readsLastArgument = false
  private var hasEffect = false
  private var hasOutput = false

  init(_ machine: Machine) {
    self.machine = machine
    func offsets(_ registers: [Varnode]) -> Set<UInt64> {
      Set(registers.map { Self.cell($0, machine) })
    }
    flags = Set(machine.flags.map(\.offset))
    cells = offsets(Array(machine.registerNames.keys))
    // What a function may find something in at its entry.
    let pointers = [
      machine.linkRegister, machine.threadPointer, machine.functionPointer, machine.tablePointer,
      machine.stubPointer,
    ]
    ownCells = offsets(
      machine.argumentRegisters + machine.floatArgumentRegisters + machine.localArgumentRegisters
        + [machine.stackPointer] + pointers.compactMap { $0 } + Array(machine.clearFlags))
    registers[Self.cell(machine.stackPointer, machine)] = .frame(0)
  }

  private static func cell(_ varnode: Varnode, _ machine: Machine) -> UInt64 {
    machine.flags.contains { $0.offset == varnode.offset }
      ? varnode.offset : varnode.offset & ~UInt64(machine.cellSize - 1)
  }

  mutating func isBroken(by block: MachineBlock) -> Bool {
    for transfer in block.transfers where !isBroken { run(transfer) }
    if isBroken { return true }
    if case .jump = block.exit { hasEffect = true }
    for register in machine.preservedRegisters where register != machine.stackPointer {
      let cell = Self.cell(register, machine)
      if registers[cell, default: .entry(cell)] != .entry(cell) { return true }
    }
    if case .jump = block.exit, addsArguments(block) { return true }
    // A jump to another function leaves the return address to that.
    var pushed = Int64(machine.returnAddressSize)
    if case .jump = block.exit { pushed = 0 }
    if registers[Self.cell(machine.stackPointer, machine)] != .frame(pushed) { return true }
    return loadsFrame && !readsLastArgument || hasOutput && !hasEffect
  }

  /// Whether code only puts numbers where arguments go before it jumps on: `__Pyx_Raise(type, 0, 0, 0)`.
  private func addsArguments(_ block: MachineBlock) -> Bool {
    let arguments = Set(machine.argumentRegisters.map { Self.cell($0, machine) })
    let written = block.transfers.compactMap { transfer -> Bool? in
      guard let output = transfer.output, output.space == .register,
        cells.contains(Self.cell(output, machine))
      else { return nil }
      let isFlag = machine.flags.contains { $0.offset == output.offset }
      let isNumber =
        transfer.opcode == .copy && transfer.input0.space == .constant
        || transfer.opcode == .exclusiveOr && transfer.input0 == transfer.input1
        || transfer.opcode == .zeroExtend
      return isFlag || isNumber && arguments.contains(Self.cell(output, machine))
    }
    return !written.isEmpty && written.allSatisfy { $0 }
      && !block.transfers.contains { !$0.opcode.isPure }
  }

  private mutating func run(_ transfer: Transfer) {
    switch transfer.opcode {
    case .call, .callIndirect:
      hasEffect = true
      if transfer.opcode == .callIndirect { use(transfer.input0) }
      let kept = Set(machine.preservedRegisters.map { Self.cell($0, machine) })
      for cell in cells where !kept.contains(cell) { registers[cell] = .other }
      let stack = Self.cell(machine.stackPointer, machine)
      if case .frame(let place)? = registers[stack] {
        registers[stack] = .frame(place &+ Int64(machine.returnAddressSize))
      }
    case .store: store(transfer)
    case .copy:
      guard let output = transfer.output else { return }
      if Int(output.size) >= machine.cellSize {
        write(output, read(transfer.input0))
      } else {
        use(transfer.input0)
        write(output, .other)
      }
    default: compute(transfer)
    }
  }

  private mutating func compute(_ transfer: Transfer) {
    guard let output = transfer.output else {
      // The address of a return is read.
      return
    }
    var value = Value.other
    let (first, second) = (transfer.input0, transfer.input1)
    switch transfer.opcode {
    case .load:
      if case .frame(let place) = read(first) {
        value = slots[place] ?? .other
        // The return address is nobody's argument.
        let isOutside = place >= Int64(machine.returnAddressSize)
        if isOutside, !machine.argumentRegisters.isEmpty { loadsFrame = true }
      } else {
        use(first)
      }
    case .add, .subtract:
      value = sum(transfer)
    case .exclusiveOr where first == second: break
    default:
      use(first)
      if transfer.inputCount > 1 { use(second) }
    }
    write(output, value)
  }

  private mutating func sum(_ transfer: Transfer) -> Value {
    let (first, second) = (transfer.input0, transfer.input1)
    for (base, number) in [(first, second), (second, first)] where number.space == .constant {
      guard case .frame(let place) = read(base) else { continue }
      let distance = Opcode.signed(number.offset, machine.pointerSize)
      if transfer.opcode == .add { return .frame(place &+ distance) }
      if number == second { return .frame(place &- distance) }
    }
    use(first)
    use(second)
    return .other
  }

  private mutating func store(_ transfer: Transfer) {
    hasEffect = true
    guard case .frame(let place) = read(transfer.input0) else {
      use(transfer.input0)
      use(transfer.input1)
      return
    }
    let value = read(transfer.input1)
    guard place < 0 else {
      // A function's own arguments are its to change, but not the rest of its caller's frame.
      if place >= Int64(machine.returnAddressSize + machine.stackArgumentOffset) {
        isBroken = true
      }
      return
    }
    slots[place] = Int(transfer.input1.size) == machine.pointerSize ? value : .other
  }

  /// What a place holds.
  private mutating func read(_ varnode: Varnode) -> Value {
    switch varnode.space {
    case .constant: return .other
    case .temporary: return scratch[varnode.offset] ?? .other
    case .register:
      let cell = Self.cell(varnode, machine)
      if machine.argumentRegisters.last.map({ Self.cell($0, machine) }) == cell {
        readsLastArgument = true
      }
      return registers[cell] ?? .entry(cell)
    }
  }

  /// Notes that something is made of what a place holds.
  private mutating func use(_ varnode: Varnode) {
    if case .entry(let cell) = read(varnode), cells.contains(cell), !ownCells.contains(cell) {
      isBroken = true
    }
  }

  private mutating func write(_ varnode: Varnode, _ value: Value) {
    switch varnode.space {
    case .constant: break
    case .temporary: scratch[varnode.offset] = value
    case .register:
      for step in stride(from: 0, to: UInt64(max(varnode.size, 1)), by: machine.cellSize) {
        let part = Varnode(.register, offset: varnode.offset &+ step, size: 1)
        let cell = Self.cell(part, machine)
        registers[cell] = step == 0 ? value : .other
        noteOutput(cell)
      }
    }
  }

  private mutating func noteOutput(_ cell: UInt64) {
    let results = [machine.resultRegister, machine.floatResultRegister]
    if results.contains(where: { Self.cell($0, machine) == cell }) { hasEffect = true }
    guard cells.contains(cell), cell != Self.cell(machine.stackPointer, machine),
      machine.linkRegister.map({ Self.cell($0, machine) }) != cell
    else { return }
    hasOutput = true
  }
}
