import Analysis
import IR

extension Function {
  /// Replaces what does not get to its readers any more because control was led past it.
  ///
  /// ```
  /// b1: %5 = call …; jump b3
  /// b2: jump b3                →
  /// b3: %6 = neg %5                b3: %6 = neg undefined
  ///     return %5                      return phi %5, 0
  /// ```
  /// What is returned is null on the ways that it does not come along: the compiler took the register of
  /// a result for that of an error, where it had found it to be null.
  mutating func forgetLostValues() {
    let flow = ControlFlow(self)
    let dominators = DominatorTree(flow)
    for (position, block) in flow.order.enumerated() {
      for id in self[block].instructions {
        var operands = operands(of: id)
        var changed = false
        for index in operands.indices {
          let reader =
            isPhi(id)
            ? (index < self[block].predecessors.count
              ? flow.position(of: self[block].predecessors[index]) : -1)
            : position
          guard reader >= 0, !arrives(operands[index], at: reader, flow, dominators, depth: 0)
          else { continue }
          operands[index] = undefined(width: size(operands[index]))
          changed = true
        }
        if changed { setOperands(of: id, operands) }
      }
      guard let value = self[block].terminator.value,
        !arrives(resolve(value), at: position, flow, dominators, depth: 0)
      else { continue }
      var merged: [Block.ID: Instruction.ID] = [:]
      var comes = false
      let rest = valueArriving(resolve(value), at: block, flow, dominators, &merged, &comes)
      let nothing = undefined(width: size(resolve(value)))
      setValue(ofTerminator: block, to: comes ? rest : nothing)
    }
  }

  /// A value where it comes to the end of a block, merged with null where ways meet that it does not come
  /// along.
  private mutating func valueArriving(
    _ value: Instruction.ID, at block: Block.ID, _ flow: ControlFlow,
    _ dominators: DominatorTree, _ merged: inout [Block.ID: Instruction.ID], _ comes: inout Bool
  ) -> Instruction.ID {
    if let known = merged[block] { return known }
    let position = flow.position(of: block)
    if position >= 0, self[value].block != nil,
      arrives(value, at: position, flow, dominators, depth: 0)
    {
      comes = true
      return value
    }
    let sources = self[block].predecessors
    guard sources.count > 1, merged.count < 64 else {
      let null = constant(0, width: size(value))
      merged[block] = null
      guard sources.count == 1, merged.count < 64 else { return null }
      let only = valueArriving(value, at: sources[0], flow, dominators, &merged, &comes)
      merged[block] = only
      return only
    }
    let phi = appendPhi(width: size(value), to: block)
    merged[block] = phi
    var operands: [Instruction.ID] = []
    for source in sources {
      operands.append(valueArriving(value, at: source, flow, dominators, &merged, &comes))
    }
    setOperands(of: phi, operands)
    return phi
  }

  private func arrives(
    _ value: Instruction.ID, at reader: Int, _ flow: ControlFlow, _ dominators: DominatorTree,
    depth: Int
  ) -> Bool {
    guard let block = self[value].block else {
      guard depth < 8 else { return true }
      for operand in operands(of: value) {
        guard arrives(operand, at: reader, flow, dominators, depth: depth + 1) else { return false }
      }
      return true
    }
    let position = flow.position(of: block)
    return position >= 0 && dominators.dominates(position, reader)
  }
}
