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
      guard let value = self[block].terminator.value.map({ resolve($0) }),
        !arrives(value, at: position, flow, dominators, depth: 0)
      else { continue }
      var arriving = ArrivingValues()
      let rest = valueArriving(value, at: block, flow, dominators, &arriving)
      while let (phi, block) = arriving.open.popLast() {
        var operands: [Instruction.ID] = []
        for source in self[block].predecessors {
          operands.append(valueArriving(value, at: source, flow, dominators, &arriving))
        }
        setOperands(of: phi, operands)
      }
      let comes = arriving.comes
      let nothing = undefined(width: size(value))
      setValue(ofTerminator: block, to: comes ? rest : nothing)
    }
  }

  /// A value where it comes to the end of a block, merged with null where ways meet that it does not come
  /// along.
  private mutating func valueArriving(
    _ value: Instruction.ID, at block: Block.ID, _ flow: ControlFlow,
    _ dominators: DominatorTree, _ arriving: inout ArrivingValues
  ) -> Instruction.ID {
    var passed: Set<Block.ID> = []
    var current = block
    var result = constant(0, width: size(value))
    while passed.insert(current).inserted {
      if let known = arriving.merged[current] {
        result = known
        break
      }
      let position = flow.position(of: current)
      if position >= 0, self[value].block != nil,
        arrives(value, at: position, flow, dominators, depth: 0)
      {
        arriving.comes = true
        result = value
        break
      }
      let sources = self[current].predecessors
      guard let source = sources.first else { break }
      guard sources.count == 1 else {
        result = appendPhi(width: size(value), to: current)
        arriving.open.append((result, current))
        break
      }
      current = source
    }
    for block in passed { arriving.merged[block] = result }
    return result
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

/// What is known of the ways that a value comes along.
private struct ArrivingValues {
  /// The value or what is merged with it at the ends of blocks.
  var merged: [Block.ID: Instruction.ID] = [:]
  /// Phis that have no operands yet.
  var open: [(phi: Instruction.ID, block: Block.ID)] = []
  /// Whether the value comes along any way.
  var comes = false
}
