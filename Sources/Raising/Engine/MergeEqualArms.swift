import Basics
import IR

extension Function {
  /// Leaves one of two arms that do the same.
  ///
  /// ```
  /// if type(o) is str: x = getattr(o, n)
  /// else: x = getattr(o, n)                →     x = getattr(o, n)
  /// ```
  /// Helpers such as `__Pyx_GetAttr` have a faster way for some types, which means the same. Only a
  /// decision that no Python code sees is taken away.
  ///
  /// - Returns: whether anything changed.
  mutating func mergeEqualArms() -> Bool {
    var changed = false
    for block in reversePostorder() {
      guard case .branch(let condition, let first, let second) = self[block].terminator,
        first != second
      else { continue }
      if testsForNull(resolve(condition)), let value = returned(by: first, from: block),
        value == returned(by: second, from: block)
      {
        decideBranch(of: block, taken: true)
        changed = true
        continue
      }
      // Nobody notices a comparison of addresses either, if nothing comes of it.
      if comparesAddresses(resolve(condition)),
        isIdle(second, before: first, behind: block) || isIdle(first, before: second, behind: block)
      {
        decideBranch(of: block, taken: isIdle(second, before: first, behind: block))
        changed = true
        continue
      }
      guard isUnseen(resolve(condition), depth: 0) else { continue }
      if areEqual(first, second, behind: block) || isIdle(second, before: first, behind: block) {
        // The arm that other ways lead to stays.
        decideBranch(of: block, taken: self[second].predecessors == [block])
        changed = true
      } else if isIdle(first, before: second, behind: block) {
        decideBranch(of: block, taken: false)
        changed = true
      }
    }
    if changed { removeUnreachableBlocks() }
    return changed
  }

  /// Whether a decision compares a pointer with null, as the release of a variable does that may not be
  /// bound.
  private func testsForNull(_ id: Instruction.ID) -> Bool {
    guard let (opcode, value, zero) = machine(id), opcode == .equal || opcode == .notEqual else {
      return false
    }
    return constant(zero) == 0 && isWord(value)
  }

  private func comparesAddresses(_ id: Instruction.ID) -> Bool {
    guard let (opcode, value, other) = machine(id), opcode == .equal || opcode == .notEqual else {
      return false
    }
    return isWord(value) && isWord(other) && constant(other) ?? 0 != 0
  }

  /// What is returned if control takes an edge, unless anything happens before.
  private func returned(by target: Block.ID, from source: Block.ID) -> Instruction.ID? {
    var known: [Instruction.ID: Instruction.ID] = [:]
    var (previous, block) = (source, target)
    for _ in 0..<8 {
      guard let edge = self[block].predecessors.firstIndex(of: previous) else { return nil }
      for id in self[block].instructions {
        switch self[id].operation {
        case .phi:
          let operand = operand(edge, of: id)
          known[id] = known[operand] ?? operand
        case .referenceCount, .undefined: continue
        default: return nil
        }
      }
      switch self[block].terminator {
      case .jump(let next): (previous, block) = (block, next)
      case .return(let value):
        let value = resolve(value)
        return known[value] ?? value
      default: return nil
      }
    }
    return nil
  }

  /// Whether a decision is made of types and addresses alone.
  private func isUnseen(_ id: Instruction.ID, depth: Int) -> Bool {
    switch self[id].operation {
    case .constant, .python(.parameter): return true
    case .machine(.load): return depth > 0
    case .machine where self[id].block == nil && depth < 8:
      for operand in operands(of: id) where !isUnseen(operand, depth: depth + 1) { return false }
      return true
    default: return false
    }
  }

  private func areEqual(_ first: Block.ID, _ second: Block.ID, behind block: Block.ID) -> Bool {
    guard self[first].predecessors == [block] || self[second].predecessors == [block] else {
      return false
    }
    let (left, right) = (steps(of: first), steps(of: second))
    guard left.count == right.count else { return false }
    var twins: [Instruction.ID: Instruction.ID] = [:]
    for (one, other) in zip(left, right) {
      guard self[one].operation == self[other].operation, size(one) == size(other),
        areEqual(operands(of: one), operands(of: other), twins)
      else { return false }
      twins[one] = other
    }
    switch (self[first].terminator, self[second].terminator) {
    case (.return(let one), .return(let other)):
      return areEqual([resolve(one)], [resolve(other)], twins)
    case (.jump(let one), .jump(let other)) where one == other:
      return phis(of: one, areEqualFrom: first, second, twins)
    default: return false
    }
  }

  /// Whether an arm does nothing before it gets to where the other one leads at once.
  private func isIdle(_ arm: Block.ID, before join: Block.ID, behind block: Block.ID) -> Bool {
    guard self[arm].predecessors == [block], case .jump(join) = self[arm].terminator,
      steps(of: arm).isEmpty
    else { return false }
    return phis(of: join, areEqualFrom: arm, block, [:])
  }

  private func steps(of block: Block.ID) -> [Instruction.ID] {
    self[block].instructions.filter { id in
      switch self[id].operation {
      case .referenceCount, .undefined: false
      default: true
      }
    }
  }

  private func phis(
    of join: Block.ID, areEqualFrom first: Block.ID, _ second: Block.ID,
    _ twins: [Instruction.ID: Instruction.ID]
  ) -> Bool {
    guard let one = self[join].predecessors.firstIndex(of: first),
      let other = self[join].predecessors.firstIndex(of: second)
    else { return false }
    for id in self[join].instructions where isPhi(id) {
      guard areEqual([operand(one, of: id)], [operand(other, of: id)], twins) else { return false }
    }
    return true
  }

  private func areEqual(
    _ left: [Instruction.ID], _ right: [Instruction.ID], _ twins: [Instruction.ID: Instruction.ID]
  ) -> Bool {
    guard left.count == right.count else { return false }
    for (one, other) in zip(left, right) where one != other && twins[one] != other {
      guard case .machine = self[one].operation, self[one].block == nil, self[other].block == nil,
        self[one].operation == self[other].operation, size(one) == size(other),
        areEqual(operands(of: one), operands(of: other), twins)
      else { return false }
    }
    return true
  }
}

extension Raiser {
  /// Makes one of two phis of a block that merge the same values, unless they are two variables.
  ///
  /// Loops leave them that were tested at their ends.
  func mergeTwins() {
    var owners: [Instruction.ID: Int] = [:]
    for (index, variable) in locals.variables.enumerated() {
      for id in variable.phis + variable.values { owners[function.resolve(id)] = index }
    }
    var changed = false
    for block in function.reversePostorder() {
      var known: [[Instruction.ID]: Instruction.ID] = [:]
      for phi in function[block].instructions where function.isPhi(phi) {
        let values = function.operands(of: phi)
        guard let twin = known[values], function.size(twin) == function.size(phi) else {
          known[values] = phi
          continue
        }
        if owners[phi] == nil || owners[phi] == owners[twin] {
          function.forward(phi, to: twin)
        } else if owners[twin] == nil {
          function.forward(twin, to: phi)
          known[values] = phi
        } else {
          continue
        }
        changed = true
      }
    }
    guard changed else { return }
    function.removeForwarded()
    while function.removeTrivialPhis() {}
  }

  /// Merges what variables get in one place, which compilers do in steps.
  func joinMerges() {
    var owners: [Instruction.ID: Int] = [:]
    for (index, variable) in locals.variables.enumerated() {
      for id in variable.phis + variable.values { owners[function.resolve(id)] = index }
    }
    for _ in 0..<256 {
      let changed = function.mergePhiBlocks { phi, next in
        owners[phi] == nil || next.map { owners[$0] == owners[phi] } ?? false
      }
      guard changed else { break }
      _ = settle()
    }
  }
}
