import IR

/// Follows addresses that code puts together from pieces.
///
/// ```
/// adrp x0, page         x0 = copy page              x0 = copy page
/// add x0, x0, #low  →   x0 = add x0, low        →   x0 = copy page + low
/// ```
/// Processors with instructions of a fixed width need several of them for one address, or read it from
/// a table that a register points at. Whoever looks for addresses in code finds them whole.
struct ConstantTracker {
  /// What is known of registers and of scratch storage, by place.
  typealias State = [Place: Known]

  enum Place: Hashable {
    case storage(Varnode.Space, UInt64)
    /// So far from the stack pointer at the entry.
    case frame(UInt64)

    var isTemporary: Bool {
      if case .storage(.temporary, _) = self { true } else { false }
    }
  }

  struct Known: Equatable {
    enum Kind {
      case number
      /// A number that was kept in the frame for a while. Something else may change what is there, but
      /// for an address that is called.
      case spilled
      /// A distance from the stack pointer at the entry.
      case frame
    }

    let varnode: Varnode
    let value: UInt64
    var kind = Kind.number
  }

  private let machine: Machine
  /// What stands in memory that nothing writes after loading.
  private let constant: (UInt64, Int) -> UInt64?
  /// What the pointer to the table of addresses is everywhere, on machines that have one.
  private let tablePointer: UInt64?
  private let preserved: Set<UInt64>

  init(
    machine: Machine, tablePointer: UInt64?, constant: @escaping (UInt64, Int) -> UInt64?
  ) {
    self.machine = machine
    self.constant = constant
    self.tablePointer = tablePointer
    preserved = Set(machine.preservedRegisters.map(\.offset))
  }

  /// What is known at the entry of a function.
  func initial(_ address: UInt64, _ registers: [UInt64: UInt64] = [:]) -> State {
    var state: State = [:]
    write(machine.stackPointer, 0, &state, as: .frame)
    for (offset, value) in registers {
      write(Varnode(.register, offset: offset, size: machine.cellSize), value, &state)
    }
    if registers.isEmpty, let register = machine.functionPointer {
      write(register, address, &state)
    }
    return state
  }

  /// Follows a block, and puts addresses that are known into it.
  func run(_ block: inout MachineBlock, _ state: inout State) {
    var address: UInt64?
    for index in block.transfers.indices {
      if block.transfers[index].address != address {
        address = block.transfers[index].address
        state = state.filter { !$0.key.isTemporary }
      }
      fold(&block.transfers[index], &state)
    }
    switch block.exit {
    case .indirect(let target):
      if let value = callee(target, state) { block.exit = .indirect(.constant(value, size: 8)) }
    case .branch(let condition, let taken, let other):
      if let value = read(condition, state) { block.exit = .jump(value & 1 == 1 ? taken : other) }
    default: break
    }
    state = state.filter { !$0.key.isTemporary }
  }

  /// What two ways into a block agree on.
  func merge(_ first: State, _ second: State) -> State {
    first.filter { second[$0.key] == $0.value }
  }

  private func fold(_ transfer: inout Transfer, _ state: inout State) {
    switch transfer.opcode {
    case .call, .callIndirect:
      if transfer.opcode == .callIndirect, let target = callee(transfer.input0, state) {
        transfer.opcode = .call
        transfer.input0 = .constant(target, size: machine.pointerSize)
      }
      leave(&state)
      return
    case .store:
      keep(transfer, &state)
      _ = compute(&transfer, &state)
    case .branch, .branchIf, .branchIndirect, .return, .callOther: break
    default: if compute(&transfer, &state) { return }
    }
    if let output = transfer.output { forget(output, &state) }
  }

  /// What is left of a state behind a call.
  private func leave(_ state: inout State) {
    state = state.filter { place, _ in
      switch place {
      case .storage(let space, let offset): space == .register && preserved.contains(offset)
      case .frame: true
      }
    }
    if machine.returnAddressSize > 0, let top = known(machine.stackPointer, state),
      top.kind == .frame
    {
      write(
        machine.stackPointer, top.value &+ UInt64(machine.returnAddressSize), &state, as: .frame)
    }
  }

  /// Follows a number into the frame.
  private func keep(_ transfer: Transfer, _ state: inout State) {
    guard let place = known(transfer.input0, state), place.kind == .frame else { return }
    let value = callee(transfer.input1, state)
    let isAddress =
      value.map { $0 >= 0x400 } == true && Int(transfer.input1.size) == machine.pointerSize
    state[.frame(place.value)] =
      isAddress
      ? Known(
        varnode: .constant(0, size: machine.pointerSize), value: value ?? 0, kind: .spilled) : nil
  }

  /// Follows what is no number by itself: places in the frame, and what was kept there.
  private func move(_ transfer: inout Transfer, _ state: inout State) -> Bool {
    guard let output = transfer.output, Int(output.size) == machine.pointerSize else {
      return false
    }
    let (first, second) = (known(transfer.input0, state), known(transfer.input1, state))
    switch transfer.opcode {
    case .load:
      guard let first, first.kind == .frame, let kept = state[.frame(first.value)] else {
        return false
      }
      guard kept.value == tablePointer else {
        write(output, kept.value, &state, as: .spilled)
        break
      }
      // i386 keeps the place of the table where it needs the register for something else.
      transfer.opcode = .copy
      transfer.inputCount = 1
      transfer.input0 = .constant(kept.value, size: machine.pointerSize)
      write(output, kept.value, &state)
    case .copy:
      guard let first, first.kind != .number else { return false }
      write(output, first.value, &state, as: first.kind)
    case .add, .subtract, .or, .and:
      guard let first, let second else { return false }
      // A place moves by a number. Of an address, only what marks the instruction set goes.
      let (base, number) = first.kind == .number ? (second, first) : (first, second)
      let isDistance = transfer.opcode == .add || transfer.opcode == .subtract
      guard base.kind != .number, number.kind == .number,
        transfer.opcode != .subtract || first == base, base.kind == .spilled || isDistance,
        let value = transfer.opcode.evaluate(
          first.value, second.value, size: Int(output.size), otherSize: Int(output.size),
          width: Int(output.size))
      else { return false }
      // Whoever follows the frame without knowing numbers sees how far it moves.
      if first.kind == .number { replace(&transfer.input0, first.value) }
      if second.kind == .number { replace(&transfer.input1, second.value) }
      write(output, value, &state, as: base.kind)
    default: return false
    }
    return true
  }

  /// Computes a step; returns whether its result is known.
  private func compute(_ transfer: inout Transfer, _ state: inout State) -> Bool {
    if let pointer = tablePointer, let register = machine.tablePointer, transfer.output == register
    {
      // It is saved over calls, but never changed.
      transfer.opcode = .copy
      transfer.inputCount = 1
      transfer.input0 = .constant(pointer, size: machine.pointerSize)
    }
    if move(&transfer, &state) { return true }
    let first = read(transfer.input0, state)
    let second = transfer.inputCount > 1 ? read(transfer.input1, state) : 0
    if let first { replace(&transfer.input0, first) }
    if let second, transfer.inputCount > 1 { replace(&transfer.input1, second) }
    guard let output = transfer.output, output.size <= 8 else { return false }
    guard let first, let second else { return false }
    if transfer.opcode == .load {
      guard let value = constant(first, Int(output.size)) else { return false }
      write(output, value, &state)
      return true
    }
    guard transfer.opcode.isPure, transfer.input0.size <= 8, transfer.input1.size <= 8,
      let value = transfer.opcode.evaluate(
        first, second, size: Int(transfer.input0.size), otherSize: Int(transfer.input1.size),
        width: Int(output.size))
    else { return false }
    transfer.opcode = .copy
    transfer.inputCount = 1
    transfer.input0 = .constant(value, size: Int(output.size))
    write(output, value, &state)
    return true
  }

  private func replace(_ varnode: inout Varnode, _ value: UInt64) {
    if varnode.space != .constant { varnode = .constant(value, size: Int(varnode.size)) }
  }

  // MARK: Places

  private func place(_ varnode: Varnode) -> Place {
    let mask = UInt64(machine.cellSize - 1)
    let isWhole = varnode.space == .register && varnode.size > 1
    return .storage(varnode.space, isWhole ? varnode.offset & ~mask : varnode.offset)
  }

  /// The number that a place holds for certain.
  private func read(_ varnode: Varnode, _ state: State) -> UInt64? {
    known(varnode, state).flatMap { $0.kind == .number ? $0.value : nil }
  }

  /// The address that is called if it stands in a place, whether it was kept in the frame or not.
  private func callee(_ varnode: Varnode, _ state: State) -> UInt64? {
    known(varnode, state).flatMap { $0.kind == .frame ? nil : $0.value }
  }

  private func known(_ varnode: Varnode, _ state: State) -> Known? {
    if varnode.space == .constant { return Known(varnode: varnode, value: varnode.offset) }
    if let tablePointer, varnode == machine.tablePointer {
      return Known(varnode: varnode, value: tablePointer)
    }
    guard varnode.size <= 8, let known = state[place(varnode)],
      known.varnode.offset == varnode.offset, known.varnode.size >= varnode.size
    else { return nil }
    let value = known.value & Opcode.mask(Int(varnode.size))
    return Known(varnode: varnode, value: value, kind: known.kind)
  }

  private func write(
    _ varnode: Varnode, _ value: UInt64, _ state: inout State, as kind: Known.Kind = .number
  ) {
    forget(varnode, &state)
    state[place(varnode)] = Known(varnode: varnode, value: value, kind: kind)
  }

  private func forget(_ varnode: Varnode, _ state: inout State) {
    state[place(varnode)] = nil
    guard varnode.size > 1 else { return }
    for step in stride(from: 0, to: UInt64(varnode.size), by: machine.cellSize) {
      let part = Varnode(varnode.space, offset: varnode.offset &+ step, size: machine.cellSize)
      state[place(part)] = nil
    }
  }
}
