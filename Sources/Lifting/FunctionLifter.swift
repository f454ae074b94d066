package import IR

/// Finds the machine code of one function by following control from its entry.
package struct FunctionLifter<Source: CodeSource>: ~Copyable {
  let source: Source
  package let machine: Machine
  package let decoder: Decoder
  /// Puts addresses together, on machines whose instructions are too short for them.
  private let tracker: ConstantTracker?
  private let outlined: OutlinedCode<Source>
  private let extraction: VectorExtraction?
  private let halves: ClearedHalves?
  /// The most blocks a function may have; more is no code that a compiler wrote.
  private let blockLimit = 200_000
  /// The longest stretch that is decoded at once, in bytes.
  private let window = 4096

  package init(decoder: consuming Decoder, machine: Machine, source: Source) {
    self.decoder = decoder
    self.machine = machine
    self.source = source
    outlined = OutlinedCode(source, machine)
    extraction = VectorExtraction(machine)
    halves = ClearedHalves(machine)
    tracker =
      machine.splitsAddresses
      ? ConstantTracker(machine: machine, tablePointer: source.tablePointer) {
        source.constant(at: $0, size: $1)
      } : nil
  }

  /// Decodes straight-line code, for whoever follows control by other means.
  package func block(at point: CodePoint) -> MachineBlock {
    guard let code = source.code(at: point.address & ~machine.modeBit, limit: window) else {
      return MachineBlock(start: point, transfers: [], exit: .invalid, end: point.address)
    }
    var block = decoder.block(at: point, in: code, limit: 1000)
    if let extraction {
      extraction.replace(in: &block, code)
      SignedLoads().narrow(&block, code)
    }
    if let halves {
      halves.complete(&block)
      NarrowAddresses().widen(&block)
    }
    return block
  }

  /// The function that starts at an address.
  ///
  /// - Parameters:
  ///   - address: the first instruction.
  ///   - tables: the targets of jumps through tables, by the address behind the jump.
  ///   - registers: what registers are known to hold at the address, by their offset.
  /// - Returns: the function, or nil if there is no code at the address or too much.
  package func function(
    at address: UInt64, tables: [UInt64: [UInt64]] = [:], registers: [UInt64: UInt64] = [:]
  ) -> MachineFunction? {
    var exploration = Exploration(
      entry: address, range: source.functionRange(containing: address),
      tracker: StackTracker(machine: machine))
    while let point = exploration.next() {
      guard exploration.blocks.count < blockLimit else { return nil }
      var block = block(at: point)
      outlined.expandCalls(in: &block) { self.block(at: $0) }
      replaceAddressThunks(&block)
      settle(&block, isEntry: point.address == address)
      leaveOutTransparentCalls(&block)
      endAfterLastCall(&block)
      if case .indirect(let selector) = block.exit, let targets = tables[block.end] {
        block.exit = .choose(selector, targets.map { CodePoint($0) })
      }
      exploration.add(block, source: source) { target in
        outlined.isStretch(target) { self.block(at: $0) }
      }
    }
    guard var function = exploration.finish() else { return nil }
    let range = source.functionRange(containing: address)
    tracker?.run(&function, registers) { range?.contains($0) ?? false }
    return function
  }

  /// Finds out where a block calls and goes as far as the block itself tells.
  private func settle(_ block: inout MachineBlock, isEntry: Bool) {
    guard let tracker else { return }
    var settled = block
    var state = isEntry ? tracker.initial(block.start.address) : [:]
    tracker.run(&settled, &state)
    if case .branch = block.exit { settled.exit = block.exit }
    if case .indirect(let target) = settled.exit, target.space == .constant {
      let range = source.functionRange(containing: block.start.address)
      settled.exit =
        range?.contains(target.offset) == true
        ? .jump(CodePoint(target.offset)) : .tailCall(target.offset)
    }
    block = settled
  }

  /// Makes calls of functions that give back the address they return to that address.
  ///
  /// ```
  /// call __x86.get_pc_thunk.bx     →     EBX = the address behind the call
  /// ```
  private func replaceAddressThunks(_ block: inout MachineBlock) {
    guard !machine.addressThunks.isEmpty else { return }
    var index = 1
    while index < block.transfers.count {
      let (store, call) = (block.transfers[index - 1], block.transfers[index])
      index += 1
      guard call.opcode == .call, store.opcode == .store, store.input1.space == .constant,
        let code = source.code(at: call.input0.offset, limit: 8),
        let thunk = machine.addressThunks.first(where: { code.starts(with: $0.code) })
      else { continue }
      let size = Varnode.constant(UInt64(machine.returnAddressSize), size: machine.pointerSize)
      block.transfers[index - 1] = Transfer(
        .copy, output: thunk.result, store.input1, at: call.address)
      block.transfers.insert(
        Transfer(
          .add, output: machine.stackPointer, machine.stackPointer, size, at: call.address),
        at: index)
    }
  }

  /// Makes calls that leave everything as it was take back their return address only.
  private func leaveOutTransparentCalls(_ block: inout MachineBlock) {
    guard !machine.transparentCode.isEmpty else { return }
    for index in block.transfers.indices where block.transfers[index].opcode == .call {
      let call = block.transfers[index]
      guard isTransparent(call.input0.offset) else { continue }
      let size = Varnode.constant(
        UInt64(machine.returnAddressSize), size: machine.pointerSize)
      block.transfers[index] = Transfer(
        .add, output: machine.stackPointer, machine.stackPointer, size, at: call.address)
    }
  }

  private func isTransparent(_ address: UInt64) -> Bool {
    guard let code = source.code(at: address, limit: 32) else { return false }
    return machine.transparentCode.contains { pattern in
      pattern.count <= code.count
        && zip(pattern, code).allSatisfy { wanted, byte in wanted.map { $0 == byte } ?? true }
    }
  }

  /// Cuts a block behind a call that never comes back.
  private func endAfterLastCall(_ block: inout MachineBlock) {
    let last = block.transfers.firstIndex { transfer in
      transfer.opcode == .call && source.doesNotReturn(transfer.input0.offset)
    }
    guard let last else { return }
    block.transfers.removeSubrange((last + 1)...)
    block.exit = .unreachable
  }
}

/// The blocks found so far, and what is still to be visited.
private struct Exploration {
  private(set) var blocks: [CodePoint: MachineBlock] = [:]
  private let entry: UInt64
  private let tracker: StackTracker
  /// Stretches of code that belong to the function; a compiler may split off cold parts.
  private var ranges: [Range<UInt64>]
  private var states: [CodePoint: StackTracker.State] = [:]
  private var pending: [CodePoint] = []

  init(entry: UInt64, range: Range<UInt64>?, tracker: StackTracker) {
    self.entry = entry
    self.tracker = tracker
    ranges = range.map { [$0] } ?? []
    visit(CodePoint(entry), tracker.initial)
  }

  mutating func next() -> CodePoint? { pending.popLast() }

  /// Adds a block; `isShared` is whether code at an address is no function but shared by several.
  mutating func add(
    _ block: MachineBlock, source: some CodeSource, isShared: (UInt64) -> Bool
  ) {
    var block = block
    let state = tracker.run(block, from: states[block.start] ?? [:])
    switch block.exit {
    case .jump(let target) where isTailCall(target, state, source, isShared):
      block.exit = .tailCall(target.address)
    case .branch(let condition, let taken, let other):
      block.exit = .branch(
        condition, arm(taken, state, source, isShared), arm(other, state, source, isShared))
    default: break
    }
    blocks[block.start] = block
    for target in block.exit.targets { visit(target, state) }
  }

  private mutating func visit(_ point: CodePoint, _ state: StackTracker.State) {
    guard states[point] == nil else { return }
    states[point] = state
    pending.append(point)
  }

  /// Where an arm of a branch goes; an arm that leaves the function gets a block of its own.
  private mutating func arm(
    _ target: CodePoint, _ state: StackTracker.State, _ source: some CodeSource,
    _ isShared: (UInt64) -> Bool
  ) -> CodePoint {
    guard isTailCall(target, state, source, isShared) else { return target }
    let stub = CodePoint(target.address, step: .max)
    states[stub] = state
    blocks[stub] = MachineBlock(
      start: stub, transfers: [], exit: .tailCall(target.address), end: target.address)
    return stub
  }

  /// A jump out of the function's own code leaves the function if its frame is gone.
  private mutating func isTailCall(
    _ target: CodePoint, _ state: StackTracker.State, _ source: some CodeSource,
    _ isShared: (UInt64) -> Bool
  ) -> Bool {
    if target.address == entry || ranges.isEmpty { return false }
    if ranges.contains(where: { $0.contains(target.address) }) { return false }
    if state[tracker.machine.stackPointer] == 0, !isShared(target.address) { return true }
    if let range = source.functionRange(containing: target.address) { ranges.append(range) }
    return false
  }

  /// Cuts blocks where others start inside them, and puts all in order.
  func finish() -> MachineFunction? {
    guard blocks[CodePoint(entry)]?.exit != .invalid else { return nil }
    let starts = blocks.keys.sorted()
    var result: [MachineBlock] = []
    result.reserveCapacity(starts.count)
    for (index, start) in starts.enumerated() {
      guard var block = blocks[start] else { continue }
      if index + 1 < starts.count { cut(&block, at: starts[index + 1]) }
      result.append(block)
    }
    guard let first = result.firstIndex(where: { $0.start == CodePoint(entry) }) else {
      return nil
    }
    result.insert(result.remove(at: first), at: 0)
    return MachineFunction(address: entry, blocks: result)
  }

  private func cut(_ block: inout MachineBlock, at next: CodePoint) {
    guard next.step == 0, next.address < block.end, next.address > block.start.address,
      let index = block.transfers.firstIndex(where: { $0.address >= next.address })
    else { return }
    guard block.transfers[index].address == next.address else { return }
    block.transfers.removeSubrange(index...)
    block.exit = .jump(next)
    block.end = next.address
  }
}
