import Analysis
package import IR
import RuntimeModel

extension Function {
  /// Puts a call where compilers inlined what takes a slice of a text.
  ///
  /// ```c
  /// if (start < 0) start = max(start + length, 0);
  /// if (stop < 0) stop += length; else if (stop > length) stop = length;
  /// if (stop <= start) r = ""; else if (start == 0 && stop == length) r = text;
  /// else r = PyUnicode_FromKindAndData(kind, data + start * kind, stop - start);
  /// ```
  /// becomes `r = PyUnicode_Substring(text, start, stop)` (`__Pyx_PyUnicode_Substring` in
  /// `Cython/Utility/StringTools.c`). Which of the numbers are the bounds is found out by trying texts and
  /// bounds.
  ///
  /// - Returns: whether there was one.
  package mutating func collapseSlices(_ facts: some ModuleFacts) -> Bool {
    guard let helper = facts.inlinedSubstring else { return false }
    var dominators: DominatorTree?
    let order = reversePostorder()
    for block in order {
      for call in self[block].instructions
      where callee(of: call, facts)?.name == "PyUnicode_FromKindAndData" {
        let tree = dominators ?? dominatorTree(order)
        dominators = tree
        for level in 0..<5 {
          guard let diamond = diamondOfSlice(call, tree, level: level, facts),
            let text = textRead(in: diamond), let bounds = bounds(of: diamond, text, facts)
          else { continue }
          let operands = [constant(helper, width: pointerSize), text, bounds.start, bounds.stop]
          replace(diamond, with: .call, operands, at: self[call].address)
          return true
        }
      }
    }
    return false
  }

  /// The ways to a phi, one of which makes the slice, another of which is the empty text.
  private func diamondOfSlice(
    _ call: Instruction.ID, _ dominators: DominatorTree, level: Int, _ facts: some ModuleFacts
  ) -> Diamond? {
    for block in reversePostorder() {
      for phi in self[block].instructions where isPhi(phi) && isWord(phi) {
        guard operands(of: phi).contains(call),
          let diamond = diamond(
            endingWith: phi, dominators, level: level,
            doing: { $0 == call || onlyLooks($0) }),
          diamond.leaves.contains(where: { isEmptyText($0, facts) })
        else { continue }
        return diamond
      }
    }
    return nil
  }

  private func isEmptyText(_ id: Instruction.ID, _ facts: some ModuleFacts) -> Bool {
    constant(id).flatMap { facts.text(at: $0) } == ""
  }

  /// The text of which the whole may come out, or whose length is read.
  private func textRead(in diamond: Diamond) -> Instruction.ID? {
    let loads = inputs(of: diamond).loads.filter {
      isLoad($0, at: layout.textState) || size($0) == 1
    }
    let bases = Set(loads.map { offset(operand(0, of: $0)).base })
    return bases.count == 1 ? bases.first : nil
  }

  /// What decides in a diamond, and what the calls in it get: what was loaded, and the rest of what comes
  /// from outside.
  private func inputs(
    of diamond: Diamond
  ) -> (loads: Set<Instruction.ID>, others: Set<Instruction.ID>, constants: Set<Instruction.ID>) {
    var loads: Set<Instruction.ID> = []
    var others: Set<Instruction.ID> = []
    var constants: Set<Instruction.ID> = []
    var pending: [Instruction.ID] = []
    for block in diamond.blocks.union([diamond.head]) {
      if let condition = self[block].terminator.value { pending.append(resolve(condition)) }
      guard block != diamond.head else { continue }
      for id in self[block].instructions where self[id].operation == .call || isPhi(id) {
        pending += operands(of: id).dropFirst(isPhi(id) ? 0 : 1)
      }
    }
    var seen: Set<Instruction.ID> = []
    while let id = pending.popLast() {
      guard seen.insert(id).inserted else { continue }
      if constant(id) != nil {
        constants.insert(id)
      } else if self[id].operation == .machine(.load) {
        loads.insert(id)
      } else if isPhi(id), let block = self[id].block, diamond.blocks.contains(block) {
        continue
      } else if let (_, left, right) = machine(id) {
        pending += [left, right]
      } else {
        others.insert(id)
      }
    }
    return (loads, others, constants)
  }

  /// The bounds with which all samples come to the slice that the diamond makes.
  private mutating func bounds(
    of diamond: Diamond, _ text: Instruction.ID, _ facts: some ModuleFacts
  ) -> (start: Instruction.ID, stop: Instruction.ID)? {
    let inputs = inputs(of: diamond)
    let varying = inputs.others.subtracting([text]).filter { isWord($0) }.sorted()
    guard varying.count <= 2 else { return nil }
    let zero = constant(0, width: pointerSize)
    let open = constant(Opcode.mask(pointerSize) >> 1, width: pointerSize)
    var fixed: Set<UInt64> = []
    for number in inputs.constants.compactMap({ constant($0) }) {
      let signed = Opcode.signed(number, pointerSize)
      if signed.magnitude < 64 { fixed.formUnion([number, 0 &- number]) }
    }
    let numbers = fixed.sorted().map { constant($0 & Opcode.mask(pointerSize), width: pointerSize) }
    let starts = varying + [zero] + numbers
    let stops = varying + [open] + numbers
    for start in starts {
      for stop in stops
      where start != stop && varying.allSatisfy({ $0 == start || $0 == stop }) {
        if slices(diamond, text, start, stop, facts) { return (start, stop) }
      }
    }
    return nil
  }

  private func slices(
    _ diamond: Diamond, _ text: Instruction.ID, _ start: Instruction.ID, _ stop: Instruction.ID,
    _ facts: some ModuleFacts
  ) -> Bool {
    let tried: [Int64] = [-70, -6, -2, -1, 0, 1, 3, 6, 7, 70]
    let starts = constant(start).map { [Opcode.signed($0, pointerSize)] } ?? tried
    let stops = constant(stop).map { [Opcode.signed($0, pointerSize)] } ?? tried
    for length in [0, 1, 2, 6, 68] {
      guard let sample = ObjectSample(text: [0x61], length: length, .ascii, layout) else {
        return false
      }
      for first in starts {
        for last in stops {
          var numbers: [Instruction.ID: UInt64] = [:]
          numbers[start] = UInt64(bitPattern: first) & Opcode.mask(pointerSize)
          numbers[stop] = UInt64(bitPattern: last) & Opcode.mask(pointerSize)
          let walk = walk(of: [text: sample], numbers, from: diamond.head) {
            diamond.blocks.contains($0)
          }
          guard let leaf = leaf(of: diamond, on: walk),
            isSlice(leaf, of: text, sample, Int64(length), first, last, walk, facts)
          else { return false }
        }
      }
    }
    return true
  }

  /// Whether a leaf is `text[first:last]`.
  private func isSlice(
    _ leaf: Instruction.ID, of text: Instruction.ID, _ sample: ObjectSample, _ length: Int64,
    _ first: Int64, _ last: Int64, _ walk: SampleWalk, _ facts: some ModuleFacts
  ) -> Bool {
    let start = first < 0 ? max(first + length, 0) : first
    let stop = last < 0 ? last + length : min(last, length)
    if isEmptyText(leaf, facts) { return stop <= start }
    if leaf == text { return start == 0 && stop == length && stop > 0 }
    guard self[leaf].operation == .call, stop > start,
      let kind = argument(0, of: leaf).flatMap({ value($0, on: walk) }), kind & 0xFF == 1,
      let data = argument(1, of: leaf).flatMap({ value($0, on: walk) }),
      let count = argument(2, of: leaf).flatMap({ value($0, on: walk) })
    else { return false }
    return data == sample.address + layout.asciiData + UInt64(start)
      && count == UInt64(stop - start)
  }
}
