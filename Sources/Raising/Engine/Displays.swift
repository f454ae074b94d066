import IR
import RuntimeModel
import Simplification

// Tuples and lists that are filled where they are made.
extension Raiser {
  /// Remembers what is stored into new tuples and lists.
  func collectItemStores() {
    for block in function.reversePostorder() {
      for id in function[block].instructions where function[id].operation == .machine(.store) {
        guard let (container, index) = itemPlace(function.operand(0, of: id)) else { continue }
        itemStores[container, default: [:]][index] = id
        order[id] = order.count
      }
    }
  }

  /// The tuple or list, and the position in it, at an address.
  private func itemPlace(_ address: Instruction.ID) -> (container: Instruction.ID, index: Int)? {
    let (base, offset) = function.offset(address)
    if function.callee(of: base, view)?.name == "PyTuple_New", offset >= function.layout.tupleItems,
      offset < 1 << 16
    {
      return (base, Int(offset - function.layout.tupleItems) / function.pointerSize)
    }
    guard function[base].operation == .machine(.load) else { return nil }
    let (list, field) = function.offset(function.operand(0, of: base))
    guard field == function.layout.listItems, function.callee(of: list, view)?.name == "PyList_New",
      offset < 1 << 16
    else { return nil }
    return (list, Int(offset) / function.pointerSize)
  }

  /// Makes a new tuple or list a display of what is stored into it: where it is made if the items are there
  /// already, and where the last one is stored otherwise.
  func becomeDisplay(
    _ container: Instruction.ID, count: Int, _ operation: PythonOperation
  ) -> Bool {
    let stores = itemStores[container] ?? [:]
    guard stores.count == count, (0..<count).allSatisfy({ stores[$0] != nil }) else { return false }
    guard let last = stores.values.max(by: { (order[$0] ?? 0) < (order[$1] ?? 0) }) else {
      return become(container, operation, [])
    }
    let items = (0..<count).compactMap { stores[$0] }.map { function.operand(1, of: $0) }
    let display = function.insert(
      .python(operation), items, width: function.pointerSize,
      before: isReady(items, at: container) ? container : last)
    for store in stores.values { function.remove(store) }
    function.forward(container, to: display)
    return true
  }

  /// Whether some values are there where a step of their block, or of one behind it, stands.
  private func isReady(_ items: [Instruction.ID], at step: Instruction.ID) -> Bool {
    guard let block = function[step].block,
      let end = function[block].instructions.firstIndex(of: step)
    else { return false }
    let before = Set(function[block].instructions[..<end])
    return items.allSatisfy { item in
      switch function[item].operation {
      case .python(.parameter), .python(.builtin), .constant: true
      default: before.contains(item)
      }
    }
  }
}
