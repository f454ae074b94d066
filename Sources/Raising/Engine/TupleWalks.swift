import Basics
import IR
import Interpretation
import ModuleRecovery
import RuntimeModel

// Loops over the items of constant tuples that go from place to place.
extension Raiser {
  /// Counts in a loop that goes along the items of a constant tuple.
  ///
  /// ```
  /// p = phi t + 24, p + 8                       i = phi 0, i + 1
  /// x = load p                            →     x = load (t + 24) + i * 8
  /// if p != t + 64: goto next turn              if i != 5: goto next turn
  /// ```
  /// Compilers count no items where the address of the next one tells as much (`-fivopts` of GCC).
  ///
  /// - Returns: whether there was one.
  func countAlongTuples() -> Bool {
    for block in function.reversePostorder() {
      for id in function[block].instructions where function.isPhi(id) && function.isWord(id) {
        guard let walk = walk(id), let items = itemsOfTuple(walk), let counter = count(walk) else {
          continue
        }
        let width = function.pointerSize
        let size = function.constant(walk.step, width: width)
        let scaled = function.binary(.multiply, counter, size, width: width)
        let place = function.binary(
          .add, scaled, function.constant(items, width: width), width: width)
        for (load, _) in walk.loads { function.setOperands(of: load, [place]) }
        function.removeForwarded()
        return true
      }
    }
    return false
  }

  /// Where the items of the constant tuple lie that a loop goes along.
  private func itemsOfTuple(_ walk: PointerWalk) -> UInt64? {
    guard walk.step == UInt64(function.pointerSize), let start = function.constant(walk.start),
      let distance = walk.loads.first?.distance,
      walk.loads.allSatisfy({ $0.distance == distance && function.isWord($0.load) })
    else { return nil }
    let items = start &+ distance
    guard case .tuple? = program.object(at: items &- function.layout.tupleItems) else { return nil }
    return items
  }
}
