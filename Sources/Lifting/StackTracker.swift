import IR

/// How far the stack pointer, and registers made from it, are from the stack pointer at entry.
///
/// Enough to tell a jump inside a function from a tail call, and where the frame lies in every
/// block; values that pass through memory are not followed.
struct StackTracker {
  /// What is known at one point.
  typealias State = [Varnode: Int64]

  let machine: Machine

  var initial: State { [machine.stackPointer: 0] }

  /// The state behind a block.
  func run(_ block: MachineBlock, from state: State) -> State {
    var state = state
    var scratch: State = [:]
    for transfer in block.transfers {
      if transfer.opcode == .call || transfer.opcode == .callIndirect {
        state[machine.stackPointer]? += Int64(machine.returnAddressSize)
        continue
      }
      guard let output = transfer.output else { continue }
      let value = value(of: transfer, state, scratch)
      if output.space == .temporary { scratch[output] = value } else { state[output] = value }
    }
    return state
  }

  private func value(of transfer: Transfer, _ state: State, _ scratch: State) -> Int64? {
    guard let base = state[transfer.input0] ?? scratch[transfer.input0] else { return nil }
    let isNumber = transfer.input1.space == .constant
    let number = Int64(truncatingIfNeeded: transfer.input1.offset)
    return switch transfer.opcode {
    case .copy: base
    case .add where isNumber: base &+ number
    case .subtract where isNumber: base &- number
    default: nil
    }
  }

  /// What two ways into a block agree on.
  func merge(_ first: State, _ second: State) -> State {
    first.filter { second[$0.key] == $0.value }
  }
}
