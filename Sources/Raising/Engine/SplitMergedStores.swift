import Basics
import IR
import RuntimeModel
import Simplification

// Tuples that are filled where ways meet.
extension Raiser {
  /// Fills tuples where they were made rather than where ways meet.
  ///
  /// ```
  /// A: %1 = new tuple; goto C     B: %2 = new tuple; goto C     C: %3 = phi %1, %2; store %3 + 24, %4
  /// ```
  /// becomes a store in A and one in B. Compilers join the ends of ways that are equal.
  func splitMergedStores() {
    for block in function.reversePostorder() where function[block].predecessors.count > 1 {
      scan: for id in function[block].instructions {
        switch function[id].operation {
        case .phi, .undefined, .referenceCount, .after, .forward: continue
        case .machine(.store): guard split(id, block) else { break scan }
        default: break scan
        }
      }
    }
  }

  private func split(_ store: Instruction.ID, _ block: Block.ID) -> Bool {
    let (merged, distance) = function.offset(function.operand(0, of: store))
    guard function.isPhi(merged), function[merged].block == block,
      function.operands(of: merged).allSatisfy({
        function.callee(of: $0, view)?.name == "PyTuple_New"
      }),
      function[block].predecessors.allSatisfy({
        if case .jump = function[$0].terminator { true } else { false }
      })
    else { return false }
    let value = function.operand(1, of: store)
    let isMergedValue = function.isPhi(value) && function[value].block == block
    guard isMergedValue || function[value].block != block else { return false }
    for (edge, predecessor) in function[block].predecessors.enumerated() {
      let place = function.binary(
        .add, function.operand(edge, of: merged),
        function.constant(distance, width: function.pointerSize), width: function.pointerSize)
      _ = function.append(
        .machine(.store), [place, isMergedValue ? function.operand(edge, of: value) : value],
        width: 0, to: predecessor, at: function[store].address)
    }
    function.remove(store)
    return true
  }
}
