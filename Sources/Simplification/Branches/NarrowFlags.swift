import Analysis
package import IR

extension Function {
  /// Replaces a flag by what a branch on it has shown, where ways meet.
  ///
  /// ```
  /// x = phi 0, 1                          x = phi 0, 1
  /// branch x == 0, …, b2             →    branch x == 0, …, b2
  /// y = phi (from b2) x                   y = phi (from b2) 1
  /// ```
  /// Compilers keep the answer of a test in the register of another variable that is known to have
  /// the same value there.
  ///
  /// - Returns: whether anything was replaced.
  package mutating func narrowFlags() -> Bool {
    var flags: [(value: Instruction.ID, shown: UInt64, arm: Block.ID)] = []
    for block in reversePostorder() {
      guard case .branch(let condition, let first, let second) = self[block].terminator,
        first != second, let (value, isZeroIfTaken) = testedForZero(resolve(condition))
      else { continue }
      for (arm, isZero) in [(first, isZeroIfTaken), (second, !isZeroIfTaken)]
      where self[arm].predecessors == [block] {
        guard let shown = isZero ? 0 : otherValue(ofFlag: value) else { continue }
        flags.append((value, shown, arm))
      }
    }
    guard !flags.isEmpty else { return false }
    let flow = ControlFlow(self)
    let dominators = DominatorTree(flow)
    var changed = false
    for (value, shown, arm) in flags {
      let start = flow.position(of: arm)
      for position in flow.order.indices where dominators.dominates(start, position) {
        if narrow(value, to: shown, behind: flow.order[position]) { changed = true }
      }
    }
    return changed
  }

  /// Counts with the number that a test has shown, where items are stored.
  ///
  /// ```
  /// branch x == 0, b1, b2                 branch x == 0, b1, b2
  /// store tuple + 24 + 8 * x (in b1) →    store tuple + 24
  /// ```
  /// Compilers take the register that was tested for the number of an item.
  ///
  /// - Returns: whether anything was replaced.
  package mutating func narrowPlaces() -> Bool {
    var tests: [(value: Instruction.ID, arm: Block.ID)] = []
    for block in reversePostorder() {
      guard let site = BranchSite(block, in: self), site.target != site.otherTarget,
        let tested = site.valueComparedWithNull(in: self), !isWord(tested) || pointerSize == 4,
        self[site.target].predecessors == [block]
      else { continue }
      tests.append((tested, site.target))
    }
    guard !tests.isEmpty else { return false }
    let flow = ControlFlow(self)
    let dominators = DominatorTree(flow)
    var changed = false
    for (position, block) in flow.order.enumerated() {
      for id in self[block].instructions where self[id].operation == .machine(.store) {
        let place = operand(0, of: id)
        for (value, arm) in tests where dominators.dominates(flow.position(of: arm), position) {
          let zero = constant(0, width: size(value))
          guard let narrow = replacing(value, by: zero, in: place, depth: 0), narrow != place else {
            continue
          }
          setOperands(of: id, [narrow, operand(1, of: id)])
          changed = true
        }
      }
    }
    return changed
  }

  /// A pure value with another value in the place of a part of it; nil if the part is not in it.
  private mutating func replacing(
    _ part: Instruction.ID, by other: Instruction.ID, in id: Instruction.ID, depth: Int
  ) -> Instruction.ID? {
    if id == part { return other }
    guard depth < 8, self[id].block == nil, let (opcode, left, right) = machine(id) else {
      return nil
    }
    let first = replacing(part, by: other, in: left, depth: depth + 1)
    guard operandCount(of: id) > 1 else {
      return first.map { unary(opcode, $0, width: size(id)) }
    }
    let second = replacing(part, by: other, in: right, depth: depth + 1)
    if first == nil, second == nil { return nil }
    return binary(opcode, first ?? left, second ?? right, width: size(id))
  }

  /// What a condition compares with zero.
  private func testedForZero(
    _ condition: Instruction.ID
  ) -> (value: Instruction.ID, isZeroIfTrue: Bool)? {
    guard let (opcode, left, right) = machine(condition), constant(right) == 0,
      opcode == .equal || opcode == .notEqual
    else { return nil }
    var value = left
    if let (inner, whole, position) = machine(left), inner == .extract, constant(position) == 0,
      otherValue(ofFlag: whole).map({ $0 <= Opcode.mask(size(left)) }) ?? false
    {
      value = whole
    }
    return isPhi(value) ? (value, opcode == .equal) : nil
  }

  /// The one value beside zero that a phi of constants has.
  private func otherValue(ofFlag phi: Instruction.ID) -> UInt64? {
    guard isPhi(phi) else { return nil }
    var other: UInt64?
    for operand in operands(of: phi) {
      guard let number = constant(operand) else { return nil }
      guard number != 0 else { continue }
      if let other, other != number { return nil }
      other = number
    }
    return other
  }

  private mutating func narrow(
    _ value: Instruction.ID, to shown: UInt64, behind block: Block.ID
  ) -> Bool {
    var changed = false
    for successor in Set(successors(of: block)) {
      for phi in self[successor].instructions where isPhi(phi) {
        var values = operands(of: phi)
        for (index, predecessor) in self[successor].predecessors.enumerated()
        where predecessor == block && values[index] == value {
          values[index] = constant(shown, width: size(value))
        }
        guard values != operands(of: phi) else { continue }
        setOperands(of: phi, values)
        changed = true
      }
    }
    return changed
  }
}
