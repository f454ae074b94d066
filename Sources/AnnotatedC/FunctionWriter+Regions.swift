import Analysis
import Basics
import IR
import Raising

/// The loops around a block, the innermost last.
struct LoopStack {
  struct Loop {
    let header: Int
    /// The block behind the loop.
    let follow: Int?
  }

  var loops: [Loop] = []
}

// Blocks as structured statements, after Norman Ramsey, *Beyond Relooper* (2022): what a block
// dominates is written with it, and where ways meet stands a label.
extension FunctionWriter {
  /// How deep regions may nest; deeper ones are written at the end.
  private static let deepest = 120

  /// The whole function's statements.
  func body() -> [CNode] {
    children = Array(repeating: [], count: shape.flow.order.count)
    for node in shape.flow.order.indices.dropFirst() {
      let parent = shape.dominators.immediate[node]
      if parent >= 0 { children[parent].append(node) }
    }
    var result = region(0, next: nil, LoopStack(), depth: 0)
    // What nests too deep, and what ways lead into that pass around its dominator.
    for node in shape.flow.order.indices where !placed.contains(node) {
      result += region(node, next: nil, LoopStack(), depth: 0)
    }
    return result
  }

  private func isHeader(_ node: Int) -> Bool {
    shape.flow.predecessors[node].contains { shape.dominators.dominates(node, $0) }
  }

  /// Whether ways meet at a block.
  private func isMerge(_ node: Int) -> Bool {
    shape.flow.predecessors[node].count { $0 < node } > 1
  }

  /// The blocks of the loop at a header.
  private func loopBody(_ header: Int) -> Set<Int> {
    var body: Set<Int> = [header]
    var pending = shape.flow.predecessors[header].filter { shape.dominators.dominates(header, $0) }
    while let node = pending.popLast() {
      if body.insert(node).inserted { pending += shape.flow.predecessors[node] }
    }
    return body
  }

  private func region(
    _ node: Int, next: Int?, _ loops: LoopStack, depth: Int
  ) -> [CNode] {
    guard placed.insert(node).inserted else { return [] }
    let merges = children[node].filter(isMerge).sorted()
    guard isHeader(node) else {
      return [.label(node)] + ownNodes(node, next: merges.first ?? next, loops, depth)
        + sequence(merges, next: next, loops, depth)
    }
    let body = loopBody(node)
    let inside = merges.filter(body.contains)
    let outside = merges.filter { !body.contains($0) }
    var inner = loops
    inner.loops.append(.init(header: node, follow: outside.first ?? next))
    var result: [CNode] = [.label(node)]
    result.append(
      .loop(
        ownNodes(node, next: inside.first ?? node, inner, depth)
          + sequence(inside, next: node, inner, depth)))
    return result + sequence(outside, next: next, loops, depth)
  }

  private func sequence(
    _ merges: [Int], next: Int?, _ loops: LoopStack, _ depth: Int
  ) -> [CNode] {
    var result: [CNode] = []
    for (index, merge) in merges.enumerated() {
      let after = index + 1 < merges.count ? merges[index + 1] : next
      result += region(merge, next: after, loops, depth: depth)
    }
    return result
  }

  /// A block's own steps and the way out of it.
  private func ownNodes(_ node: Int, next: Int?, _ loops: LoopStack, _ depth: Int) -> [CNode] {
    let (steps, condition) = statements(ofBlock: node)
    var result = steps
    let block = shape.flow.order[node]
    switch raiser.function[block].terminator {
    case .jump(let target): result += way(node, target, 0, next, loops, depth)
    case .branch(_, let taken, let other):
      result.append(
        .branch(
          condition: condition.text, line: condition.line,
          way(node, taken, 0, next, loops, depth), way(node, other, 1, next, loops, depth)))
    case .choose(_, let table):
      result += choice(node, raiser.function[table].targets, condition, next, loops, depth)
    case .return:
      result.append(.line("return \(condition.text);", condition.line))
    case .unreachable:
      if !endsInRaise(block) { result.append(.line("P_UNREACHABLE();", nil)) }
    }
    return result
  }

  private func endsInRaise(_ block: Block.ID) -> Bool {
    switch raiser.function[block].instructions.last.map({ raiser.function[$0].operation }) {
    case .python(.raise), .python(.failAssertion), .python(.readUnbound), .python(.resume): true
    default: false
    }
  }

  /// A jump through a table as a chain of tests.
  private func choice(
    _ node: Int, _ targets: [Block.ID], _ value: (text: String, line: Int?), _ next: Int?,
    _ loops: LoopStack, _ depth: Int
  ) -> [CNode] {
    var result: [CNode] = [.line("P_CHOOSE(\(value.text));", value.line)]
    for (index, target) in targets.enumerated() {
      let arm = way(node, target, index, nil, loops, depth + 1)
      if index == targets.count - 1 {
        result += arm
      } else {
        result.append(.branch(condition: "P_CHOSEN(\(index))", line: nil, arm, []))
      }
    }
    return result
  }

  /// The way from a block to one that it leads to: assignments to its phis, then the block or a jump.
  private func way(
    _ node: Int, _ target: Block.ID, _ arm: Int, _ next: Int?, _ loops: LoopStack, _ depth: Int
  ) -> [CNode] {
    let to = shape.flow.position(of: target)
    var result = copies(from: shape.flow.order[node], to: target, arm)
    let isOwn = shape.dominators.immediate[to] == node && !isMerge(to) && to > node
    if isOwn, !placed.contains(to), depth < Self.deepest {
      return result + region(to, next: next, loops, depth: depth + 1)
    }
    if to == next { return result }
    if let loop = loops.loops.last {
      if loop.header == to { return result + [.continue] }
      if loop.follow == to { return result + [.break] }
    }
    result.append(.go(to))
    return result
  }

  /// The assignments that phis are on an edge.
  private func copies(from: Block.ID, to: Block.ID, _ arm: Int) -> [CNode] {
    let block = raiser.function[to]
    // A block whose arms both lead there is listed twice.
    let successors = raiser.function.successors(of: from)
    let number = successors[..<min(arm, successors.count)].count { $0 == to }
    let places = block.predecessors.indices.filter { block.predecessors[$0] == from }
    guard number < places.count else { return [] }
    var moves: [(target: Instruction.ID, source: CExpression, reads: Set<String>)] = []
    for phi in block.instructions.prefix(while: { raiser.function.isPhi($0) })
    where (shape.uses[phi] ?? 0) > 0 {
      let operands = raiser.function.operands(of: phi)
      guard places[number] < operands.count else { continue }
      let operand = operands[places[number]]
      guard raiser.isWritten(operand) else { continue }
      let reads = shape.leaves(of: [operand], raiser).compactMap { variables[$0] }
      let source = expression(operand).cast(to: type(of: phi))
      if source.text != variable(phi) { moves.append((phi, source, Set(reads))) }
    }
    var result: [CNode] = []
    while !moves.isEmpty {
      if let index = moves.indices.first(where: { index in
        !moves.indices.contains {
          $0 != index && moves[$0].reads.contains(variable(moves[index].target))
        }
      }) {
        let move = moves.remove(at: index)
        result.append(.line("\(variable(move.target)) = \(move.source.text);", nil))
      } else {
        // A circle: one of its values is kept aside.
        let held = moves[0]
        swaps += 1
        let name = "swap\(swaps)"
        declared.append((name, type(of: held.target)))
        result.append(.line("\(name) = \(held.source.text);", nil))
        moves[0].source = CExpression(text: name, type: held.source.type)
        moves[0].reads = []
      }
    }
    return result
  }
}
