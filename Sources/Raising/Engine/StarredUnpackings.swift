import Basics
import IR
import RuntimeModel

// Unpackings whose last target takes the rest.
extension Raiser {
  /// ```
  /// %2 = iterator %1; %3 = next %2; %4 = list(%2)     →     %3, *%4 = %1
  /// ```
  /// `SequenceNode.generate_starred_assignment_code` in `Cython/Compiler/ExprNodes.py`.
  ///
  /// - Returns: whether anything changed.
  func raiseStarredUnpackings() -> Bool {
    for block in function.reversePostorder() {
      for id in function[block].instructions where operation(id) == .iterator {
        if let (items, rest) = unpacking(by: id, in: block) {
          unpack(id, items, rest)
          return true
        }
      }
    }
    return false
  }

  /// The items that are taken from an iterator one by one, and the list of the others, if that is
  /// all that is done with it.
  private func unpacking(
    by iterator: Instruction.ID, in block: Block.ID
  ) -> (items: [Instruction.ID], rest: Instruction.ID)? {
    var items: [Instruction.ID] = []
    var rest: Instruction.ID?
    for other in function.reversePostorder() {
      for id in function[other].instructions where function.operands(of: id).contains(iterator) {
        if case .referenceCount = function[id].operation { continue }
        guard other == block, rest == nil else { return nil }
        if operation(id) == .next {
          items.append(id)
        } else if isList(id) {
          rest = id
        } else {
          return nil
        }
      }
      if let value = function[other].terminator.value, function.resolve(value) == iterator {
        return nil
      }
    }
    return rest.map { (items, $0) }
  }

  private func isList(_ id: Instruction.ID) -> Bool {
    guard case .call(let shape)? = operation(id), function[shape].arguments == [.positional],
      case .builtin(let name)? = operation(function.operand(0, of: id))
    else { return false }
    return symbols[name] == "list"
  }

  private func unpack(
    _ iterator: Instruction.ID, _ items: [Instruction.ID], _ rest: Instruction.ID
  ) {
    let iterable = function.operand(0, of: iterator)
    let width = function.pointerSize
    let unpack = function.insert(
      .python(.unpack(before: UInt16(clamping: items.count), after: 0, isStarred: true)),
      [iterable], width: width, before: rest)
    repeatSite(of: iterator, for: unpack)
    for (position, id) in (items + [rest]).enumerated() {
      let element = function.insert(
        .python(.element(UInt16(clamping: position))), [unpack], width: width, before: rest)
      function.forward(id, to: element)
    }
    function.remove(iterator)
    function.removeForwarded()
  }

  // MARK: Targets behind the starred one

  /// Items that are taken off the end of a new list.
  private struct Tail {
    /// The store of the list's size.
    let store: Instruction.ID
    /// What is taken, in the order of the targets.
    let items: [Instruction.ID]
  }

  /// ```
  /// %2 = list(%1); n = size %2; %3 = item n - 1 of %2; size %2 = n - 1     →     *%2, %3 = %1
  /// ```
  /// `SequenceNode.generate_starred_assignment_code` in `Cython/Compiler/ExprNodes.py`.
  func raiseStarredFronts() {
    for block in function.reversePostorder() {
      for id in function[block].instructions where isList(id) {
        guard let tail = tail(of: id, in: block) else { continue }
        let source = function.operand(1, of: id)
        let front = operation(source) == .iterator ? unpacking(by: source, in: block) : nil
        unpack(front?.rest == id ? source : nil, front?.items ?? [], id, tail)
      }
    }
  }

  /// The items that are taken off a list, if its size is lowered by their number.
  private func tail(of list: Instruction.ID, in block: Block.ID) -> Tail? {
    let steps = function[block].instructions.drop { $0 != list }
    for store in steps where function[store].operation == .machine(.store) {
      let (base, field) = function.offset(function.operand(0, of: store))
      guard base == list, field == function.layout.size else { continue }
      let (count, taken) = function.offset(function.operand(1, of: store))
      let number = Int(clamping: Int64(bitPattern: 0 &- taken))
      guard number > 0, number < 256, isCount(count, of: list) else { return nil }
      let items = (1...number).reversed().compactMap { place in
        steps.first { isItem($0, of: list, count, fromEnd: place) }
      }
      return items.count == number ? Tail(store: store, items: items) : nil
    }
    return nil
  }

  private func isCount(_ id: Instruction.ID, of list: Instruction.ID) -> Bool {
    isSize(id, of: list) || operation(id) == .length && function.operand(0, of: id) == list
  }

  /// Whether a step loads the item of a list at a distance from its end.
  private func isItem(
    _ id: Instruction.ID, of list: Instruction.ID, _ count: Instruction.ID, fromEnd place: Int
  ) -> Bool {
    guard function[id].operation == .machine(.load), function.isWord(id) else { return false }
    let (sum, distance) = function.offset(function.operand(0, of: id))
    guard let (opcode, left, right) = function.machine(sum), opcode == .add else { return false }
    return [(left, right), (right, left)].contains { first, length in
      let (start, offset) = function.offset(first)
      return distance &+ offset == 0 &- function.layout.words(place)
        && isStart(start, of: list) && isLength(length, count)
    }
  }

  /// Whether a value is where a list keeps its items.
  private func isStart(_ id: Instruction.ID, of list: Instruction.ID) -> Bool {
    guard function[id].operation == .machine(.load) else { return false }
    let (base, field) = function.offset(function.operand(0, of: id))
    return base == list && field == function.layout.listItems
  }

  /// Whether a value is the width of so many pointers.
  private func isLength(_ id: Instruction.ID, _ count: Instruction.ID) -> Bool {
    guard let (opcode, number, width) = function.machine(id), opcode == .multiply else {
      return false
    }
    return number == count && function.constant(width) == UInt64(function.pointerSize)
  }

  private func unpack(
    _ iterator: Instruction.ID?, _ front: [Instruction.ID], _ list: Instruction.ID, _ tail: Tail
  ) {
    let iterable = iterator.map { function.operand(0, of: $0) } ?? function.operand(1, of: list)
    let unpack = function.insert(
      .python(
        .unpack(
          before: UInt16(clamping: front.count), after: UInt16(clamping: tail.items.count),
          isStarred: true)),
      [iterable], width: function.pointerSize, before: tail.store)
    repeatSite(of: iterator ?? list, for: unpack)
    for (position, id) in (front + [list] + tail.items).enumerated() {
      let element = function.insert(
        .python(.element(UInt16(clamping: position))), [unpack], width: function.pointerSize,
        before: tail.store)
      function.forward(id, to: element)
    }
    function.remove(tail.store)
    if let iterator { function.remove(iterator) }
    function.removeForwarded()
  }
}
