import Basics
package import IR

extension Function {
  /// Makes two phis of one that is only read by halves.
  ///
  /// ```
  /// x:8 = phi %1, concatenate(extract4(%2, 4), %3:4)         x:4 = phi extract4(%1, 0), %3
  /// y:4 = extract4(x, 0)                                 →   y:4 = x
  /// ```
  /// C's `int` takes half of a place in the frame in which pointers are kept as well, so that the other
  /// half is left over from before.
  ///
  /// - Returns: whether there was one.
  package mutating func splitHalves() -> Bool {
    let reached = phisReadByHalves().sorted()
    guard !reached.isEmpty else { return false }
    var halves: [Instruction.ID: (low: Instruction.ID, high: Instruction.ID)] = [:]
    for phi in reached {
      guard let block = self[phi].block else { continue }
      halves[phi] = (appendPhi(width: 4, to: block), appendPhi(width: 4, to: block))
    }
    for phi in reached {
      guard let (low, high) = halves[phi] else { continue }
      let values = operands(of: phi)
      setOperands(of: low, values.map { half($0, at: 0, halves) })
      setOperands(of: high, values.map { half($0, at: 4, halves) })
    }
    for id in instructionIDs {
      guard let (opcode, whole, position) = machine(id), opcode == .extract,
        let (low, high) = halves[whole], let place = constant(position)
      else { continue }
      let part = place < 4 ? low : high
      let rest = place % 4
      if rest == 0, size(id) == 4 {
        forward(id, to: part)
      } else {
        let number = constant(rest, width: size(operand(1, of: id)))
        forward(id, to: binary(.extract, part, number, width: size(id)))
      }
    }
    removeForwarded()
    removeDead()
    return true
  }

  private func isJoined(_ id: Instruction.ID) -> Bool {
    guard let (opcode, high, low) = machine(id), opcode == .concatenate else { return false }
    return size(high) == 4 && size(low) == 4
  }

  /// The phis of eight bytes of which nothing is read but halves, or parts of these.
  private func phisReadByHalves() -> Set<Instruction.ID> {
    let live = liveValues()
    var split: Set<Instruction.ID> = []
    var readers: [(phi: Instruction.ID, operands: [Instruction.ID])] = []
    for id in instructionIDs where live.contains(id) && isPhi(id) && size(id) == 8 {
      split.insert(id)
      readers.append((id, operands(of: id)))
    }
    for block in reversePostorder() {
      for id in self[block].instructions where !isPhi(id) {
        for operand in operands(of: id) { split.remove(operand) }
      }
      if let value = self[block].terminator.value { split.remove(resolve(value)) }
    }
    for id in instructionIDs where live.contains(id) && self[id].block == nil {
      if let (opcode, _, position) = machine(id), opcode == .extract,
        let place = constant(position),
        place < 8, place / 4 == (place + UInt64(max(size(id), 1)) - 1) / 4
      {
        continue
      }
      for operand in operands(of: id) { split.remove(operand) }
    }
    var changed = true
    while changed {
      changed = false
      for (phi, operands) in readers where !split.contains(phi) {
        for operand in operands where split.remove(operand) != nil { changed = true }
      }
    }
    return split
  }

  private mutating func half(
    _ id: Instruction.ID, at place: UInt64,
    _ halves: [Instruction.ID: (low: Instruction.ID, high: Instruction.ID)]
  ) -> Instruction.ID {
    if let (low, high) = halves[id] { return place == 0 ? low : high }
    if isJoined(id), let (_, high, low) = machine(id) { return place == 0 ? low : high }
    if let (opcode, inner, _) = machine(id), opcode == .zeroExtend, size(inner) == 4 {
      return place == 0 ? inner : constant(0, width: 4)
    }
    if let number = constant(id) {
      return constant((number >> (place * 8)) & 0xFFFF_FFFF, width: 4)
    }
    return binary(.extract, id, constant(place, width: 4), width: 4)
  }
}
