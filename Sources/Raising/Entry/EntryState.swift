import Basics
package import IR
package import Interpretation

/// What registers, stack and memory hold where a function's own code starts.
///
/// A wrapper takes its arguments apart, and the exec function makes constants, before anything that
/// the source says happens. Both were run up to that point; this is what they left behind.
package struct EntryState: Sendable {
  package let snapshot: MachineSnapshot
  /// Objects that stand for parameters: the number of the parameter by the object's address.
  package let parameters: [UInt64: Int]
  /// The first C argument of a wrapper: the function object.
  package let receiver: UInt64?

  /// The exec function, behind the making of constants.
  package init(moduleBoundary snapshot: MachineSnapshot) {
    self.snapshot = snapshot
    parameters = [:]
    receiver = nil
  }

  /// A wrapper, behind the parsing of arguments.
  package init(_ wrapper: WrapperSnapshot) {
    snapshot = wrapper.machine
    parameters = Dictionary(
      wrapper.parameters.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    receiver = wrapper.receiver
  }
}

extension Function {
  /// Replaces what the function found at its start by what is known to have been there.
  ///
  /// - Returns: whether anything was replaced.
  @discardableResult
  package mutating func bind(_ state: EntryState, machine: Machine) -> Bool {
    let pointer = Cell(.register, offset: Int32(truncatingIfNeeded: machine.stackPointer.offset))
    var changed = false
    for id in instructionIDs {
      guard case .entry(let cell) = self[id].operation, cell != pointer,
        let word = state.word(cell)
      else { continue }
      let value = self.value(of: word, state, pointer)
      forward(id, to: size(id) == 8 ? value : extract(value, 0, width: size(id)))
      changed = true
    }
    return changed
  }

  private mutating func value(
    of word: UInt64, _ state: EntryState, _ pointer: Cell
  ) -> Instruction.ID {
    if let parameter = state.parameters[word] { return self.parameter(parameter) }
    let distance = Int64(bitPattern: word &- state.snapshot.stackPointer)
    guard abs(distance) < 1 << 20 else { return constant(word, width: 8) }
    let base = entry(pointer, width: 8)
    let offset = constant(UInt64(bitPattern: distance), width: 8)
    return distance == 0 ? base : binary(.add, base, offset, width: 8)
  }
}

extension EntryState {
  fileprivate func word(_ cell: Cell) -> UInt64? {
    switch cell.kind {
    case .register: snapshot.register(at: UInt64(cell.offset))
    case .stack: snapshot.stack(at: Int(cell.offset))
    }
  }
}
