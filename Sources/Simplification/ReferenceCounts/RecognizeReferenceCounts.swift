import Basics
package import IR
import RuntimeModel

extension Function {
  /// Replaces arithmetic on reference counts by operations of its own.
  ///
  /// ```
  /// %5 = load %4                 %5 = load %4
  /// %6 = add %5, -1        →     count.-1 %4
  /// store %4, %6
  /// ```
  /// The count is the first field of every object, four or eight bytes wide; nothing else that
  /// Cython compiles adds a small number to what a pointer points at. Without a global lock it is the
  /// count of the thread that owns the object; what the other threads do goes away with the test
  /// for the owner.
  ///
  /// - Returns: the loads of reference counts, for rules about branches that test them.
  package mutating func recognizeReferenceCounts(_ machine: Machine) -> Set<Instruction.ID> {
    let frame = StackFrame(&self, machine)
    var counts: Set<Instruction.ID> = []
    for block in reversePostorder() {
      // What was added so far to a count that was loaded once.
      var added: [Instruction.ID: Int64] = [:]
      for id in self[block].instructions where self[id].operation == .machine(.store) {
        if let change = restoredCount(storedBy: id, frame) {
          if change == 0 {
            remove(id)
          } else {
            replace(id, with: .referenceCount(change), [operand(0, of: id)])
          }
          continue
        }
        if splitMergedCount(storedBy: id, frame) { continue }
        guard let (object, count, total) = referenceCount(storedBy: id, frame) else { continue }
        let change = total - (added[count] ?? 0)
        added[count] = total
        counts.insert(count)
        replace(id, with: .referenceCount(Int32(clamping: change)), [object])
      }
    }
    return counts
  }

  /// The object whose count a store changes, the count as it was loaded, and what is added to it.
  private mutating func referenceCount(
    storedBy id: Instruction.ID, _ frame: StackFrame
  ) -> (object: Instruction.ID, count: Instruction.ID, change: Int64)? {
    guard let object = countedObject(at: operand(0, of: id), frame) else { return nil }
    if let merged = mergedReferenceCount(object, operand(1, of: id), frame) { return merged }
    let (count, offset) = self.offset(operand(1, of: id))
    let width = size(count)
    let change = Opcode.signed(offset, width)
    guard width == 8 || width == 4, change.magnitude < 1 << 16, change != 0,
      isCount(count, of: object, frame)
    else { return nil }
    return (object, count, change)
  }

  /// The object whose count lies at an address; nil if none does.
  private mutating func countedObject(
    at address: Instruction.ID, _ frame: StackFrame
  ) -> Instruction.ID? {
    guard frame.offset(of: address, in: self) == nil else { return nil }
    let place = layout.referenceCount
    if place != 0, let number = constant(address) {
      return constant(number &- place, width: layout.pointerSize)
    }
    let (object, offset) = self.offset(address)
    return offset == place ? object : nil
  }

  /// Whether a value is the count of an object, as it was loaded.
  private mutating func isCount(
    _ id: Instruction.ID, of object: Instruction.ID, _ frame: StackFrame
  ) -> Bool {
    self[id].operation == .machine(.load) && countedObject(at: operand(0, of: id), frame) == object
  }

  /// Takes a store apart that puts back a count which other ways than one have changed before.
  ///
  /// ```
  /// A: %1 = load %o; goto C     B: %2 = load %o; goto C     C: store %o, (phi %1 - 1, %2)
  /// ```
  /// becomes a change by -1 in A.
  private mutating func splitMergedCount(storedBy id: Instruction.ID, _ frame: StackFrame) -> Bool {
    let value = operand(1, of: id)
    guard isPhi(value), let block = self[value].block, self[id].block == block,
      let object = countedObject(at: operand(0, of: id), frame)
    else { return false }
    let isMergedObject = isPhi(object) && self[object].block == block
    var changes: [(block: Block.ID, object: Instruction.ID, change: Int32)] = []
    for (index, predecessor) in self[block].predecessors.enumerated() {
      let (count, offset) = self.offset(operand(index, of: value))
      let loaded = isMergedObject ? operand(index, of: object) : object
      guard isCount(count, of: loaded, frame),
        let added = Int32(exactly: Opcode.signed(offset, size(count))), added.magnitude < 1 << 16
      else { return false }
      let change = added - recognizedChange(of: loaded, since: count)
      if change != 0 {
        guard case .jump = self[predecessor].terminator else { return false }
      }
      changes.append((predecessor, loaded, change))
    }
    guard Set(changes.map(\.change)).count > 1 else { return false }
    for (predecessor, object, change) in changes where change != 0 {
      _ = append(
        .referenceCount(change), [object], width: 0, to: predecessor, at: self[id].address)
    }
    remove(id)
    return true
  }

  /// The change that a store undoes which puts a count back as it was loaded.
  private mutating func restoredCount(
    storedBy id: Instruction.ID, _ frame: StackFrame
  ) -> Int32? {
    let count = operand(1, of: id)
    guard let object = countedObject(at: operand(0, of: id), frame),
      isCount(count, of: object, frame)
    else { return nil }
    return -recognizedChange(of: object, since: count)
  }

  /// What was found to be added to an object's count in the block that loads it.
  private func recognizedChange(of object: Instruction.ID, since count: Instruction.ID) -> Int32 {
    guard let block = self[count].block else { return 0 }
    var change: Int32 = 0
    for step in self[block].instructions where operandCount(of: step) == 1 {
      if case .referenceCount(let counted) = self[step].operation, operand(0, of: step) == object {
        change &+= counted
      }
    }
    return change
  }

  /// A count that was loaded in several blocks and is stored where they meet.
  ///
  /// One of the blocks may have stored another count since, which the merged one replaces.
  private mutating func mergedReferenceCount(
    _ object: Instruction.ID, _ value: Instruction.ID, _ frame: StackFrame
  ) -> (object: Instruction.ID, count: Instruction.ID, change: Int64)? {
    guard isPhi(value), operandCount(of: value) > 0 else { return nil }
    let isMergedObject = isPhi(object) && self[object].block == self[value].block
    var change: Int64?
    for index in 0..<operandCount(of: value) {
      let (count, offset) = self.offset(operand(index, of: value))
      let loaded = isMergedObject ? operand(index, of: object) : object
      guard isCount(count, of: loaded, frame) else { return nil }
      let (number, overflows) = Opcode.signed(offset, size(count))
        .subtractingReportingOverflow(Int64(recognizedChange(of: loaded, since: count)))
      guard !overflows, number != 0, number.magnitude < 1 << 16, change == nil || change == number
      else { return nil }
      change = number
    }
    return change.map { (object, value, $0) }
  }
}
