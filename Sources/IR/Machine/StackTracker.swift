/// How far the stack pointer, and registers made from it, are from the stack pointer at entry.
///
/// Enough to tell a jump inside a function from a tail call, and where the frame lies in every
/// block; values that pass through memory are not followed.
package struct StackTracker: Sendable {
  /// What is known at one point.
  package typealias State = [Varnode: Int64]

  package let machine: Machine
  private let preserved: Set<Varnode>

  package init(machine: Machine) {
    self.machine = machine
    preserved = Set(machine.preservedRegisters)
  }

  package var initial: State { [machine.stackPointer: 0] }

  /// The state behind a block.
  ///
  /// `onLoad` is told how far from the stack pointer at entry each load from the frame reads.
  package func run(
    _ block: MachineBlock, from state: State, onLoad: (Int64) -> Void = { _ in }
  ) -> State {
    var state = state
    var scratch: State = [:]
    for transfer in block.transfers {
      if transfer.opcode == .call || transfer.opcode == .callIndirect {
        for register in state.keys where !preserved.contains(register) { state[register] = nil }
        state[machine.stackPointer]? += Int64(machine.returnAddressSize)
        continue
      }
      if transfer.opcode == .load,
        let place = state[transfer.input0] ?? scratch[transfer.input0]
      {
        onLoad(place)
      }
      guard let output = transfer.output else { continue }
      let value = value(of: transfer, state, scratch)
      if output.space == .temporary { scratch[output] = value } else { state[output] = value }
    }
    return state
  }

  private func value(of transfer: Transfer, _ state: State, _ scratch: State) -> Int64? {
    // The pieces of an address come in any order.
    let (base, other) =
      transfer.input0.space == .constant && transfer.opcode == .add
      ? (transfer.input1, transfer.input0) : (transfer.input0, transfer.input1)
    guard let place = state[base] ?? scratch[base] else { return nil }
    let isNumber = other.space == .constant
    let number = Opcode.signed(other.offset, machine.pointerSize)
    return switch transfer.opcode {
    case .copy: place
    case .add where isNumber: place &+ number
    case .subtract where isNumber: place &- number
    default: nil
    }
  }

  /// What two ways into a block agree on.
  package func merge(_ first: State, _ second: State) -> State {
    first.filter { second[$0.key] == $0.value }
  }
}
