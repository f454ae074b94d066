import Basics
import IR
import ModuleRecovery
import RuntimeModel
import Simplification

// Items of tuples and lists that are taken from where they lie.
extension Raiser {
  /// Makes loads of items operations, where the size of the object was read as well.
  ///
  /// ```
  /// %5 = load %4 + 24                                  →     %5 = item %4, 0
  /// %6 = load %4 + 24; %7 = load %6 + 8 * n - 8        →     %7 = item %4, -1
  /// ```
  /// Compilers take the bounds of an index for granted that an earlier test has shown
  /// (`__Pyx_GetItemInt_Tuple_Fast` in `Cython/Utility/ObjectHandling.c`).
  func raiseItemLoads() {
    let objects = objectsOfSteps()
    let sized = Set(sizedObjects.map { function.resolve($0) })
    for block in function.reversePostorder() {
      for id in function[block].instructions {
        guard function[id].operation == .machine(.load), function.isWord(id),
          objects.contains(id), let (object, place) = itemPlace(id), sized.contains(object),
          !isUnordered(object)
        else { continue }
        let number = function.constant(
          UInt64(bitPattern: Int64(place)), width: function.pointerSize)
        become(id, .item, [object, boxed(number, before: id)])
      }
    }
  }

  /// Whether a value is a set or a dict, which has its size where tuples have an item.
  private func isUnordered(_ object: Instruction.ID) -> Bool {
    switch operation(object) {
    case .set?, .dictionary?: return true
    case .call?:
      let callee = function.operand(0, of: object)
      if case .builtin(let name)? = operation(callee) {
        return ["set", "frozenset", "dict"].contains(symbols[name])
      }
      let types = ["PySet_Type", "PyFrozenSet_Type", "PyDict_Type"]
      return function.variable(callee, view).map(types.contains) ?? false
    default: return false
    }
  }

  /// The values that are objects for some step, and no mere addresses.
  private func objectsOfSteps() -> Set<Instruction.ID> {
    var result: Set<Instruction.ID> = []
    for block in function.reversePostorder() {
      for id in function[block].instructions {
        switch function[id].operation {
        case .machine(.load): continue
        case .machine(.store): result.insert(function.operand(1, of: id))
        default: result.formUnion(function.operands(of: id))
        }
      }
      if let value = function[block].terminator.value { result.insert(function.resolve(value)) }
    }
    return result
  }

  /// The tuple or list and the number of the item, if a load takes one.
  private func itemPlace(_ id: Instruction.ID) -> (object: Instruction.ID, place: Int)? {
    let (base, distance) = function.offset(function.operand(0, of: id))
    let width = function.layout.words(1)
    if function[base].operation == .machine(.load), function.isWord(base) {
      let (list, field) = function.offset(function.operand(0, of: base))
      guard field == function.layout.listItems, distance % width == 0, distance / width < 64 else {
        return nil
      }
      return (list, Int(distance / width))
    }
    if let (opcode, left, right) = function.machine(base), opcode == .add {
      return placeFromEnd(left, right, distance) ?? placeFromEnd(right, left, distance)
    }
    let start = distance &- function.layout.tupleItems
    guard function.constant(base) == nil, start % width == 0, start / width < 64 else {
      return nil
    }
    return (base, Int(start / width))
  }

  /// The item of a list that lies a constant distance before its end.
  private func placeFromEnd(
    _ first: Instruction.ID, _ length: Instruction.ID, _ distance: UInt64
  ) -> (object: Instruction.ID, place: Int)? {
    let (start, offset) = function.offset(first)
    let back = 0 &- (distance &+ offset)
    let width = function.layout.words(1)
    guard function[start].operation == .machine(.load), back % width == 0, back > 0,
      back / width < 64, let (opcode, count, factor) = function.machine(length),
      opcode == .multiply, function.constant(factor) == width
    else { return nil }
    let (list, field) = function.offset(function.operand(0, of: start))
    guard field == function.layout.listItems,
      isSize(count, of: list) || isCount(count, of: list)
    else { return nil }
    return (list, -Int(back / width))
  }

  private func isCount(_ id: Instruction.ID, of list: Instruction.ID) -> Bool {
    switch operation(id) {
    case .entryCount?, .length?: function.operand(0, of: id) == list
    default: false
    }
  }
}
