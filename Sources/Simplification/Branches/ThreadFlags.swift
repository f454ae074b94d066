import Analysis
import Basics
package import IR

extension Function {
  /// Leads control around a block that only asks which way it came.
  ///
  /// ```
  /// A: goto C          B: goto C                    A: goto D
  /// C: x = phi 0, 1; if x: goto D else: goto E  →   B: goto E
  /// ```
  /// Helpers that return a code, such as `__Pyx_dict_iter_next`, leave such blocks when they are
  /// inlined.
  ///
  /// - Returns: whether anything changed.
  package mutating func threadFlags() -> Bool {
    var changed = false
    for block in reversePostorder() {
      if isFlagApart(block) { joinWithNext(block) }
      guard let ways = flagWays(block), let values = valuesBehind(ways, phisOf: block) else {
        continue
      }
      for change in values { change.apply(to: &self) }
      for (predecessor, target) in zip(self[block].predecessors, ways) {
        redirect(predecessor, around: block, to: target)
      }
      changed = true
    }
    if changed { removeUnreachableBlocks() }
    return changed
  }

  /// Whether a block only merges values, one of them out of two numbers, and the next one asks for it.
  private func isFlagApart(_ block: Block.ID) -> Bool {
    guard case .jump(let next) = self[block].terminator, case .branch = self[next].terminator,
      self[next].instructions.isEmpty, self[block].predecessors.count == 2,
      self[block].instructions.allSatisfy({ isPhi($0) })
    else { return false }
    return self[block].instructions.contains { phi in
      operands(of: phi).allSatisfy { constant($0) != nil }
    }
  }

  /// Where control goes on for the two predecessors of a block, if each decides the block's branch.
  private func flagWays(_ block: Block.ID) -> [Block.ID]? {
    guard case .branch(let condition, let first, let second) = self[block].terminator,
      first != second, self[block].predecessors.count == 2,
      self[first].predecessors == [block], self[second].predecessors == [block]
    else { return nil }
    for id in self[block].instructions where !isPhi(id) { return nil }
    for predecessor in self[block].predecessors {
      guard successors(of: predecessor).count(where: { $0 == block }) == 1 else { return nil }
    }
    var ways: [Block.ID] = []
    for index in 0..<2 {
      guard let value = decided(resolve(condition), block, index, depth: 0) else { return nil }
      ways.append(value != 0 ? first : second)
    }
    return Set(ways).count == 2 ? ways : nil
  }

  /// The number that a pure value has if control comes into a block along one edge.
  private func decided(
    _ id: Instruction.ID, _ block: Block.ID, _ edge: Int, depth: Int
  ) -> UInt64? {
    if let number = constant(id) { return number }
    if isPhi(id) {
      guard self[id].block == block else { return nil }
      return constant(operand(edge, of: id))
    }
    guard depth < 6, let (opcode, left, right) = machine(id) else { return nil }
    guard let first = decided(left, block, edge, depth: depth + 1) else { return nil }
    switch opcode {
    case .booleanNot: return first == 0 ? 1 : 0
    case .extract, .zeroExtend: return constant(right) == 0 || opcode == .zeroExtend ? first : nil
    case .equal, .notEqual:
      guard let second = decided(right, block, edge, depth: depth + 1) else { return nil }
      return (first == second) == (opcode == .equal) ? 1 : 0
    default: return nil
    }
  }

  /// What takes the place of a phi, or of one of its readers' operands.
  private enum Replacement {
    case value(of: Instruction.ID, Instruction.ID)
    case operand(of: Instruction.ID, Int, Instruction.ID)
    case end(of: Block.ID, Instruction.ID)

    func apply(to function: inout Function) {
      switch self {
      case .value(let phi, let value): function.forward(phi, to: value)
      case .operand(let reader, let index, let value):
        var operands = function.operands(of: reader)
        operands[index] = value
        function.setOperands(of: reader, operands)
      case .end(let block, let value): function.setValue(ofTerminator: block, to: value)
      }
    }
  }

  /// What the phis of a block are behind the ways on which they are read; nil if one is read where the
  /// ways have met again.
  private func valuesBehind(_ ways: [Block.ID], phisOf block: Block.ID) -> [Replacement]? {
    let flow = ControlFlow(self)
    let dominators = DominatorTree(flow)
    let targets = ways.map { flow.position(of: $0) }
    var result: [Replacement] = []
    for phi in self[block].instructions {
      var edges: Set<Int> = []
      var direct: [Replacement] = []
      var isDirect = true
      for (position, reader) in flow.order.enumerated() where reader != block {
        for (step, index, place) in places(of: phi, in: reader, position, flow) {
          guard let way = targets.firstIndex(where: { dominators.dominates($0, place) }) else {
            return nil
          }
          edges.insert(way)
          if let step, operand(index, of: step) == phi {
            direct.append(.operand(of: step, index, operand(way, of: phi)))
          } else if step == nil, self[reader].terminator.value.map({ resolve($0) }) == phi {
            direct.append(.end(of: reader, operand(way, of: phi)))
          } else {
            isDirect = false
          }
        }
      }
      if edges.count < 2 {
        result.append(.value(of: phi, operand(edges.first ?? 0, of: phi)))
      } else {
        guard isDirect, operands(of: phi).allSatisfy({ !isPhi($0) || self[$0].block != block })
        else { return nil }
        result += direct
      }
    }
    return result
  }

  /// Where a block reads a value: the step and which operand, and the place as a position in the flow;
  /// phis read at the end of a predecessor.
  private func places(
    of value: Instruction.ID, in block: Block.ID, _ position: Int, _ flow: ControlFlow
  ) -> [(step: Instruction.ID?, operand: Int, place: Int)] {
    var result: [(step: Instruction.ID?, operand: Int, place: Int)] = []
    for id in self[block].instructions {
      for (index, operand) in operands(of: id).enumerated() where depends(operand, on: value) {
        let place = isPhi(id) ? flow.position(of: self[block].predecessors[index]) : position
        result.append((id, index, place))
      }
    }
    if let read = self[block].terminator.value, depends(resolve(read), on: value) {
      result.append((nil, 0, position))
    }
    return result
  }

  /// Whether a value is another one or computed from it.
  private func depends(_ id: Instruction.ID, on value: Instruction.ID) -> Bool {
    if id == value { return true }
    guard case .machine = self[id].operation, self[id].block == nil else { return false }
    for operand in operands(of: id) where depends(operand, on: value) { return true }
    return false
  }
}
