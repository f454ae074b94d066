import Analysis
import Basics
import IR
import Raising

/// Which values of a function share a variable, since they are never needed at the same time.
///
/// What meets in a phi, and what evidence says is one variable of the source, shares one if it can; so
/// most phis need no assignment.
struct Coalescing {
  private var parents: [Instruction.ID: Instruction.ID] = [:]
  private var members: [Instruction.ID: [Instruction.ID]] = [:]
  private let liveness: Liveness
  /// The source's variables, by one of their values: a group's root has its label.
  private var labels: [Instruction.ID: Int] = [:]

  /// The most pairs of values that are compared: no group of a compiler's gets near.
  private static let limit = 64

  init(_ raiser: Raiser, _ shape: FunctionShape) {
    liveness = Liveness(raiser, shape)
    label(raiser, shape)
    for block in shape.flow.order {
      for id in raiser.function[block].instructions
      where raiser.function.isPhi(id) && shape.isRead(id) {
        for operand in raiser.function.operands(of: id) where shape.points[operand] != nil {
          unite(id, operand)
        }
      }
    }
    var first: [Int: Instruction.ID] = [:]
    for (id, number) in labels.sorted(by: { $0.key < $1.key }) {
      if let known = first[number] { unite(known, id) } else { first[number] = id }
    }
  }

  /// Tells which variable of the source values belong to; phis that are left are surest.
  private mutating func label(_ raiser: Raiser, _ shape: FunctionShape) {
    let rounds: [(LocalEvidence.Variable) -> [Instruction.ID]] = [
      { $0.phis.filter { raiser.function.isPhi(raiser.function.resolve($0)) } },
      \.values, \.phis,
    ]
    for round in rounds {
      for (number, variable) in raiser.locals.variables.enumerated() {
        for value in round(variable).map({ raiser.function.resolve($0) })
        where shape.points[value] != nil && labels[value] == nil {
          labels[value] = number
        }
      }
    }
  }

  /// The number of the source's variable that a value belongs to, if evidence tells.
  func variable(of id: Instruction.ID) -> Int? { labels[find(id)] }

  func find(_ id: Instruction.ID) -> Instruction.ID {
    var id = id
    while let parent = parents[id] { id = parent }
    return id
  }

  private mutating func unite(_ left: Instruction.ID, _ right: Instruction.ID) {
    let (a, b) = (find(left), find(right))
    guard a != b else { return }
    if let left = labels[a], let right = labels[b], left != right { return }
    let (first, second) = (members[a] ?? [a], members[b] ?? [b])
    guard first.count * second.count <= Self.limit * Self.limit,
      !first.contains(where: { left in second.contains { liveness.interfere(left, $0) } })
    else { return }
    let (root, other) = a < b ? (a, b) : (b, a)
    parents[other] = root
    members[root] = first + second
    members[other] = nil
    labels[root] = labels[root] ?? labels[other]
  }
}

/// Where values are still needed.
struct Liveness {
  private let shape: FunctionShape
  /// The blocks at whose end each value is needed.
  private var liveOut: [Instruction.ID: Set<Int>] = [:]
  /// The last place in each block at which a value is read.
  private var lastReads: [Instruction.ID: [Int: Int]] = [:]

  init(_ raiser: Raiser, _ shape: FunctionShape) {
    self.shape = shape
    var wanted: Set<Instruction.ID> = []
    for block in shape.flow.order {
      for id in raiser.function[block].instructions
      where raiser.function.isPhi(id) && shape.isRead(id) {
        wanted.insert(id)
        wanted.formUnion(raiser.function.operands(of: id).filter { shape.points[$0] != nil })
      }
    }
    for variable in raiser.locals.variables {
      wanted.formUnion(
        (variable.phis + variable.values).map { raiser.function.resolve($0) }
          .filter { shape.points[$0] != nil })
    }
    for id in wanted {
      for point in shape.readers[id] ?? [] { read(id, at: point) }
    }
    for block in shape.flow.order {
      for id in raiser.function[block].instructions
      where raiser.function.isPhi(id) && shape.isRead(id) {
        for (operand, predecessor) in zip(
          raiser.function.operands(of: id), raiser.function[block].predecessors)
        {
          let from = shape.flow.position(of: predecessor)
          guard from >= 0 else { continue }
          for leaf in shape.leaves(of: [operand], raiser) where wanted.contains(leaf) {
            leave(leaf, from: from)
          }
        }
      }
    }
  }

  private mutating func read(_ id: Instruction.ID, at point: FunctionShape.Point) {
    lastReads[id, default: [:]][point.block] = max(
      lastReads[id]?[point.block] ?? -1, point.index)
    guard let made = shape.points[id], made.block != point.block || made.index >= point.index
    else { return }
    for predecessor in shape.flow.predecessors[point.block] { leave(id, from: predecessor) }
  }

  /// Notes that a value is needed at the end of a block.
  private mutating func leave(_ id: Instruction.ID, from block: Int) {
    var pending = [block]
    let home = shape.points[id]?.block
    while let block = pending.popLast() {
      guard liveOut[id, default: []].insert(block).inserted, block != home else { continue }
      pending += shape.flow.predecessors[block]
    }
  }

  /// Whether a value is needed behind the step that makes another one.
  private func isLive(_ id: Instruction.ID, behind other: Instruction.ID) -> Bool {
    guard let point = shape.points[other], let made = shape.points[id] else { return false }
    let isMadeBefore =
      made.block != point.block
      ? shape.dominators.dominates(made.block, point.block)
      : made.index <= point.index
    guard isMadeBefore else { return false }
    if liveOut[id]?.contains(point.block) == true { return true }
    return (lastReads[id]?[point.block] ?? -1) > point.index
  }

  func interfere(_ left: Instruction.ID, _ right: Instruction.ID) -> Bool {
    left != right && (isLive(left, behind: right) || isLive(right, behind: left))
  }
}
