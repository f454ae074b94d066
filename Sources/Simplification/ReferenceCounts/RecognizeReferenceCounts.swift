import Analysis
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
            // A count that was raised and lowered at once may still be tested.
            counts.insert(operand(1, of: id))
            remove(id)
          } else {
            replace(id, with: .referenceCount(change), [operand(0, of: id)])
          }
          continue
        }
        if splitMergedCount(storedBy: id, frame) { continue }
        guard let (object, loads, total) = referenceCount(storedBy: id, frame),
          let count = loads.first
        else { continue }
        let change = total - (added[count] ?? 0)
        added[count] = total
        counts.formUnion(loads)
        if change == 0 {
          remove(id)
        } else {
          replace(id, with: .referenceCount(Int32(clamping: change)), [object])
        }
      }
    }
    counts.formUnion(testedCounts())
    addMerged(&counts)
    return counts
  }

  /// The counts that are tested though nothing is added to them: they were raised and lowered at once.
  ///
  /// ```c
  /// if (o->ob_refcnt == 0) Py_TYPE(o)->tp_dealloc(o);
  /// ```
  package func testedCounts() -> Set<Instruction.ID> {
    var result: Set<Instruction.ID> = []
    for block in reversePostorder() {
      guard case .branch(let condition, let first, let second) = self[block].terminator,
        let (opcode, count, zero) = machine(resolve(condition)),
        opcode == .equal || opcode == .notEqual, constant(zero) == 0,
        self[count].operation == .machine(.load), isWord(count) || size(count) == 4,
        case let (object, distance) = offset(operand(0, of: count)), constant(object) == nil,
        distance == layout.referenceCount
      else { continue }
      if hands(object, toCallFrom: opcode == .equal ? first : second, behind: block) {
        result.insert(count)
      }
    }
    return result
  }

  /// Whether the first call behind an edge gets an object, which may meet others there.
  private func hands(
    _ object: Instruction.ID, toCallFrom start: Block.ID, behind source: Block.ID
  ) -> Bool {
    var (previous, block) = (source, start)
    for _ in 0..<4 {
      if let call = self[block].instructions.first(where: { self[$0].operation == .call }) {
        guard operandCount(of: call) > 1 else { return false }
        let argument = operand(1, of: call)
        guard isPhi(argument), self[argument].block == block,
          let edge = self[block].predecessors.firstIndex(of: previous)
        else { return argument == object }
        return operand(edge, of: argument) == object
      }
      guard case .jump(let next) = self[block].terminator else { return false }
      (previous, block) = (block, next)
    }
    return false
  }

  /// Adds the phis to some counts that merge nothing else.
  private func addMerged(_ counts: inout Set<Instruction.ID>) {
    var grows = true
    while grows {
      grows = false
      for block in reversePostorder() {
        for id in self[block].instructions where isPhi(id) && !counts.contains(id) {
          guard operands(of: id).allSatisfy({ $0 == id || counts.contains($0) }) else { continue }
          counts.insert(id)
          grows = true
        }
      }
    }
  }

  /// The object whose count a store changes, the count as it was loaded, in several places where they
  /// meet, and what is added to it.
  private mutating func referenceCount(
    storedBy id: Instruction.ID, _ frame: StackFrame
  ) -> (object: Instruction.ID, counts: [Instruction.ID], change: Int64)? {
    guard let object = countedObject(at: operand(0, of: id), frame) else { return nil }
    if let merged = mergedReferenceCount(object, operand(1, of: id), frame) { return merged }
    let (count, offset) = countAndChange(operand(1, of: id))
    let width = size(count)
    let change = Opcode.signed(offset, width)
    guard width == 8 || width == 4, change.magnitude < 1 << 16, change != 0,
      isCount(count, of: object, before: self[id].block ?? entry, frame)
    else { return nil }
    return (object, [count], change)
  }

  /// Takes a number off a count; steps that only change widths are passed over.
  private func countAndChange(
    _ id: Instruction.ID
  ) -> (count: Instruction.ID, change: UInt64) {
    let (base, change) = offset(withoutWidening(id))
    return (withoutWidening(base), change)
  }

  private func withoutWidening(_ id: Instruction.ID) -> Instruction.ID {
    var id = resolve(id)
    while let (opcode, inner, position) = machine(id),
      opcode == .zeroExtend || (opcode == .extract && constant(position) == 0)
    {
      id = resolve(inner)
    }
    return id
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

  /// Takes a store apart that puts back a count which other ways than one have changed before.
  ///
  /// ```
  /// A: %1 = load %o; goto C     B: %2 = load %o; goto C     C: store %o, (phi %1 - 1, %2)
  /// ```
  /// becomes a change by -1 in A.
  private mutating func splitMergedCount(storedBy id: Instruction.ID, _ frame: StackFrame) -> Bool {
    let (value, distance) = countAndChange(operand(1, of: id))
    guard isPhi(value), let block = self[value].block, self[id].block == block,
      let object = countedObject(at: operand(0, of: id), frame)
    else { return false }
    let isMergedObject = isPhi(object) && self[object].block == block
    var changes: [(block: Block.ID, object: Instruction.ID, change: Int32)] = []
    for (index, predecessor) in self[block].predecessors.enumerated() {
      let (count, offset) = countAndChange(operand(index, of: value))
      let loaded = isMergedObject ? operand(index, of: object) : object
      guard isCount(count, of: loaded, before: predecessor, frame),
        let added = Int32(exactly: Opcode.signed(offset &+ distance, size(count))),
        added.magnitude < 1 << 16
      else { return false }
      let change = added - recognizedChange(of: loaded, since: count, until: predecessor)
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

  /// Whether a value is an object's count, loaded from it or from the constant that it was found to be.
  private mutating func isCount(
    _ count: Instruction.ID, of object: Instruction.ID, before block: Block.ID, _ frame: StackFrame
  ) -> Bool {
    guard self[count].operation == .machine(.load),
      let counted = countedObject(at: operand(0, of: count), frame)
    else { return false }
    if counted == object { return true }
    guard constant(counted) != nil || constant(object) != nil else { return false }
    return isEqual(object, to: counted, in: block)
  }

  /// Whether control gets to the end of a block only if two values are equal.
  private func isEqual(
    _ object: Instruction.ID, to other: Instruction.ID, in block: Block.ID
  ) -> Bool {
    let dominators = dominatorTree(reversePostorder())
    var block = block
    while block != entry {
      let dominator = dominators.immediate[block.index]
      guard dominator >= 0 else { return false }
      let source = Block.ID(UInt32(dominator))
      if self[block].predecessors == [source], let site = BranchSite(source, in: self),
        site.target == block, site.otherTarget != block,
        case .equal(let left, let right) = site.condition.form,
        (left == object && right == other) || (left == other && right == object)
      {
        return true
      }
      block = source
    }
    return false
  }

  /// The change that a store undoes which puts a count back as it was loaded.
  private mutating func restoredCount(
    storedBy id: Instruction.ID, _ frame: StackFrame
  ) -> Int32? {
    let count = operand(1, of: id)
    guard let object = countedObject(at: operand(0, of: id), frame),
      isCount(count, of: object, before: self[count].block ?? entry, frame)
    else { return nil }
    return -recognizedChange(of: object, since: count, until: self[count].block)
  }

  /// What was found to be added to an object's count between where it was loaded and a block's end.
  private func recognizedChange(
    of object: Instruction.ID, since count: Instruction.ID, until end: Block.ID?
  ) -> Int32 {
    guard let block = self[count].block else { return 0 }
    let objects = [object, operand(0, of: count)]
    func change(in block: Block.ID) -> Int32 {
      var change: Int32 = 0
      let steps = self[block].instructions
      let start = steps.firstIndex(of: count).map { $0 + 1 } ?? 0
      for step in steps[start...] where operandCount(of: step) == 1 {
        if case .referenceCount(let counted) = self[step].operation,
          objects.contains(operand(0, of: step))
        {
          change &+= counted
        }
      }
      return change
    }
    // Only where there is one way from the one block to the other.
    var between: Int32 = 0
    var current = end ?? block
    for _ in 0..<32 where current != block {
      guard self[current].predecessors.count == 1 else { break }
      between &+= change(in: current)
      current = self[current].predecessors[0]
    }
    return current == block ? change(in: block) &+ between : change(in: block)
  }

  /// Whether control gets to a block's end through another block, with nothing to join in between.
  private func leadsOnly(from start: Block.ID, to end: Block.ID) -> Bool {
    var block = end
    for _ in 0..<32 where block != start {
      guard self[block].predecessors.count == 1 else { return false }
      block = self[block].predecessors[0]
    }
    return block == start
  }

  /// A count that was loaded in several blocks and is stored where they meet, or behind that.
  ///
  /// One of the blocks may have stored another count since, which the merged one replaces.
  private mutating func mergedReferenceCount(
    _ object: Instruction.ID, _ value: Instruction.ID, _ frame: StackFrame
  ) -> (object: Instruction.ID, counts: [Instruction.ID], change: Int64)? {
    let (merged, distance) = countAndChange(value)
    guard let counts = mergedCounts(object, merged, distance, frame, depth: 0),
      let change = counts.first?.change, counts.allSatisfy({ $0.change == change })
    else { return nil }
    return (object, [merged] + counts.map(\.count), change)
  }

  /// The counts that a phi merges, also through phis before it, each with what is added to it.
  private mutating func mergedCounts(
    _ object: Instruction.ID, _ merged: Instruction.ID, _ distance: UInt64, _ frame: StackFrame,
    depth: Int
  ) -> [(count: Instruction.ID, change: Int64)]? {
    guard depth < 4, isPhi(merged), let block = self[merged].block,
      self[block].predecessors.count == operandCount(of: merged)
    else { return nil }
    let isMergedObject = isPhi(object) && self[object].block == block
    var counts: [(count: Instruction.ID, change: Int64)] = []
    for (index, predecessor) in self[block].predecessors.enumerated() {
      let (count, offset) = countAndChange(operand(index, of: merged))
      let loaded = isMergedObject ? operand(index, of: object) : object
      if isPhi(count), let start = self[count].block, leadsOnly(from: start, to: predecessor) {
        let stored = Int64(recognizedChange(of: loaded, since: count, until: predecessor))
        let rest = offset &+ distance &- UInt64(bitPattern: stored)
        let inner = mergedCounts(loaded, count, rest, frame, depth: depth + 1)
        guard let inner else { return nil }
        counts += inner
        continue
      }
      guard isCount(count, of: loaded, before: predecessor, frame) else { return nil }
      let (number, overflows) = Opcode.signed(offset &+ distance, size(count))
        .subtractingReportingOverflow(
          Int64(recognizedChange(of: loaded, since: count, until: predecessor)))
      guard !overflows, number.magnitude < 1 << 16 else { return nil }
      counts.append((count, number))
    }
    return counts
  }
}
