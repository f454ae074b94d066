import Analysis
import Testing

struct DominatorTreeTests {
  /// 0 → 1 → 3, 0 → 2 → 3; nothing leads to 4.
  private let tree = DominatorTree(
    order: [0, 1, 2, 3], predecessors: [[], [0], [0], [1, 2], []])

  @Test func dominatorsAreOnEveryWay() {
    #expect(tree.dominates(0, 3))
    #expect(tree.dominates(3, 3))
    #expect(!tree.dominates(1, 3))
  }

  @Test func nothingDominatesWhereNoWayLeads() {
    #expect(!tree.dominates(0, 4))
    #expect(!tree.dominates(4, 0))
    #expect(!tree.dominates(0, -1))
    #expect(!tree.dominates(-1, 3))
  }
}
