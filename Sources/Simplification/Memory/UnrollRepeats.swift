package import IR

extension Function {
  /// Writes out the rounds of an instruction that repeats itself a known number of times.
  ///
  /// ```
  /// p = phi stack+32, p + 4                        store stack+32, 0
  /// n = phi 6, n - 1                          →    store stack+40, 0
  /// branch n == 0 … store p, 0:4                   store stack+48, 0
  /// ```
  /// Compilers that save space clear and copy what lies on the stack by `rep stos` and `rep movs`.
  ///
  /// - Returns: whether any was written out.
  package mutating func unrollRepeats(wordSize: Int) -> Bool {
    var changed = false
    for block in reversePostorder() {
      guard let loop = repeated(at: block) else { continue }
      unroll(loop, wordSize)
      changed = true
    }
    if changed {
      removeUnreachableBlocks()
      while removeTrivialPhis() {}
      removeForwarded()
    }
    return changed
  }

  /// A loop of one instruction.
  private struct RepeatedInstruction {
    let before: Block.ID
    let header: Block.ID
    let body: Block.ID
    /// What each phi of the header starts with and goes on with.
    let phis: [(phi: Instruction.ID, first: Instruction.ID, next: Instruction.ID)]
    let count: Int
    /// Whether control leaves where the condition holds.
    let leavesIfTaken: Bool
  }

  private static let mostRounds: UInt64 = 128

  private func repeated(at header: Block.ID) -> RepeatedInstruction? {
    let predecessors = self[header].predecessors
    guard predecessors.count == 2,
      case .branch(let condition, let first, let second) =
        self[header].terminator,
      let body = predecessors.first(where: { $0 == first || $0 == second }), body != header,
      let before = predecessors.first(where: { $0 != body }), before != header,
      self[body].predecessors == [header], self[body].terminator == .jump(header),
      self[before].terminator == .jump(header), first != second,
      self[header].instructions.allSatisfy({ isPhi($0) }), isCopying(body),
      let (opcode, counter, zero) = machine(resolve(condition)), constant(zero) == 0,
      opcode == .equal && second == body || opcode == .notEqual && first == body
    else { return nil }
    let start = predecessors[0] == before ? 0 : 1
    let phis = self[header].instructions.map {
      (phi: $0, first: operand(start, of: $0), next: operand(1 - start, of: $0))
    }
    guard let entry = phis.first(where: { $0.phi == counter }),
      let count = constant(entry.first), count <= Self.mostRounds,
      let (step, base, distance) = machine(entry.next), step == .add, base == counter,
      constant(distance) == Opcode.mask(size(counter))
    else { return nil }
    return RepeatedInstruction(
      before: before, header: header, body: body, phis: phis, count: Int(count),
      leavesIfTaken: second == body)
  }

  /// Whether a block does nothing but copy.
  private func isCopying(_ block: Block.ID) -> Bool {
    let steps = self[block].instructions
    return !steps.isEmpty && steps.count <= 2
      && steps.allSatisfy {
        self[$0].operation == .machine(.load) || self[$0].operation == .machine(.store)
      }
  }

  private mutating func unroll(_ loop: RepeatedInstruction, _ wordSize: Int) {
    var values: [Instruction.ID: Instruction.ID] = [:]
    for entry in loop.phis { values[entry.phi] = entry.first }
    let isFilled = fill(loop, wordSize) || copy(loop, wordSize)
    for _ in 0..<loop.count {
      if !isFilled {
        for id in self[loop.body].instructions {
          let operands = operands(of: id).map { value(of: $0, values, depth: 0) }
          values[id] = append(
            self[id].operation, operands, width: size(id), to: loop.before, at: self[id].address)
        }
      }
      let next = loop.phis.map { value(of: $0.next, values, depth: 0) }
      for (entry, value) in zip(loop.phis, next) { values[entry.phi] = value }
    }
    decideBranch(of: loop.header, taken: loop.leavesIfTaken)
    removeUnreachableBlocks()
    for entry in loop.phis {
      setOperands(of: entry.phi, [values[entry.phi] ?? entry.first])
    }
  }

  /// Clears memory in whole words, if that is what the loop does.
  private mutating func fill(_ loop: RepeatedInstruction, _ wordSize: Int) -> Bool {
    let steps = self[loop.body].instructions
    guard steps.count == 1, self[steps[0]].operation == .machine(.store) else { return false }
    let (place, value) = (operand(0, of: steps[0]), operand(1, of: steps[0]))
    let width = size(value)
    guard constant(value) == 0, let entry = loop.phis.first(where: { $0.phi == place }),
      case let (base, distance) = offset(entry.next), base == place, distance == UInt64(width)
    else { return false }
    for (position, piece) in pieces(of: loop.count * width, wordSize, width) {
      let target = address(entry.first, position, wordSize)
      let zero = constant(0, width: piece)
      append(
        .machine(.store), [target, zero], width: 0, to: loop.before, at: self[steps[0]].address)
    }
    return true
  }

  /// Copies memory in whole words, if that is what the loop does: half words of pointers tell nothing.
  private mutating func copy(_ loop: RepeatedInstruction, _ wordSize: Int) -> Bool {
    let steps = self[loop.body].instructions
    guard steps.count == 2, self[steps[0]].operation == .machine(.load),
      self[steps[1]].operation == .machine(.store), operand(1, of: steps[1]) == steps[0]
    else { return false }
    let width = size(steps[0])
    var starts: [Instruction.ID] = []
    for place in [operand(0, of: steps[0]), operand(0, of: steps[1])] {
      guard let entry = loop.phis.first(where: { $0.phi == place }),
        case let (base, distance) = offset(entry.next), base == place, distance == UInt64(width)
      else { return false }
      starts.append(entry.first)
    }
    for (position, piece) in pieces(of: loop.count * width, wordSize, width) {
      let source = address(starts[0], position, wordSize)
      let value = append(
        .machine(.load), [source], width: piece, to: loop.before, at: self[steps[0]].address)
      let target = address(starts[1], position, wordSize)
      append(
        .machine(.store), [target, value], width: 0, to: loop.before, at: self[steps[1]].address)
    }
    return true
  }

  /// Where the words of some bytes begin, and how wide they are; what is left over goes piece by piece.
  private func pieces(
    of bytes: Int, _ wordSize: Int, _ width: Int
  ) -> [(position: Int, width: Int)] {
    var result: [(position: Int, width: Int)] = []
    var position = 0
    while position < bytes {
      let piece = bytes - position >= wordSize ? max(wordSize, width) : width
      result.append((position, piece))
      position += piece
    }
    return result
  }

  private mutating func address(
    _ start: Instruction.ID, _ position: Int, _ wordSize: Int
  ) -> Instruction.ID {
    let distance = constant(UInt64(position), width: wordSize)
    return binary(.add, start, distance, width: wordSize)
  }

  /// A value as it is in one round.
  private mutating func value(
    of id: Instruction.ID, _ values: [Instruction.ID: Instruction.ID], depth: Int
  ) -> Instruction.ID {
    let id = resolve(id)
    if let known = values[id] { return known }
    guard self[id].block == nil, depth < 16, case .machine(let opcode) = self[id].operation else {
      return id
    }
    let operands = operands(of: id)
    let parts = operands.map { value(of: $0, values, depth: depth + 1) }
    guard parts != operands else { return id }
    switch parts.count {
    case 1: return unary(opcode, parts[0], width: size(id))
    case 2: return binary(opcode, parts[0], parts[1], width: size(id))
    default: return id
    }
  }
}
