import Basics
import IR

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
}
