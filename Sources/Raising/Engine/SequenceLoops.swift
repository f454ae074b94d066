import Basics
import IR
import Interpretation
import ModuleRecovery
import RuntimeModel
import Simplification

// Loops over lists and tuples that are known to be such.
extension Raiser {
  /// Makes a loop over the places of a list, a tuple or a literal one over its items.
  ///
  /// ```
  /// i = 0                                   it = iter(l)
  /// while i < size(l): x = l[i]; i += 1  →  while x = next(it): …
  /// ```
  /// Cython counts where it knows the type (`_transform_*_iteration` in `Cython/Compiler/Optimize.py` and
  /// `IteratorNode` in `ExprNodes.py`). Nothing else may depend on the count, which goes up by one with
  /// each item, so that it always says how many items were taken.
  ///
  /// - Returns: whether there was one.
  func raiseSequenceLoops() -> Bool {
    for block in function.reversePostorder() {
      for id in function[block].instructions {
        guard let item = sequenceItem(id), let loop = sequenceLoop(item, in: block) else {
          continue
        }
        iterate(loop, item)
        return true
      }
    }
    return false
  }

  /// The item of a list, a tuple or a literal at a place that is not constant.
  struct SequenceItem {
    let step: Instruction.ID
    let sequence: Instruction.ID
    let index: Instruction.ID
    /// What is made of the index to get there.
    let places: Set<Instruction.ID>
  }

  private struct SequenceLoop {
    /// The blocks that ask whether there is another item, before the one that takes it.
    let tests: [BranchSite]
    let body: Block.ID
    /// Where the count starts.
    let start: Block.ID
  }

  func sequenceItem(_ id: Instruction.ID) -> SequenceItem? {
    if operation(id) == .item { return characterOfText(id) }
    guard function[id].operation == .machine(.load), function.isWord(id) else { return nil }
    let (sum, distance) = function.offset(function.operand(0, of: id))
    if let (opcode, left, right) = function.machine(sum), opcode == .add {
      for (pointer, scaled) in [(left, right), (right, left)] {
        guard let index = index(scaledBy: scaled) else { continue }
        let (tuple, start) = function.offset(pointer)
        if start &+ distance == function.layout.tupleItems {
          return loadedItem(id, of: tuple, at: index, scaled)
        }
        guard distance == 0, function[pointer].operation == .machine(.load) else { continue }
        let (list, field) = function.offset(function.operand(0, of: pointer))
        if field == function.layout.listItems {
          return loadedItem(id, of: list, at: index, scaled)
        }
      }
    }
    // A tuple that is a constant stands on the right.
    guard let index = index(scaledBy: sum) else { return nil }
    let tuple = distance &- function.layout.tupleItems
    guard case .tuple? = program.object(at: tuple) else { return nil }
    let width = function.pointerSize
    return loadedItem(id, of: function.constant(tuple, width: width), at: index, sum)
  }

  private func loadedItem(
    _ load: Instruction.ID, of sequence: Instruction.ID, at index: Instruction.ID,
    _ scaled: Instruction.ID
  ) -> SequenceItem {
    let place = function.operand(0, of: load)
    return SequenceItem(
      step: load, sequence: sequence, index: index,
      places: [scaled, place, function.offset(place).base])
  }

  /// A character of a literal.
  private func characterOfText(_ id: Instruction.ID) -> SequenceItem? {
    let (text, place) = (function.operand(0, of: id), function.operand(1, of: id))
    guard case .text? = operation(text), operation(place) == .boxInteger,
      case let index = function.operand(0, of: place), function.isPhi(index)
    else { return nil }
    return SequenceItem(step: id, sequence: text, index: index, places: [place])
  }

  /// The number of a place, if a value is its distance in bytes from the first.
  private func index(scaledBy id: Instruction.ID) -> Instruction.ID? {
    guard let (opcode, index, factor) = function.machine(id), opcode == .multiply,
      function.constant(factor) == UInt64(function.pointerSize), function.constant(index) == nil
    else { return nil }
    return index
  }

  // MARK: The loop

  private func sequenceLoop(_ item: SequenceItem, in body: Block.ID) -> SequenceLoop? {
    guard let counter = counter(item.index), !function[body].predecessors.isEmpty else {
      return nil
    }
    var tests: [BranchSite] = []
    for (edge, predecessor) in function[body].predecessors.enumerated() {
      let isMerged = function.isPhi(item.index) && function[item.index].block == body
      let place = isMerged ? function.operand(edge, of: item.index) : item.index
      guard let test = BranchSite(predecessor, in: function), test.target != test.otherTarget,
        asks(test, place, item.sequence, body)
      else { return nil }
      tests.append(test)
    }
    let conditions = Set(
      tests.compactMap { test in
        function[test.block].terminator.value.map { function.resolve($0) }
      })
    guard isRead(counter.values, onlyFor: item, conditions) else { return nil }
    return SequenceLoop(tests: tests, body: body, start: counter.start)
  }

  /// The values that a count goes through, and the block from which it starts at 0.
  private func counter(
    _ index: Instruction.ID
  ) -> (values: Set<Instruction.ID>, start: Block.ID)? {
    guard function.isPhi(index) else { return nil }
    var values: Set<Instruction.ID> = [index]
    var pending = [index]
    var start: Block.ID?
    while let phi = pending.popLast(), values.count < 32 {
      guard let block = function[phi].block else { return nil }
      for (edge, operand) in function.operands(of: phi).enumerated() {
        if function.constant(operand) == 0 {
          let predecessor = function[block].predecessors[edge]
          guard start == nil || start == predecessor else { return nil }
          start = predecessor
        } else if function.isPhi(operand) {
          guard operand != index else { return nil }
          if values.insert(operand).inserted { pending.append(operand) }
        } else {
          let (base, step) = function.offset(operand)
          guard base == index, step == 1 else { return nil }
          values.insert(operand)
        }
      }
    }
    return start.map { (values, $0) }
  }

  /// Whether a branch goes to a loop's body if a place is one of a sequence.
  func asks(
    _ test: BranchSite, _ place: Instruction.ID, _ sequence: Instruction.ID, _ body: Block.ID
  ) -> Bool {
    switch test.condition.form {
    case .less(let left, let right):
      return left == place && counts(right, sequence) && test.target == body
    case .lessOrEqual(let left, let right):
      return right == place && counts(left, sequence) && test.otherTarget == body
    case .equal(let left, let right):
      return left == place && counts(right, sequence) && test.otherTarget == body
    default: return false
    }
  }

  private func counts(_ id: Instruction.ID, _ sequence: Instruction.ID) -> Bool {
    if let number = function.constant(id) { return knownSize(sequence) == Int(clamping: number) }
    // It may have been loaded on each way to the test.
    guard function.isPhi(id) else { return isSize(id, of: sequence) }
    return function.operands(of: id).allSatisfy { isSize($0, of: sequence) }
  }

  func knownSize(_ sequence: Instruction.ID) -> Int? {
    if operation(sequence) == .tuple { return function.operandCount(of: sequence) }
    if case .text(let text)? = operation(sequence) { return symbols[text].unicodeScalars.count }
    guard case .tuple? = object(sequence), let address = function.constant(sequence) else {
      return nil
    }
    return program.state.items[address]?.count
  }

  /// Whether a count is read by nothing but itself, the place of an item and some conditions.
  private func isRead(
    _ counter: Set<Instruction.ID>, onlyFor item: SequenceItem,
    _ conditions: Set<Instruction.ID>
  ) -> Bool {
    let guarded = counter.union(item.places)
    let allowed = guarded.union(conditions).union([item.step])
    return readers().allSatisfy { id in
      allowed.contains(id) || !function.operands(of: id).contains(where: guarded.contains)
    }
  }

  // MARK: The new loop

  private func iterate(_ loop: SequenceLoop, _ item: SequenceItem) {
    let address = function[item.step].address
    let width = function.pointerSize
    let iterator = function.append(
      .python(.iterator), [item.sequence], width: width, to: loop.start, at: address)
    var items: [Instruction.ID] = []
    for test in loop.tests {
      let next = function.append(
        .python(.next), [iterator], width: width, to: test.block, at: address)
      let isFirst: Bool
      if case .branch(_, let first, _) = function[test.block].terminator {
        isFirst = first == loop.body
      } else {
        isFirst = true
      }
      let condition = function.binary(isFirst ? .notEqual : .equal, next, null, width: 1)
      function.setValue(ofTerminator: test.block, to: condition)
      items.append(next)
    }
    guard items.count > 1 else { return function.forward(item.step, to: items[0]) }
    let merged = function.appendPhi(width: width, to: loop.body)
    function.setOperands(of: merged, items)
    function.forward(item.step, to: merged)
  }
}
