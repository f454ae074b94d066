import BinaryFormats
import IR

/// Puts the code of small functions in the place of calls to them.
///
/// Compilers inline Cython's helpers as they like. A helper that is not known by name is inlined
/// here as well, so that rules see one form only.
struct Inliner {
  private let program: Program
  private let isKnown: (UInt64) -> Bool
  /// The largest callee, in steps.
  private let calleeLimit = 2500
  /// The most steps that inlining may add.
  private var budget = 150_000
  private var instances: UInt64 = 0
  private var blocks: [MachineBlock] = []
  private var callers: [UInt64] = []

  /// `isKnown` is whether a callee is understood by its name.
  init(_ program: Program, isKnown: @escaping (UInt64) -> Bool) {
    self.program = program
    self.isKnown = isKnown
  }

  /// The function with all calls of unknown small functions replaced by their code.
  mutating func inline(_ function: MachineFunction) -> MachineFunction {
    callers = [function.address]
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
      guard let callee = inlined(transfer.input0.offset) else { continue }
      return (index, callee)
    }
    return nil
  }

  /// The code of a callee that is to be inlined.
  private mutating func inlined(_ target: UInt64) -> MachineFunction? {
    guard program.importedFunction(at: target) == nil, program.image.isExecutable(target),
      !isKnown(target), !callers.contains(target), let callee = program.wholeFunction(at: target)
    else { return nil }
    let size = callee.blocks.reduce(0) { $0 + $1.transfers.count }
    guard size <= calleeLimit, size <= budget, !marksErrors(callee), !hasOpenTables(callee) else {
      return nil
    }
    budget -= size
    return callee
  }

  /// A function that writes tracebacks is one of the program's own.
  private func marksErrors(_ function: MachineFunction) -> Bool {
    function.blocks.contains { block in
      block.transfers.contains { transfer in
        transfer.opcode == .call && program.isTraceback(transfer.input0.offset)
      }
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
    for block in callee.blocks {
      add(tagged(block, tag, continuation), depth: depth)
    }
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
