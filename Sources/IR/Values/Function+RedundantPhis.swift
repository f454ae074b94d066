import Basics

extension Function {
  /// Replaces phis that only merge each other and one more value.
  ///
  /// ```
  /// %5 = phi %1, %6     %6 = phi %5, %5, %1     →     both are %1
  /// ```
  /// The algorithm is that of Braun and others, *Simple and Efficient Construction of Static Single
  /// Assignment Form* (2013), section 3.2, without the recursion: callers repeat it.
  ///
  /// - Returns: whether any phi was replaced.
  package mutating func removeRedundantPhis() -> Bool {
    var phis: [Instruction.ID] = []
    for block in blocks.ids {
      for id in blocks[block].instructions where isPhi(id) { phis.append(id) }
    }
    guard phis.count > 1 else { return false }
    var changed = false
    for component in components(of: phis) where component.count > 1 {
      let members = Set(component)
      var outer: Set<Instruction.ID> = []
      for phi in component {
        for operand in operands(of: phi) where !members.contains(operand) { outer.insert(operand) }
      }
      guard outer.count == 1, let only = outer.first,
        component.allSatisfy({ size($0) == size(only) })
      else { continue }
      for phi in component { forward(phi, to: only) }
      changed = true
    }
    if changed { removeForwarded() }
    return changed
  }

  /// The strongly connected components of the phis, by Tarjan's algorithm.
  private func components(of phis: [Instruction.ID]) -> [[Instruction.ID]] {
    var numbers: [Instruction.ID: Int] = [:]
    var lows: [Instruction.ID: Int] = [:]
    var isOnStack: Set<Instruction.ID> = []
    var stack: [Instruction.ID] = []
    var result: [[Instruction.ID]] = []
    for root in phis where numbers[root] == nil {
      var walk: [(phi: Instruction.ID, next: Int)] = [(root, 0)]
      while let (phi, next) = walk.popLast() {
        if next == 0 {
          numbers[phi] = numbers.count
          lows[phi] = numbers[phi]
          stack.append(phi)
          isOnStack.insert(phi)
        } else {
          // The operand before was walked.
          lows[phi] = min(lows[phi] ?? 0, lows[operand(next - 1, of: phi)] ?? .max)
        }
        var index = next
        var descends = false
        while index < operandCount(of: phi), !descends {
          let inner = operand(index, of: phi)
          index += 1
          guard isPhi(inner) else { continue }
          if numbers[inner] == nil {
            walk.append((phi, index))
            walk.append((inner, 0))
            descends = true
          } else if isOnStack.contains(inner) {
            lows[phi] = min(lows[phi] ?? 0, numbers[inner] ?? .max)
          }
        }
        guard !descends, lows[phi] == numbers[phi] else { continue }
        var component: [Instruction.ID] = []
        while let member = stack.popLast() {
          isOnStack.remove(member)
          component.append(member)
          if member == phi { break }
        }
        result.append(component)
      }
    }
    return result
  }
}
