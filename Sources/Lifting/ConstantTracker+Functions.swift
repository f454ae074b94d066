import IR

extension ConstantTracker {
  /// Follows addresses through a whole function.
  ///
  /// `registers` is what registers are known to hold at its start, by their offset, and `isInside`
  /// whether an address lies in it.
  func run(
    _ function: inout MachineFunction, _ registers: [UInt64: UInt64], isInside: (UInt64) -> Bool
  ) {
    // Without a fixed point nothing is sure.
    guard var states = states(in: function, registers) else { return }
    if splitLeavingJumps(&function, states, isInside),
      let renewed = self.states(in: function, registers)
    {
      states = renewed
    }
    var blocks = function.blocks
    for index in blocks.indices {
      let exit = blocks[index].exit
      var state = states[index] ?? [:]
      run(&blocks[index], &state)
      if case .branch = exit { blocks[index].exit = exit }
      if case .indirect(let target) = blocks[index].exit, target.space == .constant {
        let point = CodePoint(target.offset)
        blocks[index].exit =
          function.block(at: point) != nil
          ? .jump(point) : isInside(target.offset) ? exit : .tailCall(target.offset)
      }
    }
    function = MachineFunction(address: function.address, blocks: blocks)
  }

  /// What is known at the start of each block, or nil if that does not settle.
  private func states(
    in function: MachineFunction, _ registers: [UInt64: UInt64]
  ) -> [State?]? {
    var states = [State?](repeating: nil, count: function.blocks.count)
    states[0] = initial(function.address, registers)
    var isPending = [Bool](repeating: false, count: function.blocks.count)
    isPending[0] = true
    // In the order of addresses, most ways into a block are known before it is looked at.
    var rounds = 0
    while isPending.contains(true), rounds < 256 {
      rounds += 1
      for index in function.blocks.indices where isPending[index] {
        isPending[index] = false
        var block = function.blocks[index]
        var state = states[index] ?? [:]
        run(&block, &state)
        for target in function.blocks[index].exit.targets {
          guard let successor = function.block(at: target) else { continue }
          let merged = states[successor].map { merge($0, state) } ?? state
          guard merged != states[successor] else { continue }
          states[successor] = merged
          isPending[successor] = true
        }
      }
    }
    return isPending.contains(true) ? nil : states
  }

  /// Gives each way into a block that leaves through a pointer a block of its own, if the way tells
  /// where it leaves to.
  ///
  /// ```
  /// A: t9 = f; goto C                    A: t9 = f; goto C1
  /// B: t9 = g; goto C              →     B: t9 = g; goto C2
  /// C: restore; goto [t9]                C1: restore; return f(…)   C2: restore; return g(…)
  /// ```
  /// Compilers share the end of functions that call others in their place.
  ///
  /// - Returns: whether anything changed.
  private func splitLeavingJumps(
    _ function: inout MachineFunction, _ states: [State?], _ isInside: (UInt64) -> Bool
  ) -> Bool {
    var blocks = function.blocks
    var copies: [Int: [MachineBlock]] = [:]
    for (index, block) in function.blocks.enumerated() where index > 0 {
      guard case .indirect = block.exit, block.transfers.count <= 256 else { continue }
      let sources = blocks.indices.filter { blocks[$0].exit.targets.contains(block.start) }
      guard sources.count > 1, sources.count <= 32 else { continue }
      var made: [MachineBlock] = []
      var isWhole = true
      for source in sources {
        var (before, state) = (function.blocks[source], states[source] ?? [:])
        run(&before, &state)
        var copy = block
        run(&copy, &state)
        guard case .indirect(let target) = copy.exit, target.space == .constant,
          !isInside(target.offset)
        else {
          isWhole = false
          continue
        }
        copy = block
        copy.start.step = .max - 1 - UInt16(made.count)
        copy.exit = .tailCall(target.offset)
        made.append(copy)
        blocks[source].exit = blocks[source].exit.replacing(block.start, with: copy.start)
      }
      guard !made.isEmpty else { continue }
      copies[index] = (isWhole ? [] : [block]) + made
    }
    guard !copies.isEmpty else { return false }
    function = MachineFunction(
      address: function.address,
      blocks: blocks.enumerated().flatMap { index, block in copies[index] ?? [block] })
    return true
  }
}

extension MachineBlock.Exit {
  /// The same way out, with one place for another.
  fileprivate func replacing(_ old: CodePoint, with new: CodePoint) -> Self {
    func moved(_ point: CodePoint) -> CodePoint { point == old ? new : point }
    return switch self {
    case .jump(let target): .jump(moved(target))
    case .branch(let condition, let taken, let other):
      .branch(condition, moved(taken), moved(other))
    case .choose(let selector, let targets): .choose(selector, targets.map(moved))
    case .indirect, .return, .tailCall, .unreachable, .invalid: self
    }
  }
}
