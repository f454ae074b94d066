package import IR
import RuntimeModel

/// The state of the machine at one point of a run.
package struct MachineSnapshot: Sendable {
  /// The instruction that is next.
  package let address: UInt64
  /// What the registers hold, by their place in the register file.
  package let registers: [UInt64: UInt64]
  /// What the flags hold, by their place in the register file.
  private let flags: [UInt64: UInt64]
  /// How many bytes of the stack one place of it has.
  private let cellSize: Int
  package let stackPointer: UInt64
  /// The stack from the stack pointer up, as far as the function's own frame and its arguments go.
  package let stack: [UInt8]

  /// A point of which nothing is known but where it is.
  package init(address: UInt64) {
    self.init(
      address: address, registers: [:], flags: [:], stackPointer: 0, stack: [], cellSize: 8)
  }

  init(
    address: UInt64, registers: [UInt64: UInt64], flags: [UInt64: UInt64], stackPointer: UInt64,
    stack: [UInt8], cellSize: Int
  ) {
    self.address = address
    self.registers = registers
    self.flags = flags
    self.stackPointer = stackPointer
    self.stack = stack
    self.cellSize = cellSize
  }

  /// What a cell of the register file holds.
  package func register(at offset: UInt64) -> UInt64? { registers[offset] }

  /// What a cell of the stack holds, at a distance from the stack pointer.
  package func stack(at distance: Int) -> UInt64? {
    guard distance >= 0, distance + cellSize <= stack.count else { return nil }
    return stack[distance..<(distance + cellSize)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// What a cell holds; one of the stack lies at a distance from the stack pointer.
  package func word(_ cell: Cell) -> UInt64? {
    switch cell.kind {
    case .register: register(at: UInt64(cell.offset)) ?? flags[UInt64(cell.offset)]
    case .stack: stack(at: Int(cell.offset))
    }
  }

  /// Whether a cell is a flag, which says something about what was last reckoned.
  package func isFlag(_ cell: Cell) -> Bool {
    cell.kind == .register && flags[UInt64(cell.offset)] != nil
  }

  /// The cells that hold something else in another state of the same function, in order.
  func cells(thatDifferIn other: MachineSnapshot) -> [Cell] {
    let stored = stride(from: 0, to: stack.count, by: cellSize).map {
      Cell(.stack, offset: Int32($0))
    }
    let held = (Array(registers.keys) + flags.keys).sorted().map {
      Cell(.register, offset: Int32($0))
    }
    return (held + stored).filter { word($0) != other.word($0) }
  }
}

extension Interpreter {
  /// Takes the state down, with the stack up to a number of bytes above a frame's entry.
  ///
  /// Where objects are owned by threads, the register of the thread's own block stays what it is at the
  /// entry: code compares owners with what it loads through it.
  package func snapshot(at address: UInt64, frame: Frame, above: Int = 128) -> MachineSnapshot {
    let top = read(machine.stackPointer)
    let size = min(Int(clamping: frame.stackPointer &- top), 1 << 16) + above
    let stack = memory.bytes(at: top, count: min(size, 1 << 16)) ?? []
    var registers: [UInt64: UInt64] = [:]
    for register in machine.registerNames.keys
    where Int(register.size) >= machine.cellSize
      && !(world.layout.isFreeThreaded && register == machine.threadPointer)
    {
      for step in stride(from: 0, to: Int(register.size), by: machine.cellSize) {
        let offset = Int(register.offset) + step
        registers[UInt64(offset)] = load(offset, machine.cellSize)
      }
    }
    var flags: [UInt64: UInt64] = [:]
    for register in machine.registerNames.keys where register.size == 1 {
      let cell = UInt64(register.offset) & ~UInt64(machine.cellSize - 1)
      if registers[cell] == nil { flags[UInt64(register.offset)] = load(Int(register.offset), 1) }
    }
    return MachineSnapshot(
      address: address, registers: registers, flags: flags, stackPointer: top,
      stack: Array(stack), cellSize: machine.cellSize)
  }
}
