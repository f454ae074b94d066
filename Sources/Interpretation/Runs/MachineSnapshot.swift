import IR

/// The state of the machine at one point of a run.
package struct MachineSnapshot: Sendable {
  /// The instruction that is next.
  package let address: UInt64
  /// What the registers hold, by their place in the register file, eight bytes each.
  package let registers: [UInt64]
  package let stackPointer: UInt64
  /// The stack from the stack pointer up, as far as the function's own frame and its arguments go.
  package let stack: [UInt8]

  /// A point of which nothing is known but where it is.
  package init(address: UInt64) {
    self.init(address: address, registers: [], stackPointer: 0, stack: [])
  }

  init(address: UInt64, registers: [UInt64], stackPointer: UInt64, stack: [UInt8]) {
    self.address = address
    self.registers = registers
    self.stackPointer = stackPointer
    self.stack = stack
  }

  /// What eight bytes of the register file hold.
  package func register(at offset: UInt64) -> UInt64? {
    let index = Int(clamping: offset / 8)
    return offset % 8 == 0 && index < registers.count ? registers[index] : nil
  }

  /// What eight bytes of the stack hold, at a distance from the stack pointer.
  package func stack(at distance: Int) -> UInt64? {
    guard distance >= 0, distance + 8 <= stack.count else { return nil }
    return stack[distance..<(distance + 8)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}

extension Interpreter {
  /// Takes the state down, with the stack up to a number of bytes above a frame's entry.
  package func snapshot(at address: UInt64, frame: Frame, above: Int = 128) -> MachineSnapshot {
    let top = read(machine.stackPointer)
    let size = Int(clamping: frame.stackPointer &- top) + above
    let stack = memory.bytes(at: top, count: min(max(size, 0), 1 << 16)) ?? []
    // General registers, flags aside, and the lower halves of vector registers.
    let registers = stride(from: 0, to: 0x1800, by: 8).map { load($0, 8) }
    return MachineSnapshot(
      address: address, registers: registers, stackPointer: top, stack: Array(stack))
  }
}
