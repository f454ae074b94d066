import Analysis
import IR

extension Function {
  /// Replaces what does not get to its readers any more because control was led past it.
  ///
  /// ```
  /// b1: %5 = call …; jump b3
  /// b2: jump b3                →
  /// b3: return %5                  b3: return undefined
  /// ```
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
      let nothing = undefined(width: size(resolve(value)))
      setValue(ofTerminator: block, to: nothing)
    }
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
