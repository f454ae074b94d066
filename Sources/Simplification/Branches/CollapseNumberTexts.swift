import Basics
package import IR
import RuntimeModel

/// The writing out of a number, digit by digit.
private struct NumberText {
  /// The head of the loop over the digits, and where it is entered.
  var head: Block.ID
  var entrance: Block.ID
  /// The number.
  var number: Instruction.ID
  /// The phi that is the text whichever way it was made.
  var result: Instruction.ID
  /// The calls that make the text.
  var texts: Set<Instruction.ID>
  /// The blocks from the head on.
  var region: Set<Block.ID> = []
}

extension Function {
  /// Puts a call where compilers inlined the writing of a number as text.
  ///
  /// ```c
  /// do { … memcpy(dpos, DIGIT_PAIRS_10 + digits * 2, 2); } while (remaining != 0);
  /// if (length == 1) text = PyUnicode_FromOrdinal(*dpos);     →     text = __Pyx_PyUnicode_From_Py_ssize_t(n)
  /// else text = PyUnicode_New(length, 127); …
  /// ```
  /// `CIntToPyUnicode` in `Cython/Utility/TypeConversion.c`, for numbers that are written without a width.
  ///
  /// - Returns: whether there was one.
  package mutating func collapseNumberTexts(_ facts: some ModuleFacts) -> Bool {
    guard let helper = facts.inlinedNumberText else { return false }
    var changed = false
    for block in reversePostorder() {
      guard let text = numberText(writtenIn: block, facts) else { continue }
      changed = collapse(text, helper) || changed
    }
    if changed {
      removeUnreachableBlocks()
      removeForwarded()
      while removeTrivialPhis() {}
    }
    return changed
  }

  private func numberText(writtenIn block: Block.ID, _ facts: some ModuleFacts) -> NumberText? {
    guard self[block].instructions.contains(where: { readsPairOfDigits($0, facts) }),
      let (head, entrance, number) = loop(ofDigitsIn: block),
      let (result, texts) = text(madeBehind: block, facts)
    else { return nil }
    var text = NumberText(
      head: head, entrance: entrance, number: number, result: result, texts: texts)
    guard let region = region(of: text, facts) else { return nil }
    text.region = region
    return text
  }

  /// Whether two digits are read from the table of all pairs.
  private func readsPairOfDigits(_ id: Instruction.ID, _ facts: some ModuleFacts) -> Bool {
    guard self[id].operation == .machine(.load), size(id) == 2,
      let (opcode, left, right) = machine(operand(0, of: id)), opcode == .add,
      let table = constant(right) ?? constant(left)
    else { return false }
    return facts.constant(at: table, size: 4) == 0x3130_3030
      && facts.constant(at: table &+ 4, size: 4) == 0x3330_3230
  }

  /// The loop that divides a number until nothing remains of it: its head, where it is entered, and
  /// the number.
  private func loop(
    ofDigitsIn block: Block.ID
  ) -> (head: Block.ID, entrance: Block.ID, number: Instruction.ID)? {
    guard let site = BranchSite(block, in: self),
      case .equal(let left, let right) = site.condition.form
    else { return nil }
    var (latch, head) = (block, site.otherTarget)
    while self[head].instructions.isEmpty, case .jump(let next) = self[head].terminator,
      next != head
    {
      (latch, head) = (head, next)
    }
    let predecessors = self[head].predecessors
    guard predecessors.count == 2, let back = predecessors.firstIndex(of: latch) else { return nil }
    for phi in self[head].instructions where isPhi(phi) && size(phi) >= 4 {
      let next = operand(back, of: phi)
      let isRest =
        constant(right) == 0 && withoutExtract(left) == withoutExtract(next)
        || isDifference(next, left, right)
      guard isRest else { continue }
      return (head, predecessors[1 - back], operand(1 - back, of: phi))
    }
    return nil
  }

  private func isDifference(
    _ id: Instruction.ID, _ one: Instruction.ID, _ other: Instruction.ID
  ) -> Bool {
    guard let (opcode, left, right) = machine(id), opcode == .subtract else { return false }
    return left == one && right == other || left == other && right == one
  }

  /// The phi of the text of one digit and the text of several, which may be made twice, with a sign and
  /// without.
  private func text(
    madeBehind block: Block.ID, _ facts: some ModuleFacts
  ) -> (phi: Instruction.ID, texts: Set<Instruction.ID>)? {
    var reached = successors(of: block)
    var next = 0
    while next < reached.count, next < 64 {
      for successor in successors(of: reached[next]) where !reached.contains(successor) {
        reached.append(successor)
      }
      next += 1
    }
    let steps = reached.flatMap { self[$0].instructions }
    let texts = Set(steps.filter { isTextOfDigits($0, facts) })
    var found: (phi: Instruction.ID, texts: Set<Instruction.ID>)?
    for id in steps where isPhi(id) {
      let made = texts.intersection(operands(of: id).flatMap { roots(of: source(of: $0)) })
      guard made.count > found?.texts.count ?? 1,
        Set(made.map { callee(of: $0, facts)?.name }).count == 2
      else { continue }
      found = (id, made)
    }
    return found
  }

  /// Whether a call makes the text of the digits, and that without a width.
  private func isTextOfDigits(_ id: Instruction.ID, _ facts: some ModuleFacts) -> Bool {
    switch callee(of: id, facts)?.name {
    case "PyUnicode_FromOrdinal": return true
    case "PyUnicode_New":
      guard let length = argument(0, of: id) else { return false }
      guard isPhi(length) else { return constant(length) == nil }
      return operands(of: length).allSatisfy { constant($0) ?? 0 == 0 }
    default: return false
    }
  }

  /// The blocks from the head of the loop up to the text; nil if they do anything else.
  private func region(of text: NumberText, _ facts: some ModuleFacts) -> Set<Block.ID>? {
    guard let end = self[text.result].block, end != text.head else { return nil }
    var region: Set<Block.ID> = [text.head]
    var pending = [text.head]
    while let block = pending.popLast() {
      guard region.count < 64, self[block].instructions.allSatisfy({ isPart($0, of: text, facts) })
      else { return nil }
      let next: [Block.ID]
      if let site = BranchSite(block, in: self), let value = site.valueComparedWithNull(in: self),
        text.texts.contains(source(of: value))
      {
        next = [site.otherTarget]
      } else {
        next = successors(of: block)
      }
      if next.isEmpty { return nil }
      for block in next where block != end && region.insert(block).inserted {
        pending.append(block)
      }
    }
    let isClosed = region.allSatisfy { block in
      block == text.head || self[block].predecessors.allSatisfy(region.contains)
    }
    return isClosed ? region : nil
  }

  private func isPart(
    _ id: Instruction.ID, of text: NumberText, _ facts: some ModuleFacts
  ) -> Bool {
    switch self[id].operation {
    case .call:
      text.texts.contains(id) || Self.fillers.contains(callee(of: id, facts)?.name ?? "")
    case .python: false
    default: true
    }
  }

  /// What puts the padding and the digits in place.
  private static let fillers: Set<String> = ["memset", "memcpy"]

  private mutating func collapse(_ text: NumberText, _ helper: UInt64) -> Bool {
    guard let end = self[text.result].block else { return false }
    let live = liveValues()
    let sources = self[end].predecessors
    let exits = sources.indices.filter { text.region.contains(sources[$0]) }
    guard !exits.isEmpty else { return false }
    let block = appendBlock(address: self[text.head].address)
    let callee = constant(helper, width: pointerSize)
    let number =
      size(text.number) == pointerSize
      ? text.number : unary(.signExtend, text.number, width: pointerSize)
    let address = self[text.result].address
    let call = append(.call, [callee, number], width: pointerSize, to: block, at: address)
    var values: [Instruction.ID] = []
    for phi in self[end].instructions where isPhi(phi) {
      if phi == text.result {
        values.append(call)
      } else if !live.contains(phi) {
        values.append(undefined(width: size(phi)))
      } else if let value = commonValue(of: exits.map { operand($0, of: phi) }, text, block) {
        values.append(value)
      } else {
        return false
      }
    }
    moveEdge(from: text.entrance, to: text.head, to: block, [])
    terminate(block, with: .jump(end))
    let joined = self[end].instructions.filter { isPhi($0) }
    for (phi, value) in zip(joined, values) { setOperands(of: phi, operands(of: phi) + [value]) }
    return true
  }

  /// What a value is behind a number's text that was the same on every way through the region.
  private mutating func commonValue(
    of values: [Instruction.ID], _ text: NumberText, _ block: Block.ID
  ) -> Instruction.ID? {
    let values = values.map { restored($0, text) }
    guard let first = values.first else { return nil }
    let isOutside = self[first].block.map { !text.region.contains($0) } ?? true
    if isOutside { return values.allSatisfy { $0 == first } ? first : nil }
    // A register that was saved around the helper.
    guard self[first].operation == .machine(.load) else { return nil }
    let place = operand(0, of: first)
    let isSame = values.allSatisfy { value in
      self[value].operation == .machine(.load) && operand(0, of: value) == place
    }
    guard isSame, self[place].block.map({ !text.region.contains($0) }) ?? true else { return nil }
    return append(
      .machine(.load), [place], width: size(first), to: block, at: self[first].address)
  }

  /// The value that was stored where a helper that is part of the region loads it from again, as it does
  /// with the registers that it keeps.
  private func restored(_ value: Instruction.ID, _ text: NumberText) -> Instruction.ID {
    guard self[value].operation == .machine(.load),
      self[value].block.map(text.region.contains) == true
    else { return value }
    let place = operand(0, of: value)
    let stores = text.region.flatMap { block in
      self[block].instructions.filter {
        self[$0].operation == .machine(.store) && operand(0, of: $0) == place
      }
    }
    guard stores.count == 1, size(operand(1, of: stores[0])) == size(value) else { return value }
    return operand(1, of: stores[0])
  }
}
