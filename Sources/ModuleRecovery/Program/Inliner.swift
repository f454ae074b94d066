import BinaryFormats
import IR

/// Puts the code of small functions in the place of calls to them.
///
/// Compilers inline Cython's helpers as they like. A helper that is not known by name is inlined
/// here as well, so that rules see one form only.
struct Inliner {
  private let program: Program
  private let isKnown: (UInt64) -> Bool
  private let makesGenerator: (UInt64) -> Bool
  /// The largest callee, in steps.
  private let calleeLimit = 2500
  /// The most steps that inlining may add.
  private var budget = 150_000
  private var instances: UInt64 = 0
  private var blocks: [MachineBlock] = []
  private var callers: [UInt64] = []
  /// Where control goes on, for whoever asks what becomes of a result.
  private var places: [CodePoint: MachineBlock] = [:]

  /// `isKnown` is whether a callee is understood by its name, `makesGenerator` whether it stands for a
  /// generator expression, which belongs to where it is called although it writes tracebacks.
  init(
    _ program: Program, isKnown: @escaping (UInt64) -> Bool,
    makesGenerator: @escaping (UInt64) -> Bool
  ) {
    self.program = program
    self.isKnown = isKnown
    self.makesGenerator = makesGenerator
  }

  /// The function with all calls of unknown small functions replaced by their code.
  mutating func inline(_ function: MachineFunction) -> MachineFunction {
    callers = [function.address]
    for block in function.blocks { places[block.start] = block }
    for block in function.blocks { add(block, depth: 0) }
    return MachineFunction(address: function.address, blocks: blocks)
  }

  /// Adds a block, cut at the calls that are inlined.
  private mutating func add(_ block: MachineBlock, depth: Int) {
    var rest = block
    while let (index, callee) = firstInlinedCall(in: rest, depth: depth) {
      instances += 1
      let tag = instances << 48
      let call = rest.transfers[index]
      let continuation = CodePoint(call.address, step: UInt16(0x4000 + instances % 0x4000))
      var before = rest
      before.transfers.removeSubrange(index...)
      before.exit = .jump(CodePoint(callee.address | tag))
      blocks.append(before)
      splice(callee, tag, returningTo: continuation, depth: depth + 1)
      rest.transfers.removeSubrange(...index)
      rest.start = continuation
    }
    blocks.append(rest)
  }

  private mutating func firstInlinedCall(
    in block: MachineBlock, depth: Int
  ) -> (index: Int, callee: MachineFunction)? {
    guard depth < 6 else { return nil }
    for (index, transfer) in block.transfers.enumerated() where transfer.opcode == .call {
      guard let callee = inlined(transfer.input0.offset, at: index, in: block) else { continue }
      return (index, callee)
    }
    return nil
  }

  /// The code of a callee that is to be inlined.
  private mutating func inlined(
    _ target: UInt64, at index: Int, in block: MachineBlock
  ) -> MachineFunction? {
    guard program.importedFunction(at: target) == nil, program.image.isExecutable(target),
      !isKnown(target), !callers.contains(target), let callee = program.wholeFunction(at: target)
    else { return nil }
    let size = callee.blocks.reduce(0) { $0 + $1.transfers.count }
    guard size <= calleeLimit, size <= budget, !hasOpenTables(callee),
      !isProgramsOwn(callee) || ignoresResult(ofCallAt: index, in: block)
        || makesGenerator(target)
    else { return nil }
    budget -= size
    return callee
  }

  /// Whether a function seems to be one of the program's own: it writes tracebacks, but not whenever it
  /// is called.
  ///
  /// Compilers take what follows an error out of functions (LLVM's `HotColdSplitting.cpp`, which Apple's
  /// clang runs). Such a part does nothing else, or its callers do not ask what it gives back; whoever
  /// calls a function of the program must know whether it failed.
  private func isProgramsOwn(_ function: MachineFunction) -> Bool {
    var marks = false
    var returns = false
    var seen: Set<Int> = [0]
    var pending = [0]
    while let index = pending.popLast() {
      let block = function.blocks[index]
      if marksErrors(block) {
        marks = true
        continue
      }
      switch block.exit {
      case .return, .tailCall, .indirect: returns = true
      default: break
      }
      for next in block.exit.targets.compactMap(function.block(at:))
      where seen.insert(next).inserted {
        pending.append(next)
      }
    }
    return marks && returns
  }

  /// Whether nothing reads what a call gives back.
  private func ignoresResult(ofCallAt index: Int, in block: MachineBlock) -> Bool {
    let search = ResultSearch(program)
    var seen: Set<CodePoint> = []
    var pending: [(transfers: ArraySlice<Transfer>, exit: MachineBlock.Exit)] = [
      (block.transfers[(index + 1)...], block.exit)
    ]
    while let (transfers, exit) = pending.popLast() {
      switch search.end(of: transfers) {
      case .read: return false
      case .lost: continue
      case .kept: break
      }
      guard !exit.targets.isEmpty, seen.count < 64 else { return exit == .unreachable }
      for target in exit.targets where seen.insert(target).inserted {
        guard let next = places[target] else { return false }
        pending.append((next.transfers[...], next.exit))
      }
    }
    return true
  }

  private func marksErrors(_ block: MachineBlock) -> Bool {
    if case .tailCall(let target) = block.exit, program.isTraceback(target) { return true }
    return block.transfers.contains { transfer in
      transfer.opcode == .call && program.isTraceback(transfer.input0.offset)
    }
  }

  /// Whether a function jumps to places that nobody knows while its frame is still there, so that it
  /// cannot be a call in its last place.
  private func hasOpenTables(_ function: MachineFunction) -> Bool {
    guard function.hasIndirectJumps else { return false }
    let tracker = StackTracker(machine: program.machine)
    var states: [Int: StackTracker.State] = [0: tracker.initial]
    var pending = [0]
    while let index = pending.popLast(), let state = states[index] {
      let block = function.blocks[index]
      let end = tracker.run(block, from: state)
      if case .indirect = block.exit, end[program.machine.stackPointer] != 0 { return true }
      for next in block.exit.targets.compactMap(function.block(at:)) where states[next] == nil {
        states[next] = end
        pending.append(next)
      }
    }
    return false
  }

  private mutating func splice(
    _ callee: MachineFunction, _ tag: UInt64, returningTo continuation: CodePoint, depth: Int
  ) {
    callers.append(callee.address)
    let body = callee.blocks.map { tagged($0, tag, continuation) }
    for block in body { places[block.start] = block }
    for block in body { add(block, depth: depth) }
    callers.removeLast()
  }

  /// A block of a callee with addresses of its own, which returns by a jump.
  private func tagged(
    _ block: MachineBlock, _ tag: UInt64, _ continuation: CodePoint
  ) -> MachineBlock {
    var block = block
    func moved(_ point: CodePoint) -> CodePoint { CodePoint(point.address | tag, step: point.step) }
    block.start = moved(block.start)
    for index in block.transfers.indices { block.transfers[index].address |= tag }
    switch block.exit {
    case .jump(let target): block.exit = .jump(moved(target))
    case .branch(let condition, let taken, let other):
      block.exit = .branch(condition, moved(taken), moved(other))
    case .choose(let selector, let targets): block.exit = .choose(selector, targets.map(moved))
    case .return: block.exit = .jump(continuation)
    case .tailCall(let target):
      // The return address is on the stack already, as if the call had pushed it.
      block.transfers.append(
        Transfer(.call, .constant(target, size: 8), at: block.end | tag))
      block.exit = .jump(continuation)
    case .indirect(let target):
      block.transfers.append(Transfer(.callIndirect, target, at: block.end | tag))
      block.exit = .jump(continuation)
    case .unreachable, .invalid: break
    }
    return block
  }
}

/// Follows the result of a call through straight code.
private struct ResultSearch {
  /// What becomes of a result.
  enum End {
    case read, lost, kept
  }

  private let program: Program
  private let machine: Machine
  private let results: [Varnode]

  init(_ program: Program) {
    self.program = program
    machine = program.machine
    results = [machine.resultRegister, machine.floatResultRegister]
  }

  func end(of transfers: ArraySlice<Transfer>) -> End {
    for transfer in transfers {
      switch transfer.opcode {
      case .call:
        let signature = program.signature(of: transfer.input0.offset)
        return signature?.parameters.isEmpty == true || !isArgument ? .lost : .read
      case .callIndirect: return isArgument || overlaps(transfer.input0) ? .read : .lost
      // What is cleared is not read.
      case .exclusiveOr where transfer.input0 == transfer.input1 && transfer.output != nil:
        if let output = transfer.output, overlaps(output) { return .lost }
      default:
        if overlaps(transfer.input0) || transfer.inputCount > 1 && overlaps(transfer.input1) {
          return .read
        }
        if let output = transfer.output, overlaps(output) { return .lost }
      }
    }
    return .kept
  }

  /// Whether results come back where the first argument is handed over.
  private var isArgument: Bool { machine.argumentRegisters.first == machine.resultRegister }

  private func overlaps(_ varnode: Varnode) -> Bool {
    varnode.space == .register
      && results.contains { result in
        varnode.offset < result.offset + UInt64(result.size)
          && result.offset < varnode.offset + UInt64(varnode.size)
      }
  }
}
