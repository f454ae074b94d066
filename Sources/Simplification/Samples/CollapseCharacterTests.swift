package import IR
import RuntimeModel

extension Function {
  /// Puts comparisons where Cython compares a text with one character in place.
  ///
  /// ```c
  /// if (c == u'#') goto same; if (c == Py_None || PyUnicode_GET_LENGTH(c) != 1) goto other;
  /// if ((PyUnicode_KIND(c) == 1 ? PyUnicode_1BYTE_DATA(c)[0] : …) == '#') goto same; else goto other;
  /// ```
  /// becomes `c == '#' ? same : other` (`__Pyx__PyUnicode_EqualsUCS4` in `Cython/Utility/StringTools.c`,
  /// since Cython 3.3). Compilers merge several of them, so what they decide is tried out with texts of
  /// every kind, and of every length and character that the code tells from others. What the program asks
  /// of the same text by itself is told apart by that the samples part there.
  ///
  /// - Returns: whether there was one.
  package mutating func collapseCharacterTests(_ facts: some ModuleFacts) -> Bool {
    for block in reversePostorder() {
      guard let (object, _, _) = comparedCharacter(block, facts),
        let decision = decision(at: block, on: object, facts)
      else { continue }
      replaceEnd(of: block, with: decision, on: object)
      return true
    }
    return false
  }
}

/// What a stretch of code decides by one text.
private struct CharacterDecision {
  struct Arm {
    /// The constant that the text equals; nil if it equals none.
    let constant: Instruction.ID?
    let target: Block.ID
    /// What the target's phis are.
    let values: [Instruction.ID]
    /// What is kept in the frame on the way there.
    let stores: [Instruction.ID]

    func leadsAsFar(as other: Arm) -> Bool {
      target == other.target && values == other.values && stores == other.stores
    }
  }

  /// In the order of the tests.
  var arms: [Arm]
  /// For all other texts.
  let otherwise: Arm
}

/// The ways of all samples that are equal to one constant, or to none.
private struct CharacterGroup {
  let constant: Instruction.ID?
  let ways: [SampleWalk]

  /// Whether all of the ways lead to a block, or none does.
  func agrees(on block: Block.ID) -> Bool {
    let count = ways.count { $0.blocks.dropFirst().contains(block) }
    return count == 0 || count == ways.count
  }
}

extension Function {
  /// The text, the constant and its character, if a block ends with the question whether they are one
  /// object.
  private func comparedCharacter(
    _ block: Block.ID, _ facts: some ModuleFacts
  ) -> (object: Instruction.ID, constant: Instruction.ID, character: UInt32)? {
    guard let site = BranchSite(block, in: self),
      case .equal(let left, let right) = site.condition.form
    else { return nil }
    for (object, other) in [(left, right), (right, left)] where constant(object) == nil {
      guard let scalars = constant(other).flatMap({ facts.text(at: $0) })?.unicodeScalars,
        scalars.count == 1, let character = scalars.first
      else { continue }
      return (object, other, character.value)
    }
    return nil
  }

  private mutating func decision(
    at head: Block.ID, on object: Instruction.ID, _ facts: some ModuleFacts
  ) -> CharacterDecision? {
    let strange = ways(of: [[0x1]], from: head, object)
    var tests: [(constant: Instruction.ID, character: UInt32)] = []
    var none: UInt64?
    for block in strange.flatMap(\.blocks) {
      if let (tested, constant, character) = comparedCharacter(block, facts), tested == object,
        !tests.contains(where: { $0.constant == constant })
      {
        tests.append((constant, character))
      }
      if let site = BranchSite(block, in: self), comparedWithNone(site, facts) == object,
        case .equal(_, let right) = site.condition.form
      {
        none = constant(right)
      }
    }
    var groups: [CharacterGroup] = []
    for (constant, character) in tests {
      let itself = ways(of: [[character]], at: self.constant(constant) ?? 0, from: head, object)
      let ways = itself + ways(of: [[character]], from: head, object)
      groups.append(CharacterGroup(constant: constant, ways: ways))
    }
    guard let others = otherWays(than: tests.map(\.character), none, from: head, object) else {
      return nil
    }
    groups.append(CharacterGroup(constant: nil, ways: others))
    return decision(groups, from: head, on: object)
  }

  /// The ways of texts that equal none of some letters: of each length and with each character that
  /// conditions on these ways themselves tell apart; nil if these are too many.
  private func otherWays(
    than letters: [UInt32], _ none: UInt64?, from head: Block.ID, _ object: Instruction.ID
  ) -> [SampleWalk]? {
    var numbers: Set<UInt32> = [0, 1, 2, 0xE9, 0x20AC, 0x1F600]
    for letter in letters {
      numbers.formUnion([letter, letter ^ 1, letter ^ 0x80, letter ^ 0x100, letter ^ 0x10000])
    }
    var known: Set<Block.ID> = []
    while known.count < 64 {
      let texts = numbers.sorted().map { [$0] }.filter { !letters.contains($0[0]) }
      let longer = numbers.sorted().flatMap { number in [2, 3, Int(number)].map { (number, $0) } }
      var result = ways(of: texts + [[]], from: head, object)
      result += longer.filter { $0.1 != 1 }.flatMap { character, length in
        ways(of: [[character, 1]], length: length, from: head, object)
      }
      if let none { result.append(way(of: ObjectSample(address: none), from: head, object)) }
      let asked = Set(result.flatMap { $0.blocks.prefix($0.decidedCount) }).subtracting(known)
      if asked.isEmpty { return result }
      known.formUnion(asked)
      for block in asked {
        guard case .branch(let condition, _, _) = self[block].terminator else { continue }
        numbers.formUnion(bounds(in: condition))
      }
    }
    return nil
  }

  /// The numbers around those that a condition compares with.
  private func bounds(in condition: Instruction.ID) -> Set<UInt32> {
    var numbers: Set<UInt64> = []
    var pending = [resolve(condition)]
    var seen: Set<Instruction.ID> = []
    while let id = pending.popLast() {
      guard seen.insert(id).inserted else { continue }
      if let number = constant(id) {
        numbers.insert(number & Opcode.mask(size(id)))
        numbers.insert(0 &- number & Opcode.mask(size(id)))
      } else if let (_, left, right) = machine(id) {
        pending += [left, right]
      }
    }
    let sums = numbers.flatMap { first in numbers.map { first &+ $0 } }
    let near = numbers.union(sums).flatMap { [$0 &- 1, $0, $0 &+ 1] }
    return Set(near.filter { $0 <= 0x10FFFF && !(0xD800..<0xE000).contains($0) }.map(UInt32.init))
  }

  private func ways(
    of texts: [[UInt32]], length: Int? = nil, at address: UInt64 = ObjectSample.places[0],
    from head: Block.ID, _ object: Instruction.ID
  ) -> [SampleWalk] {
    texts.flatMap { text in
      ObjectSample.TextForm.allCases.compactMap { form in
        ObjectSample(text: text, length: length ?? text.count, form, at: address, layout).map {
          way(of: $0, from: head, object)
        }
      }
    }
  }

  private func way(
    of sample: ObjectSample, from head: Block.ID, _ object: Instruction.ID
  ) -> SampleWalk {
    walk(of: [object: sample], from: head) { isUnnoticed($0) }
  }

  /// Whether nobody notices what a block does, but that it may keep values in the frame before it goes on.
  private func isUnnoticed(_ block: Block.ID) -> Bool {
    let goesOn = if case .jump = self[block].terminator { true } else { false }
    return self[block].instructions.allSatisfy { id in
      switch self[id].operation {
      case .phi, .undefined, .machine(.load): true
      case .machine(.store): goesOn && isSpill(id)
      default: false
      }
    }
  }

  /// What all ways together say.
  private mutating func decision(
    _ groups: [CharacterGroup], from head: Block.ID, on object: Instruction.ID
  ) -> CharacterDecision? {
    var inner: Set<Block.ID> = []
    var ends: [Block.ID] = []
    for group in groups {
      guard
        let end = group.ways[0].blocks.dropFirst().first(where: { block in
          group.ways.allSatisfy { $0.blocks.dropFirst().contains(block) }
            && groups.allSatisfy { $0.agrees(on: block) }
        })
      else { return nil }
      ends.append(end)
      for way in group.ways { inner.formUnion(way.blocks.prefix { $0 != end }) }
    }
    inner.remove(head)
    guard inner.count > 2, inner.isDisjoint(with: ends), isReadInside(inner, or: ends) else {
      return nil
    }
    var arms: [CharacterDecision.Arm] = []
    for (group, end) in zip(groups, ends) {
      let kept = group.ways.map { stores(on: $0, before: end) }
      guard let values = values(of: end, after: group.ways, inner, object), let first = kept[0],
        kept.allSatisfy({ $0.map { areSameSteps($0, first) } ?? false }),
        first.flatMap({ operands(of: $0) }).allSatisfy({ !isMade($0, in: inner) })
      else { return nil }
      arms.append(
        .init(constant: group.constant, target: end, values: values, stores: first))
    }
    let otherwise = arms.removeLast()
    arms.removeAll { $0.leadsAsFar(as: otherwise) }
    return arms.isEmpty ? nil : CharacterDecision(arms: arms, otherwise: otherwise)
  }

  /// The stores on a way up to a block; nil if one stands before the last decision.
  private func stores(on way: SampleWalk, before end: Block.ID) -> [Instruction.ID]? {
    let blocks = way.blocks.prefix { $0 != end }
    let last = blocks.lastIndex { if case .branch = self[$0].terminator { true } else { false } }
    var result: [Instruction.ID] = []
    for (index, block) in blocks.enumerated() where index > 0 {
      let stores = self[block].instructions.filter { self[$0].operation == .machine(.store) }
      guard stores.isEmpty || index > last ?? 0 else { return nil }
      result += stores
    }
    return result
  }

  private func areSameSteps(_ first: [Instruction.ID], _ second: [Instruction.ID]) -> Bool {
    first.count == second.count
      && zip(first, second).allSatisfy { operands(of: $0) == operands(of: $1) }
  }

  private func isMade(_ value: Instruction.ID, in blocks: Set<Block.ID>) -> Bool {
    self[value].block.map(blocks.contains)
      ?? operands(of: value).contains { isMade($0, in: blocks) }
  }

  /// What the phis of a block are behind ways that must agree in that.
  private mutating func values(
    of end: Block.ID, after ways: [SampleWalk], _ inner: Set<Block.ID>, _ object: Instruction.ID
  ) -> [Instruction.ID]? {
    let live = liveValues()
    var result: [Instruction.ID] = []
    for phi in self[end].instructions where isPhi(phi) {
      guard live.contains(phi) else {
        result.append(undefined(width: size(phi)))
        continue
      }
      var common: Instruction.ID?
      for way in ways {
        guard let index = way.blocks.firstIndex(of: end), index > 0,
          let edge = self[end].predecessors.firstIndex(of: way.blocks[index - 1])
        else { return nil }
        var value = operand(edge, of: phi)
        if let block = self[value].block, inner.contains(block) {
          guard let number = way.phis[value] else { return nil }
          value = constant(number, width: size(value))
        }
        // Where the object is known to be a constant, the constant is the object.
        if constant(value) != nil, constant(value) == way.samples[object]?.address {
          value = object
        }
        guard common == nil || common == value else { return nil }
        common = value
      }
      guard let common else { return nil }
      result.append(common)
    }
    return result
  }

  private mutating func replaceEnd(
    of head: Block.ID, with decision: CharacterDecision, on object: Instruction.ID
  ) {
    let address = self[head].address
    removeEnd(of: head)
    var block = head
    for arm in decision.arms {
      guard let text = arm.constant else { continue }
      let way = appendBlock(address: address)
      let next = appendBlock(address: address)
      let truth = append(
        .python(.compareTruth(.equal)), [object, text], width: pointerSize, to: block, at: address)
      let zero = constant(0, width: 4)
      let holds = binary(.notEqual, extract(truth, 0, width: 4), zero, width: 1)
      terminate(block, with: .branch(holds, way, next))
      lead(way, to: arm)
      block = next
    }
    lead(block, to: decision.otherwise)
    removeUnreachableBlocks()
    while removeTrivialPhis() {}
    removeForwarded()
  }

  private mutating func lead(_ block: Block.ID, to arm: CharacterDecision.Arm) {
    for store in arm.stores {
      append(
        .machine(.store), operands(of: store), width: 0, to: block, at: self[store].address)
    }
    let phis = self[arm.target].instructions.filter { isPhi($0) }
    terminate(block, with: .jump(arm.target))
    for (phi, value) in zip(phis, arm.values) {
      setOperands(of: phi, operands(of: phi) + [value])
    }
  }
}
