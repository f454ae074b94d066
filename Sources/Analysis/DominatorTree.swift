/// Which nodes of a graph every way to a node passes.
///
/// The algorithm is that of Cooper, Harvey and Kennedy, *A Simple, Fast Dominance Algorithm* (2001).
package struct DominatorTree: Sendable {
  /// The closest dominator of each node; the root is its own, unreachable nodes have -1.
  package let immediate: [Int]
  private let entryTimes: [Int]
  private let exitTimes: [Int]

  /// - Parameters:
  ///   - order: the reachable nodes in reverse postorder, the root first.
  ///   - predecessors: the predecessors of every node.
  package init(order: [Int], predecessors: [[Int]]) {
    let count = predecessors.count
    var rank = [Int](repeating: -1, count: count)
    for (position, node) in order.enumerated() { rank[node] = position }
    var immediate = [Int](repeating: -1, count: count)
    if let root = order.first { immediate[root] = root }
    var changed = true
    while changed {
      changed = false
      for node in order.dropFirst() {
        var best = -1
        for predecessor in predecessors[node] where rank[predecessor] >= 0 {
          guard immediate[predecessor] >= 0 else { continue }
          best = best < 0 ? predecessor : Self.meet(best, predecessor, immediate, rank)
        }
        if best >= 0, immediate[node] != best {
          immediate[node] = best
          changed = true
        }
      }
    }
    self.immediate = immediate
    (entryTimes, exitTimes) = Self.walk(order, immediate)
  }

  /// The dominators of a graph whose nodes are in reverse postorder already.
  package init(_ flow: ControlFlow) {
    self.init(order: Array(flow.order.indices), predecessors: flow.predecessors)
  }

  /// Whether every way to `node` passes `dominator`; not so where no way leads, such as a place of -1.
  package func dominates(_ dominator: Int, _ node: Int) -> Bool {
    guard dominator >= 0, node >= 0 else { return false }
    guard entryTimes[dominator] >= 0, entryTimes[node] >= 0 else { return false }
    return entryTimes[dominator] <= entryTimes[node] && exitTimes[node] <= exitTimes[dominator]
  }

  private static func meet(_ a: Int, _ b: Int, _ immediate: [Int], _ rank: [Int]) -> Int {
    var (a, b) = (a, b)
    while a != b {
      while rank[a] > rank[b] { a = immediate[a] }
      while rank[b] > rank[a] { b = immediate[b] }
    }
    return a
  }

  /// Numbers the tree so that dominance is a question of intervals.
  private static func walk(_ order: [Int], _ immediate: [Int]) -> ([Int], [Int]) {
    var children = [[Int]](repeating: [], count: immediate.count)
    for node in order.dropFirst() where immediate[node] >= 0 {
      children[immediate[node]].append(node)
    }
    var entry = [Int](repeating: -1, count: immediate.count)
    var exit = entry
    var time = 0
    var stack = order.first.map { [($0, 0)] } ?? []
    while let (node, next) = stack.popLast() {
      if next == 0 {
        entry[node] = time
        time += 1
      }
      if next < children[node].count {
        stack.append((node, next + 1))
        stack.append((children[node][next], 0))
      } else {
        exit[node] = time
        time += 1
      }
    }
    return (entry, exit)
  }
}
