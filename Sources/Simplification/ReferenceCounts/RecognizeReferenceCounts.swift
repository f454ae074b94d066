import Basics
package import IR

extension Function {
  /// Replaces arithmetic on reference counts by operations of its own.
  ///
  /// ```
  /// %5 = load %4                 %5 = load %4
  /// %6 = add %5, -1        →     count.-1 %4
  /// store %4, %6
  /// ```
  /// The count is the first field of every object, four or eight bytes wide; nothing else that
  /// Cython compiles adds a small number to what a pointer points at.
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
  private func referenceCount(
    storedBy id: Instruction.ID, _ frame: StackFrame
  ) -> (object: Instruction.ID, count: Instruction.ID, change: Int64)? {
    let object = operand(0, of: id)
    if let merged = mergedReferenceCount(object, operand(1, of: id), frame) { return merged }
    let (count, offset) = self.offset(operand(1, of: id))
    let width = size(count)
    let change = Opcode.signed(offset, width)
    guard width == 8 || width == 4, change.magnitude < 1 << 16, change != 0,
      self[count].operation == .machine(.load), operand(0, of: count) == object,
      self.offset(object).offset == 0, frame.offset(of: object, in: self) == nil
    else { return nil }
    return (object, count, change)
  }

  /// Takes a store apart that puts back a count which other ways than one have changed before.
  ///
  /// ```
  /// A: %1 = load %o; goto C     B: %2 = load %o; goto C     C: store %o, (phi %1 - 1, %2)
  /// ```
  /// becomes a change by -1 in A.
  private mutating func splitMergedCount(storedBy id: Instruction.ID, _ frame: StackFrame) -> Bool {
    let (object, value) = (operand(0, of: id), operand(1, of: id))
    guard isPhi(value), let block = self[value].block, self[id].block == block,
      frame.offset(of: object, in: self) == nil, self.offset(object).offset == 0
    else { return false }
    let isMergedObject = isPhi(object) && self[object].block == block
    var changes: [(block: Block.ID, object: Instruction.ID, change: Int32)] = []
    for (index, predecessor) in self[block].predecessors.enumerated() {
      let (count, offset) = self.offset(operand(index, of: value))
      let loaded = isMergedObject ? operand(index, of: object) : object
      guard self[count].operation == .machine(.load), operand(0, of: count) == loaded,
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
  private func restoredCount(
    storedBy id: Instruction.ID, _ frame: StackFrame
  ) -> Int32? {
    let (object, count) = (operand(0, of: id), operand(1, of: id))
    guard self[count].operation == .machine(.load), operand(0, of: count) == object,
      self.offset(object).offset == 0, frame.offset(of: object, in: self) == nil
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
  private func mergedReferenceCount(
    _ object: Instruction.ID, _ value: Instruction.ID, _ frame: StackFrame
  ) -> (object: Instruction.ID, count: Instruction.ID, change: Int64)? {
    guard isPhi(value), frame.offset(of: object, in: self) == nil, operandCount(of: value) > 0
    else { return nil }
    let isMergedObject = isPhi(object) && self[object].block == self[value].block
    var change: Int64?
    for index in 0..<operandCount(of: value) {
      let (count, offset) = self.offset(operand(index, of: value))
      let loaded = isMergedObject ? operand(index, of: object) : object
      guard self[count].operation == .machine(.load), operand(0, of: count) == loaded else {
        return nil
      }
      let (number, overflows) = Opcode.signed(offset, size(count))
        .subtractingReportingOverflow(Int64(recognizedChange(of: loaded, since: count)))
      guard !overflows, number != 0, number.magnitude < 1 << 16, change == nil || change == number
      else { return nil }
      change = number
    }
    return change.map { (object, value, $0) }
  }
}
