import Analysis
import IR
import Simplification

// Tests for null of what one way into a block has made null.
extension Raiser {
  /// Leads control past a test that the way to it has answered.
  ///
  /// ```
  /// A: goto C                                              A: goto D
  /// B: goto C                                              B: goto E
  /// C: x = phi 0, %1; if x == 0: goto D else: goto E   →   D: …
  /// ```
  /// `with` sets the method that it has called to null, so as not to call it again behind
  /// (`WithStatNode` in `Cython/Compiler/Nodes.py`).
  ///
  /// - Returns: whether anything changed.
  func threadNullTests() -> Bool {
    for block in function.reversePostorder() {
      guard let site = BranchSite(block, in: function), site.target != site.otherTarget,
        let tested = site.valueComparedWithNull(in: function), function.isPhi(tested),
        function[tested].block == block,
        function[block].instructions.allSatisfy({ function.isPhi($0) })
      else { continue }
      let values = function.operands(of: tested)
      let isKnown = values.allSatisfy { isNull($0) || isObject($0) }
      guard isKnown, values.contains(where: { isNull($0) }) else { continue }
      if values.allSatisfy({ isNull($0) }) {
        function.decideBranch(of: block, taken: site.condition.isPositive)
      } else {
        guard let edge = values.firstIndex(where: { isNull($0) }),
          thread(function[block].predecessors[edge], through: block, to: site.target)
        else { continue }
        let isLast = values.indices.allSatisfy { $0 == edge || isObject(values[$0]) }
        if isLast { function.decideBranch(of: block, taken: !site.condition.isPositive) }
      }
      function.removeUnreachableBlocks()
      while function.removeTrivialPhis() {}
      function.removeForwarded()
      return true
    }
    return false
  }

  /// Leads control past a test of a number that the branch before has asked about.
  ///
  /// ```
  /// A: if %1 == 0: goto B else: goto C                A: if %1 == 0: goto B else: goto E
  /// B: %2 = f(); goto C                               B: %2 = f(); if %2 == 0: goto D else: goto E
  /// C: x = phi %1, %2; if x == 0: goto D else: goto E
  /// ```
  /// So does `isinstance(x, (A, B))` where the classes are released in between
  /// (`_handle_simple_function_isinstance` in `Cython/Compiler/Optimize.py`).
  ///
  /// - Returns: whether anything changed.
  func threadAnsweredTests() -> Bool {
    for block in function.reversePostorder() {
      guard let site = BranchSite(block, in: function), site.target != site.otherTarget,
        let tested = site.valueComparedWithNull(in: function), function.isPhi(tested),
        function[tested].block == block,
        function[block].instructions.allSatisfy({ function.isPhi($0) })
      else { continue }
      for (edge, value) in function.operands(of: tested).enumerated() {
        let source = function[block].predecessors[edge]
        guard let asked = BranchSite(source, in: function), asked.target != asked.otherTarget,
          asked.valueComparedWithNull(in: function) == value,
          threadUnread(
            source, through: block, to: asked.target == block ? site.target : site.otherTarget)
        else { continue }
        function.removeUnreachableBlocks()
        while function.removeTrivialPhis() {}
        function.removeForwarded()
        return true
      }
    }
    return false
  }

  /// Leads the edge from one predecessor of a block past it, if nothing reads the block's phis but its own
  /// test and the phis behind it.
  private func threadUnread(
    _ source: Block.ID, through block: Block.ID, to target: Block.ID
  ) -> Bool {
    guard function.successors(of: source).count(where: { $0 == block }) == 1,
      !function[target].predecessors.contains(source), target != block,
      let edge = function[block].predecessors.firstIndex(of: source),
      let inner = function[target].predecessors.firstIndex(of: block)
    else { return false }
    let phis = function[block].instructions
    for place in function.reversePostorder() {
      for id in function[place].instructions {
        for (index, operand) in function.operands(of: id).enumerated() {
          let isMerged =
            function.isPhi(id) && function[place].predecessors.indices.contains(index)
            && function[place].predecessors[index] == block && phis.contains(operand)
          if !isMerged, phis.contains(where: { depends(operand, on: $0) }) { return false }
        }
      }
      if place != block, let read = function[place].terminator.value.map({ function.resolve($0) }),
        phis.contains(where: { depends(read, on: $0) })
      {
        return false
      }
    }
    let carried = phis.map { function.operand(edge, of: $0) }
    let values = function[target].instructions.filter { function.isPhi($0) }.map { phi in
      let value = function.operand(inner, of: phi)
      return phis.firstIndex(of: value).map { carried[$0] } ?? value
    }
    function.moveEdge(from: source, to: block, to: target, values)
    return true
  }

  /// Whether a value is an object for certain: control does not go on if the step that makes it fails.
  private func isObject(_ id: Instruction.ID) -> Bool {
    guard errorWays[id] != nil, !function.isPhi(id), case .python = function[id].operation
    else { return false }
    return isReference(id)
  }

  /// Leads the edge from one predecessor of a block past it, to one of its successors.
  ///
  /// What the block's phis merged is merged there with what comes along that edge.
  private func thread(
    _ source: Block.ID, through block: Block.ID, to target: Block.ID
  ) -> Bool {
    guard function.successors(of: source).count(where: { $0 == block }) == 1,
      !function[target].predecessors.contains(source), target != block,
      let edge = function[block].predecessors.firstIndex(of: source),
      let inner = function[target].predecessors.firstIndex(of: block),
      let readers = readers(ofPhisOf: block, behind: target)
    else { return false }
    let phis = function[block].instructions
    let isPair = function[block].predecessors.count == 2
    guard readers.allSatisfy({ $0.isDirect || $0.isBehind == isPair }) else { return false }
    let carried = phis.map { function.operand(edge, of: $0) }
    let others = phis.map { isPair ? function.operand(1 - edge, of: $0) : $0 }
    let values = function[target].instructions.filter { function.isPhi($0) }.map { phi in
      let value = function.operand(inner, of: phi)
      return phis.firstIndex(of: value).map { carried[$0] } ?? value
    }
    function.moveEdge(from: source, to: block, to: target, values)
    for (index, phi) in phis.enumerated() {
      let own = readers.filter { $0.value == phi }
      for reader in own where !reader.isBehind { replace(phi, by: others[index], in: reader) }
      guard own.contains(where: \.isBehind) else {
        if isPair { function.forward(phi, to: others[index]) }
        continue
      }
      let operands = function[target].predecessors.map {
        $0 == source ? carried[index] : others[index]
      }
      let merged = function.insertPhi(operands, width: function.size(phi), at: target)
      if isPair {
        function.forward(phi, to: merged)
      } else {
        for reader in own where reader.isBehind { replace(phi, by: merged, in: reader) }
      }
    }
    return true
  }

  /// A place where a phi of a block is read.
  private struct PhiReader {
    let value: Instruction.ID
    /// The step that reads it; nil if a block's end does.
    let step: Instruction.ID?
    let operand: Int
    let block: Block.ID
    /// Whether the value itself is read, rather than what is computed from it.
    let isDirect: Bool
    /// Whether control always comes through a certain block before.
    let isBehind: Bool
  }

  private func replace(_ value: Instruction.ID, by other: Instruction.ID, in reader: PhiReader) {
    guard value != other else { return }
    if let step = reader.step {
      var operands = function.operands(of: step)
      operands[reader.operand] = other
      function.setOperands(of: step, operands)
    } else {
      function.setValue(ofTerminator: reader.block, to: other)
    }
  }

  /// Where the phis of a block are read; nil if some are read where control gets both through a certain
  /// block and past it.
  private func readers(ofPhisOf block: Block.ID, behind target: Block.ID) -> [PhiReader]? {
    let phis = function[block].instructions
    let flow = ControlFlow(function)
    let dominators = DominatorTree(flow)
    let (start, end) = (flow.position(of: block), flow.position(of: target))
    guard dominators.dominates(start, end),
      function[target].predecessors.allSatisfy({
        dominators.dominates(start, flow.position(of: $0))
      })
    else { return nil }
    let passed = blocks(behind: target, before: block)
    var result: [PhiReader] = []
    func add(_ read: Instruction.ID, _ step: Instruction.ID?, _ index: Int, from: Block.ID) -> Bool
    {
      for value in phis where depends(read, on: value) {
        let isBehind = dominators.dominates(end, flow.position(of: from))
        guard isBehind || from == block || !passed.contains(from) else { return false }
        result.append(
          PhiReader(
            value: value, step: step, operand: index, block: from, isDirect: read == value,
            isBehind: isBehind))
      }
      return true
    }
    for place in flow.order {
      for id in function[place].instructions {
        for (index, operand) in function.operands(of: id).enumerated() {
          var from = place
          if function.isPhi(id) {
            guard function[place].predecessors.indices.contains(index) else { return nil }
            from = function[place].predecessors[index]
          }
          guard add(operand, id, index, from: from) else { return nil }
        }
      }
      guard place != block, let read = function[place].terminator.value else { continue }
      guard add(function.resolve(read), nil, 0, from: place) else { return nil }
    }
    return result
  }

  /// The blocks to which control gets from one without passing another one.
  private func blocks(behind start: Block.ID, before end: Block.ID) -> Set<Block.ID> {
    var reached: Set<Block.ID> = [start]
    var pending = [start]
    while let next = pending.popLast() {
      for successor in function.successors(of: next)
      where successor != end && reached.insert(successor).inserted {
        pending.append(successor)
      }
    }
    return reached
  }

  /// Whether a value is another one or computed from it.
  private func depends(_ id: Instruction.ID, on value: Instruction.ID) -> Bool {
    if id == value { return true }
    guard case .machine = function[id].operation, function[id].block == nil else { return false }
    return function.operands(of: id).contains { depends($0, on: value) }
  }
}
