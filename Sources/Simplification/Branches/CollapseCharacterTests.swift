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
  /// every kind and length, with each of the characters and with others.
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
  }

  /// In the order of the tests; the last one is for all other texts.
  let arms: [Arm]
}

/// Where one text leads to.
private struct CharacterWay {
  let sample: TextSample
  /// The blocks up to the first one that cannot be followed, which is included.
  var blocks: [Block.ID]
  /// How many of the blocks lead to a decision.
  var decidedCount = 0
  /// What is known of phis.
  var phis: [Instruction.ID: UInt64] = [:]
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
    let strange = samples(of: [[0x1]])
    var tests: [(constant: Instruction.ID, character: UInt32)] = []
    var none: UInt64?
    for sample in strange {
      for block in way(of: sample, from: head, object).blocks {
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
    }
    var groups: [(constant: Instruction.ID?, ways: [CharacterWay])] = []
    for (constant, character) in tests {
      let itself = TextSample(address: self.constant(constant) ?? 0, text: [character])
      let same = [itself] + samples(of: [[character]])
      groups.append((constant, same.map { way(of: $0, from: head, object) }))
    }
    let known = Set(tests.map(\.character))
    var others = samples(of: Self.otherTexts(than: known))
    if let none { others.append(TextSample(address: none)) }
    groups.append((nil, others.map { way(of: $0, from: head, object) }))
    return decision(groups, from: head, on: object)
  }

  private static func otherTexts(than known: Set<UInt32>) -> [[UInt32]] {
    var texts: [[UInt32]] = [[], [0x1, 0x1], [0xE9], [0x20AC], [0x1F600]]
    for character in known.sorted() {
      texts.append([character, 0])
      for other in [character ^ 1, character ^ 0x80, character ^ 0x100, character ^ 0x10000] {
        texts.append([other])
      }
    }
    return texts.filter { $0.count != 1 || !known.contains($0[0]) }
  }

  private func samples(of texts: [[UInt32]]) -> [TextSample] {
    texts.flatMap { text in
      TextSample.Form.allCases.compactMap { TextSample(text, $0, layout) }
    }
  }

  private func way(
    of sample: TextSample, from head: Block.ID, _ object: Instruction.ID
  ) -> CharacterWay {
    var way = CharacterWay(sample: sample, blocks: [head])
    var block = head
    while way.blocks.count < 64 {
      let next: Block.ID
      switch self[block].terminator {
      case .jump(let target): next = target
      case .branch(let condition, let taken, let other):
        guard let holds = value(condition, on: way, object) else { return way }
        next = holds & 1 == 1 ? taken : other
        way.decidedCount = way.blocks.count
      default: return way
      }
      guard !way.blocks.contains(next), let edge = self[next].predecessors.firstIndex(of: block)
      else { return way }
      let isKept = isUnnoticed(next)
      if isKept {
        var phis = way.phis
        for phi in self[next].instructions where isPhi(phi) {
          phis[phi] = value(operand(edge, of: phi), on: way, object)
        }
        way.phis = phis
      }
      way.blocks.append(next)
      guard isKept else { return way }
      block = next
    }
    return way
  }

  /// Whether nobody notices what a block does, but that it may keep values in the frame before it goes on.
  private func isUnnoticed(_ block: Block.ID) -> Bool {
    let goesOn = if case .jump = self[block].terminator { true } else { false }
    return self[block].instructions.allSatisfy { id in
      switch self[id].operation {
      case .phi, .undefined, .machine(.load): true
      case .machine(.store): goesOn && isInFrame(id)
      default: false
      }
    }
  }

  private func isInFrame(_ store: Instruction.ID) -> Bool {
    guard case .entry = self[offset(operand(0, of: store)).base].operation else { return false }
    return true
  }

  /// The stores behind the last decision of a way, up to a block; nil if there are earlier ones.
  private func stores(on way: CharacterWay, before end: Block.ID) -> [Instruction.ID]? {
    var result: [Instruction.ID] = []
    for (index, block) in way.blocks.prefix(while: { $0 != end }).enumerated() where index > 0 {
      let stores = self[block].instructions.filter { self[$0].operation == .machine(.store) }
      guard stores.isEmpty || index >= way.decidedCount else { return nil }
      result += stores
    }
    return result
  }

  private func areSameSteps(_ first: [Instruction.ID], _ second: [Instruction.ID]) -> Bool {
    first.count == second.count
      && zip(first, second).allSatisfy { operands(of: $0) == operands(of: $1) }
  }

  /// What a value is if the object is a sample.
  private func value(
    _ id: Instruction.ID, on way: CharacterWay, _ object: Instruction.ID, depth: Int = 0
  ) -> UInt64? {
    let id = resolve(id)
    if id == object { return way.sample.address }
    if let number = constant(id) { return number }
    if isPhi(id) { return way.phis[id] }
    guard depth < 10 else { return nil }
    if self[id].operation == .machine(.load) {
      let place = value(operand(0, of: id), on: way, object, depth: depth + 1)
      return place.flatMap { way.sample.number(at: $0, size: size(id)) }
    }
    guard let (opcode, left, right) = machine(id),
      let first = value(left, on: way, object, depth: depth + 1),
      let second = left == right ? first : value(right, on: way, object, depth: depth + 1)
    else { return nil }
    return opcode.evaluate(
      first, operandCount(of: id) > 1 ? second : 0, size: size(left), otherSize: size(right),
      width: size(id))
  }

  /// What all ways together say.
  private mutating func decision(
    _ groups: [(constant: Instruction.ID?, ways: [CharacterWay])], from head: Block.ID,
    on object: Instruction.ID
  ) -> CharacterDecision? {
    var inner: Set<Block.ID> = []
    var ends: [Block.ID] = []
    for (_, ways) in groups {
      guard
        let end = ways[0].blocks[ways[0].decidedCount...].first(where: { block in
          ways.allSatisfy { $0.blocks[$0.decidedCount...].contains(block) }
        })
      else { return nil }
      ends.append(end)
      for way in ways { inner.formUnion(way.blocks.prefix { $0 != end }) }
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
    return CharacterDecision(arms: arms)
  }

  /// Whether what blocks read is read nowhere else, but in phis of where they end.
  private func isReadInside(_ inner: Set<Block.ID>, or ends: [Block.ID]) -> Bool {
    var pending: [Instruction.ID] = []
    for block in reversePostorder() where !inner.contains(block) {
      for id in self[block].instructions {
        let operands = operands(of: id)
        guard isPhi(id), ends.contains(block) else {
          pending += operands
          continue
        }
        for (predecessor, value) in zip(self[block].predecessors, operands)
        where !inner.contains(predecessor) {
          pending.append(value)
        }
      }
      if let value = self[block].terminator.value { pending.append(resolve(value)) }
    }
    var seen: Set<Instruction.ID> = []
    while let id = pending.popLast() {
      guard seen.insert(id).inserted else { continue }
      if let block = self[id].block {
        if inner.contains(block) { return false }
      } else {
        pending += operands(of: id)
      }
    }
    return true
  }

  private func isMade(_ value: Instruction.ID, in blocks: Set<Block.ID>) -> Bool {
    self[value].block.map(blocks.contains)
      ?? operands(of: value).contains { isMade($0, in: blocks) }
  }

  /// What the phis of a block are behind ways that must agree in that.
  private mutating func values(
    of end: Block.ID, after ways: [CharacterWay], _ inner: Set<Block.ID>, _ object: Instruction.ID
  ) -> [Instruction.ID]? {
    var result: [Instruction.ID] = []
    for phi in self[end].instructions where isPhi(phi) {
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
        if constant(value) == way.sample.address { value = object }
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
      let way = appendBlock(address: address)
      for store in arm.stores {
        append(.machine(.store), operands(of: store), width: 0, to: way, at: self[store].address)
      }
      guard let text = arm.constant else {
        terminate(block, with: .jump(way))
        lead(way, to: arm)
        break
      }
      let next = appendBlock(address: address)
      let truth = append(
        .python(.compareTruth(.equal)), [object, text], width: pointerSize, to: block, at: address)
      let zero = constant(0, width: 4)
      let holds = binary(.notEqual, extract(truth, 0, width: 4), zero, width: 1)
      terminate(block, with: .branch(holds, way, next))
      lead(way, to: arm)
      block = next
    }
    removeUnreachableBlocks()
    while removeTrivialPhis() {}
    removeForwarded()
  }

  private mutating func lead(_ block: Block.ID, to arm: CharacterDecision.Arm) {
    let phis = self[arm.target].instructions.filter { isPhi($0) }
    terminate(block, with: .jump(arm.target))
    for (phi, value) in zip(phis, arm.values) {
      setOperands(of: phi, operands(of: phi) + [value])
    }
  }
}
