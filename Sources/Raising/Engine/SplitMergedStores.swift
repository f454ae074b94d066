import Basics
import IR
import RuntimeModel
import Simplification

// Tuples and lists that are filled where ways meet.
extension Raiser {
  /// Fills tuples and lists where they were made rather than where ways meet.
  ///
  /// ```
  /// A: %1 = new tuple; goto C     B: %2 = new tuple; goto C     C: %3 = phi %1, %2; store %3 + 24, %4
  /// ```
  /// becomes a store in A and one in B. Compilers join the ends of ways that are equal. A list's items lie
  /// elsewhere: at an address that the list holds.
  func splitMergedStores() {
    for block in function.reversePostorder() where function[block].predecessors.count > 1 {
      scan: for id in function[block].instructions {
        switch function[id].operation {
        case .phi, .undefined, .referenceCount, .after, .forward: continue
        case .machine(.load) where mergedList(id, block) != nil: continue
        case .machine(.store): guard split(id, block) else { break scan }
        default: break scan
        }
      }
    }
  }

  private func split(_ store: Instruction.ID, _ block: Block.ID) -> Bool {
    let (place, distance) = function.offset(function.operand(0, of: store))
    let list = mergedList(place, block)
    guard let merged = list ?? (isMerged(place, block, "PyTuple_New") ? place : nil),
      function[block].predecessors.allSatisfy({
        if case .jump = function[$0].terminator { true } else { false }
      })
    else { return false }
    let value = function.operand(1, of: store)
    let isMergedValue = function.isPhi(value) && function[value].block == block
    guard isMergedValue || function[value].block != block else { return false }
    for (edge, predecessor) in function[block].predecessors.enumerated() {
      var items = function.operand(edge, of: merged)
      if list != nil {
        items = function.append(
          .machine(.load), [sum(items, function.layout.listItems)], width: function.pointerSize,
          to: predecessor, at: function[store].address)
      }
      let place = sum(items, distance)
      _ = function.append(
        .machine(.store), [place, isMergedValue ? function.operand(edge, of: value) : value],
        width: 0, to: predecessor, at: function[store].address)
    }
    function.remove(store)
    return true
  }

  private func sum(_ base: Instruction.ID, _ distance: UInt64) -> Instruction.ID {
    function.binary(
      .add, base, function.constant(distance, width: function.pointerSize),
      width: function.pointerSize)
  }

  /// The new list that meets others at a block, if a value is where its items lie.
  private func mergedList(_ id: Instruction.ID, _ block: Block.ID) -> Instruction.ID? {
    guard function[id].operation == .machine(.load) else { return nil }
    let (list, field) = function.offset(function.operand(0, of: id))
    return field == function.layout.listItems && isMerged(list, block, "PyList_New") ? list : nil
  }

  /// Whether a value is one of several new objects that meet at a block.
  private func isMerged(_ id: Instruction.ID, _ block: Block.ID, _ function: String) -> Bool {
    self.function.isPhi(id) && self.function[id].block == block
      && self.function.operands(of: id).allSatisfy {
        self.function.callee(of: $0, view)?.name == function
      }
  }
}
