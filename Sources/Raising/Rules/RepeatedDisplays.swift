import Analysis
import IR
import RuntimeModel
import Simplification

// Displays that are multiplied.
extension Raiser {
  /// `[x] * n` where Cython fills the list by itself.
  ///
  /// ```c
  /// list = PyList_New(n < 0 ? 0 : n);
  /// for (i = 0; i < n; i++) { Py_INCREF(x); PyList_SET_ITEM(list, i, x); }
  /// ```
  /// `SequenceNode` in `Cython/Compiler/ExprNodes.py`, where the number is one of C. Compilers move the
  /// last store and the counts behind the loop.
  func becomeRepeated(
    _ call: Instruction.ID, _ size: Instruction.ID, _ display: PythonOperation
  ) -> Bool {
    let stores = itemStoresInLoops(of: call, display)
    guard let first = stores.first else { return false }
    let item = function.operand(1, of: first)
    guard function.isWord(item), stores.allSatisfy({ function.operand(1, of: $0) == item }),
      let count = clippedNumber(size), let place = placeOfDisplay(item, call, count)
    else { return false }
    let list = function.insert(
      .python(display), [item], width: function.pointerSize, before: place)
    let number = boxed(count, before: call)
    let counts = Set(stores.compactMap { function[$0].block }).sorted().flatMap { block in
      function[block].instructions.filter { takesReference($0, to: item) }
    }
    for step in stores + countStores(of: item) + counts { function.remove(step) }
    return become(call, .binary(.multiply, inPlace: false), [list, number])
  }

  private func takesReference(_ id: Instruction.ID, to object: Instruction.ID) -> Bool {
    guard case .referenceCount(let change) = function[id].operation else { return false }
    return change > 0 && function.operand(0, of: id) == object
  }

  /// The stores into the items of a new list or tuple, if one of them stands where a pointer runs along
  /// them.
  private func itemStoresInLoops(
    of container: Instruction.ID, _ display: PythonOperation
  ) -> [Instruction.ID] {
    var result: [Instruction.ID] = []
    var isLoop = false
    for block in function.reversePostorder() {
      for id in function[block].instructions where function[id].operation == .machine(.store) {
        var runs = false
        var seen: Set<Instruction.ID> = []
        let place = function.operand(0, of: id)
        guard isPlaceOfItem(place, of: container, display, &runs, &seen) else { continue }
        isLoop = isLoop || runs
        result.append(id)
      }
    }
    return isLoop ? result : []
  }

  private func isPlaceOfItem(
    _ id: Instruction.ID, of container: Instruction.ID, _ display: PythonOperation,
    _ runs: inout Bool, _ seen: inout Set<Instruction.ID>
  ) -> Bool {
    guard seen.count < 32, seen.insert(id).inserted else { return false }
    let (base, distance) = function.offset(id)
    if display == .tuple {
      // What lies before the items is the tuple's own.
      if base == container { return distance >= function.layout.tupleItems }
    } else if function[base].operation == .machine(.load) {
      let (list, offset) = function.offset(function.operand(0, of: base))
      if list == container, offset == function.layout.listItems { return true }
    }
    if function.isPhi(base) {
      runs = true
      return function.operands(of: base).contains {
        isPlaceOfItem($0, of: container, display, &runs, &seen)
      }
    }
    guard let (opcode, left, right) = function.machine(base), opcode == .add else { return false }
    if isCounter(left) || isCounter(right) { runs = true }
    return isPlaceOfItem(left, of: container, display, &runs, &seen)
      || isPlaceOfItem(right, of: container, display, &runs, &seen)
  }

  /// Whether a number is a multiple of one that changes in a loop.
  private func isCounter(_ id: Instruction.ID) -> Bool {
    guard let (opcode, left, _) = function.machine(id), opcode == .multiply else { return false }
    return function.isPhi(function.offset(left).base)
  }

  /// The number that a size is, where negative ones count as 0.
  private func clippedNumber(_ size: Instruction.ID) -> Instruction.ID? {
    guard function.isPhi(size) else { return size }
    let parts = Set(function.operands(of: size)).subtracting([size])
    let numbers = parts.filter { function.constant($0) != 0 }
    return parts.count == 2 && numbers.count == 1 ? numbers.first : nil
  }

  /// The step before which the display is evaluated: its items come before the number.
  ///
  /// Nil if the item is not there by then, as one that changes in the loop.
  private func placeOfDisplay(
    _ item: Instruction.ID, _ call: Instruction.ID, _ count: Instruction.ID
  ) -> Instruction.ID? {
    guard let home = function[call].block else { return nil }
    var steps = [call]
    if let block = function[count].block, !function.isPhi(count), block != home || count != call {
      steps.insert(count, at: 0)
    }
    return steps.first { isThere(item, before: $0) }
  }

  private func isThere(_ item: Instruction.ID, before step: Instruction.ID) -> Bool {
    switch function[item].operation {
    case .constant, .python(.parameter): return true
    default: break
    }
    guard let block = function[item].block, let place = function[step].block else { return false }
    if block == place {
      let steps = function[block].instructions
      guard let first = steps.firstIndex(of: item), let second = steps.firstIndex(of: step) else {
        return false
      }
      return first < second
    }
    let flow = ControlFlow(function)
    return DominatorTree(flow).dominates(flow.position(of: block), flow.position(of: place))
  }

  /// The stores into the reference count of an object that add a number to it.
  private func countStores(of item: Instruction.ID) -> [Instruction.ID] {
    function.reversePostorder().flatMap { block in
      function[block].instructions.filter { id in
        guard function[id].operation == .machine(.store), function.operand(0, of: id) == item,
          let (opcode, left, right) = function.machine(function.operand(1, of: id)),
          opcode == .add
        else { return false }
        return [left, right].contains {
          function[$0].operation == .machine(.load) && function.operand(0, of: $0) == item
        }
      }
    }
  }
}
