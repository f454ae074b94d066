import IR

/// The register cells of one function, numbered densely.
///
/// A cell is as many bytes of the register file as the machine says, or one flag. Only cells that the function names get
/// a number.
struct RegisterFile {
  private(set) var cells: [Cell] = []
  private(set) var isPreserved: [Bool] = []
  /// The cell that starts at an offset of the register space.
  private var numbers = [Int16](repeating: -1, count: 0x8000)
  private var farNumbers: [Int32: Int] = [:]
  private let flags: Set<Int32>
  private let cellSize: Int32
  private let preserved: Set<Int32>

  init(_ machine: Machine) {
    cellSize = Int32(clamping: machine.cellSize)
    flags = Set(machine.flags.map { Int32(truncatingIfNeeded: $0.offset) })
    preserved = Set(machine.preservedRegisters.map { Int32(truncatingIfNeeded: $0.offset) })
  }

  /// One part of a register access: a cell, and which of its bytes are meant.
  struct Part {
    let cell: Int
    let position: Int
    let size: Int
  }

  func width(of cell: Int) -> Int { flags.contains(cells[cell].offset) ? 1 : Int(cellSize) }

  /// The cells that a register covers, lowest bytes first.
  mutating func parts(of varnode: Varnode) -> [Part] {
    var parts: [Part] = []
    var offset = Int32(truncatingIfNeeded: varnode.offset)
    let end = offset + Int32(varnode.size)
    while offset < end {
      let base = flags.contains(offset) ? offset : offset & ~(cellSize - 1)
      let limit = flags.contains(offset) ? offset + 1 : base + cellSize
      let size = min(end, limit) - offset
      parts.append(
        Part(cell: number(base), position: Int(offset - base), size: Int(size)))
      offset += size
    }
    return parts
  }

  /// The single part of a register access that does not cross cells.
  mutating func part(of varnode: Varnode) -> Part? {
    let offset = Int32(truncatingIfNeeded: varnode.offset)
    if flags.contains(offset) {
      return varnode.size == 1 ? Part(cell: number(offset), position: 0, size: 1) : nil
    }
    let base = offset & ~(cellSize - 1)
    guard offset + Int32(varnode.size) <= base + cellSize else { return nil }
    return Part(cell: number(base), position: Int(offset - base), size: Int(varnode.size))
  }

  /// Numbers every cell that a function or the calling convention names.
  mutating func number(cellsOf function: MachineFunction, _ machine: Machine) {
    for block in function.blocks {
      let isOpen = block.addressLeftOpen != nil || block.start.step > 0
      for transfer in block.transfers { number(cellsOf: transfer, withScratch: isOpen) }
    }
    for register in machine.argumentRegisters + [machine.resultRegister, machine.stackPointer] {
      _ = parts(of: register)
    }
    for register in machine.floatArgumentRegisters + [machine.floatResultRegister] {
      _ = parts(of: register)
    }
  }

  /// Scratch storage that outlives its block counts as registers.
  private mutating func number(cellsOf transfer: Transfer, withScratch: Bool) {
    for varnode in [transfer.input0, transfer.input1, transfer.output ?? transfer.input0] {
      switch varnode.space {
      case .register: _ = parts(of: varnode)
      case .temporary where withScratch: _ = parts(of: varnode.asRegister)
      default: break
      }
    }
  }

  private mutating func number(_ offset: Int32) -> Int {
    let isNear = offset >= 0 && offset < numbers.count
    if isNear, numbers[Int(offset)] >= 0 { return Int(numbers[Int(offset)]) }
    if !isNear, let known = farNumbers[offset] { return known }
    let number = cells.count
    if isNear, let short = Int16(exactly: number) {
      numbers[Int(offset)] = short
    } else {
      farNumbers[offset] = number
    }
    cells.append(Cell(.register, offset: offset))
    isPreserved.append(preserved.contains(offset))
    return number
  }
}

extension Varnode {
  /// A place among the registers for scratch storage that lives over blocks.
  var asRegister: Varnode {
    guard space == .temporary else { return self }
    return Varnode(.register, offset: 0x100_0000 + (offset & 0xFF_FFFF), size: Int(size))
  }
}
