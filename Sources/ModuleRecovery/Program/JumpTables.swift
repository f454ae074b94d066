import Basics
import BinaryFormats
import IR
import Simplification

/// Finds where jumps through tables go.
///
/// Compilers turn `switch` into `jmp [table + 8 * i]` or, in position-independent code, into
/// `jmp base + sign_extend(table[4 * i])`, behind a comparison of `i` with the table's size. Where
/// instructions have a fixed width, entries may be narrower and count instructions.
struct JumpTables {
  private let program: Program
  /// The most targets of one table.
  private let limit: UInt64 = 1024

  init(_ program: Program) { self.program = program }

  /// The targets of every jump that can be followed, by the address behind the jump.
  func resolve(_ constructed: inout ConstructedFunction) -> [UInt64: [UInt64]] {
    while constructed.function.canonicalizePureInstructions() {}
    var result: [UInt64: [UInt64]] = [:]
    for jump in constructed.unresolvedJumps {
      let target = constructed.function.resolve(jump.target)
      guard let table = table(target, constructed.function),
        let bound = bound(of: table.index, before: jump.block, constructed.function)
      else { continue }
      // Whoever jumps through a table stays in the same instruction set.
      let mode = jump.end & program.machine.modeBit
      let targets = (0..<bound.count).map { index in
        entry(table, index &- bound.offset).map { $0 | mode }
      }
      guard targets.allSatisfy({ $0 != nil && program.image.isExecutable($0 ?? 0) }) else {
        continue
      }
      result[jump.end & 0xFFFF_FFFF_FFFF] = targets.compactMap { $0 }
    }
    return result
  }

  private struct Table {
    /// Where the first entry lies.
    let start: UInt64
    /// Width of an entry in bytes.
    let width: Int
    /// Whether entries may be negative.
    var isSigned = true
    /// By how many bits an entry is shifted.
    var shift: UInt64 = 0
    /// What is added to an entry.
    let base: UInt64
    let index: Instruction.ID
  }

  private func table(_ target: Instruction.ID, _ function: borrowing Function) -> Table? {
    let mode = program.machine.modeBit
    if mode != 0, let (opcode, place, bit) = function.machine(target), opcode == .or,
      function.constant(bit) == mode
    {
      return table(place, function)
    }
    if function[target].operation == .machine(.load) {
      return table(loadedBy: target, base: 0, function)
    }
    let (sum, base) = function.offset(target)
    if function[sum].operation == .machine(.load) {
      return table(loadedBy: sum, base: base, function)
    }
    guard var (opcode, load, amount) = function.machine(sum) else { return nil }
    var shift: UInt64 = 0
    if let bits = self.shift(opcode, amount, function), bits < 4,
      let inner = function.machine(load)
    {
      shift = bits
      (opcode, load, amount) = inner
    }
    guard opcode == .signExtend || opcode == .zeroExtend,
      var table = table(loadedBy: load, base: base, function)
    else { return nil }
    table.isSigned = opcode == .signExtend
    table.shift = shift
    return table
  }

  /// By how many bits a shift, or a multiplication that stands for one, moves a value up.
  private func shift(
    _ opcode: Opcode, _ amount: Instruction.ID, _ function: borrowing Function
  ) -> UInt64? {
    guard let number = function.constant(amount) else { return nil }
    switch opcode {
    case .shiftLeft: return number
    case .multiply where number.nonzeroBitCount == 1: return UInt64(number.trailingZeroBitCount)
    default: return nil
    }
  }

  private func table(
    loadedBy load: Instruction.ID, base: UInt64, _ function: borrowing Function
  ) -> Table? {
    guard function[load].operation == .machine(.load) else { return nil }
    let (scaled, start) = function.offset(function.operand(0, of: load))
    let width = function.size(load)
    if width == 1 { return Table(start: start, width: width, base: base, index: scaled) }
    guard let (opcode, index, factor) = function.machine(scaled) else { return nil }
    let isScaled = shift(opcode, factor, function) == UInt64(width.trailingZeroBitCount)
    return isScaled ? Table(start: start, width: width, base: base, index: index) : nil
  }

  /// What a comparison says of an index: with `offset` added it is less than `count`.
  private struct Bound {
    let count: UInt64
    let offset: UInt64
  }

  /// Which values an index can have, from the comparison that guards the jump.
  private func bound(
    of index: Instruction.ID, before block: Block.ID, _ function: borrowing Function
  ) -> Bound? {
    var block = block
    for _ in 0..<8 {
      guard function[block].predecessors.count == 1,
        let previous = function[block].predecessors.first
      else { return nil }
      if case .branch(let condition, let taken, _) = function[previous].terminator,
        let limit = limit(function.resolve(condition), holds: taken == block, index, function)
      {
        return limit
      }
      block = previous
    }
    return nil
  }

  private func limit(
    _ condition: Instruction.ID, holds: Bool, _ index: Instruction.ID,
    _ function: borrowing Function
  ) -> Bound? {
    guard let (opcode, left, right) = function.machine(condition) else { return nil }
    switch (opcode, holds) {
    case (.lessOrEqual, true): return upper(left, right, 1, index, function)
    case (.less, true): return upper(left, right, 0, index, function)
    // Not c < i, and not c <= i.
    case (.less, false): return upper(right, left, 1, index, function)
    case (.lessOrEqual, false): return upper(right, left, 0, index, function)
    default: return nil
    }
  }

  private func upper(
    _ value: Instruction.ID, _ bound: Instruction.ID, _ addend: UInt64, _ index: Instruction.ID,
    _ function: borrowing Function
  ) -> Bound? {
    guard let number = function.constant(bound), number < limit else { return nil }
    if areSame(core(value, function), core(index, function), function) {
      return Bound(count: number + addend, offset: 0)
    }
    // Of what is added to the index before the comparison, the address of the table has taken part.
    let (base, offset) = function.offset(value)
    guard base == index, offset < limit else { return nil }
    return Bound(count: number + addend, offset: offset)
  }

  /// Whether two values are one, or loaded from one place.
  private func areSame(
    _ first: Instruction.ID, _ second: Instruction.ID, _ function: borrowing Function
  ) -> Bool {
    if first == second { return true }
    return function[first].operation == .machine(.load)
      && function[second].operation == .machine(.load)
      && function.size(first) == function.size(second)
      && function.operand(0, of: first) == function.operand(0, of: second)
  }

  /// A value without extensions of its width.
  private func core(_ id: Instruction.ID, _ function: borrowing Function) -> Instruction.ID {
    var id = id
    while let (opcode, inner, _) = function.machine(id),
      opcode == .zeroExtend || opcode == .signExtend || opcode == .extract
    {
      id = inner
    }
    return id
  }

  private func entry(_ table: Table, _ index: UInt64) -> UInt64? {
    let address =
      (table.start &+ index &* UInt64(table.width)) & Opcode.mask(program.machine.pointerSize)
    guard program.image.isConstant(address),
      let value = program.image.integer(at: address, size: table.width)
    else { return nil }
    let entry = table.isSigned ? UInt64(bitPattern: Opcode.signed(value, table.width)) : value
    let target = table.base &+ entry << table.shift
    return target & Opcode.mask(program.machine.pointerSize)
  }
}
