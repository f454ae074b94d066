import IR

/// What memory is known to hold at one point of a block, since the last call.
///
/// One machine instruction often reads the same place several times, and reads what it just wrote.
struct KnownMemory {
  private var entries: [(place: Instruction.ID, value: Instruction.ID)] = []
  /// The most places to remember; older ones are forgotten.
  private let limit = 16

  mutating func forget() { entries.removeAll(keepingCapacity: true) }

  func value(
    at place: Instruction.ID, width: Int, in function: borrowing Function
  ) -> Instruction.ID? {
    for entry in entries.reversed()
    where entry.place == place && function.size(entry.value) == width {
      return entry.value
    }
    return nil
  }

  mutating func learn(_ value: Instruction.ID, at place: Instruction.ID) {
    if entries.count == limit { entries.removeFirst() }
    entries.append((place, value))
  }

  mutating func store(
    _ value: Instruction.ID, at place: Instruction.ID, in function: borrowing Function
  ) {
    var kept: [(place: Instruction.ID, value: Instruction.ID)] = []
    for entry in entries where areApart(entry, value, place, function) { kept.append(entry) }
    entries = kept
    learn(value, at: place)
  }

  /// Whether a write cannot touch a remembered place: same base, other bytes.
  private func areApart(
    _ entry: (place: Instruction.ID, value: Instruction.ID), _ value: Instruction.ID,
    _ place: Instruction.ID, _ function: borrowing Function
  ) -> Bool {
    let (first, second) = (function.offset(entry.place), function.offset(place))
    guard first.base == second.base else { return false }
    let distance = Opcode.signed(second.offset &- first.offset, function.pointerSize)
    return distance >= Int64(function.size(entry.value)) || distance <= -Int64(function.size(value))
  }
}
