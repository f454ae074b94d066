import Analysis
import IR
import Raising

/// Which values of a function get variables of their own in C, and where they are computed.
///
/// Steps stand in their blocks. Pure steps are written where they are read, unless they are large
/// and read often: then they are *hoisted*, computed once behind the last step that they need.
struct FunctionShape {
  /// A point of the function: the position of a block, and an even number for each step in it, an odd
  /// one for what is hoisted behind the step.
  struct Point: Hashable, Comparable {
    let block: Int
    let index: Int

    static func < (left: Self, right: Self) -> Bool {
      (left.block, left.index) < (right.block, right.index)
    }
  }

  let flow: ControlFlow
  let dominators: DominatorTree
  private(set) var hoisted: Set<Instruction.ID> = []
  /// Where values come to be; constants and parameters are nowhere.
  private(set) var points: [Instruction.ID: Point] = [:]
  /// What is hoisted behind each point, in order.
  private(set) var attached: [Point: [Instruction.ID]] = [:]
  /// How often each value is read.
  private(set) var uses: [Instruction.ID: Int] = [:]
  /// The last point at which each value is read by a step, not by a phi.
  private(set) var readers: [Instruction.ID: [Point]] = [:]

  /// The largest expression that is written without a variable, in steps.
  private static let largest = 10

  init(_ raiser: Raiser) {
    flow = ControlFlow(raiser.function)
    dominators = DominatorTree(flow)
    for (position, block) in flow.order.enumerated() {
      for (index, id) in raiser.function[block].instructions.enumerated() {
        points[id] = Point(block: position, index: 2 * index)
      }
    }
    let order = Self.pureSteps(raiser, flow, &uses)
    hoist(order, raiser)
    note(raiser)
  }

  /// The pure steps that a function needs, operands first; counts reads.
  private static func pureSteps(
    _ raiser: Raiser, _ flow: ControlFlow, _ uses: inout [Instruction.ID: Int]
  ) -> [Instruction.ID] {
    var order: [Instruction.ID] = []
    var done: Set<Instruction.ID> = []
    for block in flow.order {
      var roots: [Instruction.ID] = []
      for id in raiser.function[block].instructions where raiser.isWritten(id) {
        roots += raiser.function.operands(of: id)
      }
      if let value = raiser.function[block].terminator.value {
        roots.append(raiser.function.resolve(value))
      }
      for root in roots {
        uses[root, default: 0] += 1
        var stack = [(root, false)]
        while let (id, isReady) = stack.popLast() {
          guard raiser.function[id].block == nil else { continue }
          if isReady {
            order.append(id)
          } else if done.insert(id).inserted {
            stack.append((id, true))
            for operand in raiser.function.operands(of: id) {
              uses[operand, default: 0] += 1
              stack.append((operand, false))
            }
          }
        }
      }
    }
    return order
  }

  private mutating func hoist(_ order: [Instruction.ID], _ raiser: Raiser) {
    var sizes: [Instruction.ID: Int] = [:]
    for id in order {
      let operands = raiser.function.operands(of: id)
      let size = operands.reduce(1) { $0 + (hoisted.contains($1) ? 1 : sizes[$1] ?? 1) }
      sizes[id] = size
      let isResult = if case .after = raiser.function[id].operation { true } else { false }
      guard isResult || size > Self.largest || (size > 3 && (uses[id] ?? 0) > 1) else { continue }
      hoisted.insert(id)
      let last = leaves(of: operands, raiser).compactMap { points[$0] }.max()
      var point = last ?? Point(block: 0, index: -2)
      // Nothing may stand between phis.
      let count = raiser.function[flow.order[point.block]].instructions
        .prefix { raiser.function.isPhi($0) }.count
      if point.index < 2 * count { point = Point(block: point.block, index: 2 * count - 2) }
      point = Point(block: point.block, index: point.index | 1)
      points[id] = point
      attached[point, default: []].append(id)
    }
  }

  /// The values with a place of their own that an expression over some values reads, in order.
  func leaves(of roots: [Instruction.ID], _ raiser: Raiser) -> [Instruction.ID] {
    var result: [Instruction.ID] = []
    var stack = Array(roots.reversed())
    while let id = stack.popLast() {
      if points[id] != nil {
        result.append(id)
      } else {
        stack += raiser.function.operands(of: id).reversed()
      }
    }
    return result
  }

  /// Whether anything reads a value.
  func isRead(_ id: Instruction.ID) -> Bool { (uses[id] ?? 0) > 0 }

  /// The phis that steps read, be it through other phis.
  private func neededPhis(_ raiser: Raiser) -> Set<Instruction.ID> {
    var needed: Set<Instruction.ID> = []
    var pending: [Instruction.ID] = []
    for block in flow.order {
      for id in raiser.function[block].instructions
      where raiser.isWritten(id) && !raiser.function.isPhi(id) {
        pending += leaves(of: raiser.function.operands(of: id), raiser)
      }
      if let value = raiser.function[block].terminator.value {
        pending += leaves(of: [raiser.function.resolve(value)], raiser)
      }
    }
    for id in hoisted { pending += leaves(of: raiser.function.operands(of: id), raiser) }
    while let id = pending.popLast() {
      guard raiser.function.isPhi(id), needed.insert(id).inserted else { continue }
      pending += leaves(of: raiser.function.operands(of: id), raiser)
    }
    return needed
  }

  /// Notes where values are read.
  private mutating func note(_ raiser: Raiser) {
    uses = [:]
    let needed = neededPhis(raiser)
    func read(_ roots: [Instruction.ID], at point: Point) {
      for leaf in leaves(of: roots, raiser) {
        uses[leaf, default: 0] += 1
        readers[leaf, default: []].append(point)
      }
    }
    for (position, block) in flow.order.enumerated() {
      let steps = raiser.function[block].instructions
      for (index, id) in steps.enumerated() where raiser.isWritten(id) {
        if raiser.function.isPhi(id) {
          guard needed.contains(id) else { continue }
          for operand in raiser.function.operands(of: id) {
            for leaf in leaves(of: [operand], raiser) { uses[leaf, default: 0] += 1 }
          }
        } else {
          read(raiser.function.operands(of: id), at: Point(block: position, index: 2 * index))
        }
      }
      if let value = raiser.function[block].terminator.value {
        read(
          [raiser.function.resolve(value)], at: Point(block: position, index: 2 * steps.count))
      }
    }
    for (point, ids) in attached.sorted(by: { $0.key < $1.key }) {
      for id in ids {
        if case .after = raiser.function[id].operation { continue }
        read(raiser.function.operands(of: id), at: point)
      }
    }
  }
}

extension Raiser {
  /// Whether a step is written at all: counting references means nothing to a reader.
  func isWritten(_ id: Instruction.ID) -> Bool {
    switch function[id].operation {
    case .referenceCount, .undefined, .forward: false
    default: true
    }
  }
}
