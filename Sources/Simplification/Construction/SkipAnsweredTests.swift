import IR

extension MachineFunction {
  /// Leads control past tests of condition flags that the way to them has answered.
  ///
  /// ```
  /// A: if ZR: goto C else: goto B                 A: if ZR: goto D else: goto B
  /// B: r3 = 1; goto C                   →         B: r3 = 1; goto E
  /// C: if ZR: goto D else: goto E
  /// ```
  /// Each of several instructions with a condition of its own tests it anew, and so does what comes
  /// behind a comparison with a condition.
  func skippingAnsweredTests(_ machine: Machine) -> MachineFunction {
    guard let pass = SkipAnsweredTests(machine) else { return self }
    var blocks = blocks
    for round in 0..<UInt16(16) {
      let current = MachineFunction(address: address, blocks: blocks)
      guard pass.redirect(&blocks, in: current, round: round) else { break }
    }
    return MachineFunction(address: address, blocks: blocks).joiningStraightBlocks()
  }

  /// Makes one block of two of which each has the other as its only neighbour, as instructions with
  /// the same condition leave them.
  private func joiningStraightBlocks() -> MachineFunction {
    var sources = [Int](repeating: 0, count: blocks.count)
    var reached = [Bool](repeating: false, count: blocks.count)
    var pending = [0]
    reached[0] = true
    while let index = pending.popLast() {
      for next in blocks[index].exit.targets.compactMap(block(at:)) {
        sources[next] += 1
        if !reached[next] { pending.append(next) }
        reached[next] = true
      }
    }
    var joined = blocks
    var isJoined = [Bool](repeating: false, count: blocks.count)
    for index in blocks.indices where reached[index] && !isJoined[index] {
      while case .jump(let target) = joined[index].exit, let next = block(at: target),
        next != 0, next != index, sources[next] == 1, !isJoined[next]
      {
        joined[index].transfers += joined[next].transfers
        joined[index].exit = joined[next].exit
        joined[index].end = joined[next].end
        isJoined[next] = true
      }
    }
    let kept = joined.indices.filter { reached[$0] && !isJoined[$0] }.map { joined[$0] }
    return MachineFunction(address: address, blocks: kept)
  }
}

private struct SkipAnsweredTests {
  /// A set of combinations of the flags, one bit for each: those that may occur, or those for which a
  /// condition holds.
  private typealias Combinations = UInt64

  /// What is known at one point of a block.
  private struct State {
    /// The combinations that may occur.
    var possible: Combinations
    /// For which of them scratch storage holds 1.
    var scratch: [Varnode: Combinations] = [:]
  }

  private let machine: Machine
  private let flags: [Varnode]
  private let all: Combinations
  /// The most steps of a block that only tests.
  private let limit = 12

  init?(_ machine: Machine) {
    self.machine = machine
    flags = machine.conditionFlags
    guard !flags.isEmpty, flags.count <= 6 else { return nil }
    all = Combinations.max >> (64 - UInt64(1) << UInt64(flags.count))
  }

  /// Redirects all ways that are known to answer the test they lead to; returns whether there are any.
  func redirect(_ blocks: inout [MachineBlock], in function: MachineFunction, round: UInt16) -> Bool
  {
    let entries = combinationsAtEntries(function)
    let deadFlags = DeadFlags(function, machine)
    var copies = Copies(round: round)
    for index in blocks.indices where entries[index] != 0 {
      let (end, condition) = leave(function.blocks[index], from: entries[index])
      func redirected(_ target: CodePoint, _ possible: Combinations) -> CodePoint? {
        guard let (test, next) = answer(target, possible, function) else { return nil }
        let block = function.blocks[test]
        let isDead =
          next.step == 0
          && zip(block.transfers, deadFlags.needed(in: test)).allSatisfy { transfer, isNeeded in
            !isNeeded || transfer.output?.space == .temporary
          }
        return isDead ? next : copies.add(block, leadingTo: next)
      }
      switch function.blocks[index].exit {
      case .jump(let target):
        guard let next = redirected(target, end.possible) else { continue }
        blocks[index].exit = .jump(next)
      case .branch(let value, let taken, let other):
        let first = redirected(taken, end.possible & (condition ?? all))
        let second = redirected(other, end.possible & ~(condition ?? 0))
        guard first != nil || second != nil else { continue }
        blocks[index].exit = .branch(value, first ?? taken, second ?? other)
      default: continue
      }
      copies.changed = true
    }
    blocks += copies.blocks
    return copies.changed
  }

  /// Copies of blocks that compute more than their test, each for one way.
  private struct Copies {
    var changed = false
    private(set) var blocks: [MachineBlock] = []
    /// Where the copies start that nothing else starts at.
    private var nextStep: UInt16
    private let lastStep: UInt16

    init(round: UInt16) {
      nextStep = 0x4000 + round << 10
      lastStep = nextStep | 0x3FF
    }

    mutating func add(_ block: MachineBlock, leadingTo target: CodePoint) -> CodePoint? {
      guard nextStep < lastStep else { return nil }
      var copy = block
      copy.start.step = nextStep
      copy.exit = .jump(target)
      nextStep += 1
      blocks.append(copy)
      return copy.start
    }
  }

  /// The block at a point, if it only tests what is known already, and where control goes on from it.
  private func answer(
    _ point: CodePoint, _ possible: Combinations, _ function: MachineFunction
  ) -> (test: Int, next: CodePoint)? {
    guard possible != 0, let index = function.block(at: point) else { return nil }
    let block = function.blocks[index]
    guard case .branch(_, let taken, let other) = block.exit, taken != other, taken != point,
      other != point, block.transfers.count <= limit, block.transfers.allSatisfy(isOfTest),
      case let (end, holds?) = leave(block, from: possible)
    else { return nil }
    if end.possible & ~holds == 0 { return (index, taken) }
    return end.possible & holds == 0 ? (index, other) : nil
  }

  /// Whether a step does nothing but compute scratch values and flags.
  private func isOfTest(_ transfer: Transfer) -> Bool {
    guard transfer.opcode.isPure, let output = transfer.output else { return false }
    return output.space == .temporary || machine.flags.contains(output)
  }

  // MARK: Flow

  /// Which combinations may occur at the start of every block.
  private func combinationsAtEntries(_ function: MachineFunction) -> [Combinations] {
    var entries = [Combinations](repeating: 0, count: function.blocks.count)
    entries[0] = all
    var pending = [0]
    while let index = pending.popLast() {
      let block = function.blocks[index]
      let (end, condition) = leave(block, from: entries[index])
      for target in block.exit.targets {
        guard let successor = function.block(at: target) else { continue }
        var possible = end.possible
        if let condition, case .branch(_, let taken, let other) = block.exit, taken != other {
          possible &= target == taken ? condition : ~condition
        }
        guard entries[successor] | possible != entries[successor] else { continue }
        entries[successor] |= possible
        pending.append(successor)
      }
    }
    return entries
  }

  /// What is known at the end of a block, and for which combinations its branch is taken.
  private func leave(
    _ block: MachineBlock, from possible: Combinations
  ) -> (end: State, condition: Combinations?) {
    var state = State(possible: possible)
    var address: UInt64?
    for transfer in block.transfers {
      if transfer.address != address {
        address = transfer.address
        state.scratch.removeAll(keepingCapacity: true)
      }
      run(transfer, &state)
    }
    guard case .branch(let value, _, _) = block.exit else { return (state, nil) }
    return (state, combinations(value, state))
  }

  private func run(_ transfer: Transfer, _ state: inout State) {
    switch transfer.opcode {
    case .call, .callIndirect, .callOther: state = State(possible: all)
    default: break
    }
    guard let output = transfer.output else { return }
    let value = transfer.opcode.isPure && output.size == 1 ? evaluate(transfer, state) : nil
    if output.space == .temporary {
      state.scratch[output] = value
    } else if let flag = flags.firstIndex(of: output) {
      set(flag, value, &state)
    }
  }

  private func evaluate(_ transfer: Transfer, _ state: State) -> Combinations? {
    guard let first = combinations(transfer.input0, state) else { return nil }
    if transfer.inputCount < 2 {
      return transfer.opcode == .copy ? first : transfer.opcode == .booleanNot ? all & ~first : nil
    }
    guard let second = combinations(transfer.input1, state) else { return nil }
    return switch transfer.opcode {
    case .booleanAnd: first & second
    case .booleanOr: first | second
    case .booleanExclusiveOr, .notEqual: first ^ second
    case .equal: all & ~(first ^ second)
    default: nil
    }
  }

  /// For which combinations a varnode is 1.
  private func combinations(_ varnode: Varnode, _ state: State) -> Combinations? {
    guard varnode.size == 1 else { return nil }
    switch varnode.space {
    case .constant: return varnode.offset == 0 ? 0 : varnode.offset == 1 ? all : nil
    case .temporary: return state.scratch[varnode]
    case .register: return flags.firstIndex(of: varnode).map { holding($0) }
    }
  }

  /// The combinations in which a flag is set.
  private func holding(_ flag: Int) -> Combinations {
    (0..<(1 << flags.count)).reduce(0) { $1 >> flag & 1 == 1 ? $0 | 1 << $1 : $0 }
  }

  /// Sets a flag to a condition, or to what nobody knows.
  private func set(_ flag: Int, _ value: Combinations?, _ state: inout State) {
    let (mask, distance) = (holding(flag), 1 << flag)
    func raised(_ set: Combinations) -> Combinations { set & mask | (set & ~mask) << distance }
    func lowered(_ set: Combinations) -> Combinations { set & ~mask | (set & mask) >> distance }
    let possible = state.possible
    state.possible =
      value.map { raised(possible & $0) | lowered(possible & ~$0) }
      ?? raised(possible) | lowered(possible)
    // What was computed from the flag's last value cannot be told from the new one.
    state.scratch = state.scratch.filter { ($0.value & mask) >> distance == $0.value & ~mask }
  }
}
