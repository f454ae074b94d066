import Basics
package import IR

/// The reachable blocks of a function in reverse postorder, with edges by position.
package struct ControlFlow: Sendable {
  /// The blocks, the entry first.
  package let order: [Block.ID]
  /// The position of each block in ``order``, or -1 if it is not reachable.
  package let positions: [Int]
  package let successors: [[Int]]
  package let predecessors: [[Int]]

  package init(_ function: borrowing Function) {
    let order = function.reversePostorder()
    var positions = [Int](repeating: -1, count: function.blockIDs.count)
    for (position, block) in order.enumerated() { positions[block.index] = position }
    var successors: [[Int]] = []
    var predecessors = [[Int]](repeating: [], count: order.count)
    for (position, block) in order.enumerated() {
      let targets = function.successors(of: block).map { positions[$0.index] }
      for target in targets { predecessors[target].append(position) }
      successors.append(targets)
    }
    self.order = order
    self.positions = positions
    self.successors = successors
    self.predecessors = predecessors
  }

  package func position(of block: Block.ID) -> Int { positions[block.index] }
}
