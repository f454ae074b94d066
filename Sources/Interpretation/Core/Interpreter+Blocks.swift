package import IR

/// Running code block by block, for whoever decides what runs next: tests of single instructions.
extension Interpreter {
  /// How control leaves a block that was run.
  package enum Departure: Equatable, Sendable {
    /// Goes on at a place, which may lie inside the same instruction.
    case next(CodePoint)
    /// Calls the function at an address; the rest of the block was not run.
    case call(UInt64)
    /// Returns to an address.
    case returned(UInt64)
    /// A step has no meaning here: its opcode, and what was touched in vain, if it was memory.
    case failed(Opcode, String)
    /// Goes where nobody knows.
    case lost(MachineBlock.Exit)
  }

  /// Runs the steps of a block.
  package func run(_ block: MachineBlock) -> Departure {
    guard let prepared = PreparedBlock(block) else { return .lost(.invalid) }
    clearPending()
    for step in prepared.steps {
      if step.opcode == .call || step.opcode == .callIndirect {
        return .call(value(step.input0, step.constant0))
      }
      guard perform(step) else {
        guard case .fault(let reason, _)? = clearPending() else { return .failed(step.opcode, "") }
        return .failed(step.opcode, reason)
      }
    }
    let target = value(prepared.exitPlace, prepared.exitConstant)
    switch prepared.exit {
    case .jump(let next): return .next(next)
    case .branch(_, let taken, let other): return .next(target & 1 == 1 ? taken : other)
    case .indirect: return .next(CodePoint(target))
    case .return: return .returned(target)
    case .tailCall, .choose, .unreachable, .invalid: return .lost(prepared.exit)
    }
  }

  /// What a register of any width holds, its lowest byte first.
  package func bytes(of register: Varnode) -> ArraySlice<UInt8> {
    let start = Int(register.offset)
    return storage[start..<(start + Int(register.size))]
  }

  /// Sets a register of any width.
  package func setBytes(of register: Varnode, to bytes: some Collection<UInt8>) {
    let start = Int(register.offset)
    storage.replaceSubrange(
      start..<(start + Int(register.size)), with: bytes.prefix(Int(register.size)))
  }
}
