import Analysis
import Basics
package import IR
import RuntimeModel

extension Function {
  /// Makes what joins the parts of an f-string one step, where compilers inlined it.
  ///
  /// ```c
  /// t = PyTuple_New(2); … PyTuple_SET_ITEM(t, 0, a); … PyTuple_SET_ITEM(t, 1, b);
  /// r = PyUnicode_New(length, largest);
  /// for (i = 0; i < 2; i++) { u = PyTuple_GET_ITEM(t, i); … _PyUnicode_FastCopyCharacters(r, n, u, 0, l); }
  /// ```
  /// becomes `joinedString a, b` (`__Pyx_PyUnicode_Join` in `Cython/Utility/StringTools.c`). What
  /// computed the length and the largest character is read by nothing then. Since Cython 3.1, the parts
  /// lie in an array in the frame.
  ///
  /// - Returns: whether there was one.
  package mutating func collapseJoins(_ facts: some ModuleFacts, _ machine: Machine) -> Bool {
    var changed = false
    let frame = StackFrame(&self, machine)
    while let join = firstInlinedJoin(facts, frame) {
      collapse(join)
      changed = true
    }
    while let join = firstUnrolledJoin(facts, frame) {
      collapse(join)
      changed = true
    }
    // What looked into the text before it was filled reads a text that is made only now.
    if changed { forgetLostValues() }
    return changed
  }

  /// The loop that copies parts into a new text.
  private struct InlinedJoin {
    let header: Block.ID
    let entries: [Block.ID]
    let loop: Set<Block.ID>
    let exit: Block.ID
    let parts: Parts
    /// The calls that make the text, and how the loop knows it.
    let texts: [Instruction.ID]
    let result: Instruction.ID
  }

  private enum Parts {
    /// Values in a tuple that is made for them, and the stores that put them there.
    case tuple(Instruction.ID, [Instruction.ID], stores: [Instruction.ID])
    /// Values in an array in the frame: an address, how far behind it the array starts, and their number.
    case array(Instruction.ID, skip: Int, Int)
  }

  static let copies: Set<String> = [
    "_PyUnicode_FastCopyCharacters", "PyUnicode_CopyCharacters",
  ]
  private static let quietCalls = copies.union(["memcpy", "_PyUnicode_Ready"])

  private func firstInlinedJoin(
    _ facts: some ModuleFacts, _ frame: StackFrame
  ) -> InlinedJoin? {
    let order = reversePostorder()
    var dominators: DominatorTree?
    for block in order {
      for id in self[block].instructions
      where self[id].operation == .call && Self.copies.contains(callee(of: id, facts)?.name ?? "") {
        let tree = dominators ?? dominatorTree(order)
        dominators = tree
        if let join = inlinedJoin(copying: id, in: block, tree, facts, frame) { return join }
      }
    }
    return nil
  }

  func dominatorTree(_ order: [Block.ID]) -> DominatorTree {
    DominatorTree(
      order: order.map(\.index),
      predecessors: blockIDs.map { self[$0].predecessors.map(\.index) })
  }

  private func inlinedJoin(
    copying call: Instruction.ID, in block: Block.ID, _ tree: DominatorTree,
    _ facts: some ModuleFacts, _ frame: StackFrame
  ) -> InlinedJoin? {
    guard let result = argument(0, of: call), let part = argument(2, of: call),
      self[part].operation == .machine(.load),
      let texts = newTexts(mergedIn: result, facts), !texts.isEmpty,
      let (header, loop) = naturalLoop(around: block, tree),
      let parts = tupleParts(operand(0, of: part), loop, facts)
        ?? arrayParts(operand(0, of: part), loop, frame)
    else { return nil }
    let exits = loop.flatMap { successors(of: $0) }.filter { !loop.contains($0) }
    let entries = self[header].predecessors.filter { !loop.contains($0) }
    guard Set(exits).count == 1, let exit = exits.first, !entries.isEmpty,
      isCopying(loop, facts, frame), isReadOutside(loop, only: result, frame)
    else { return nil }
    return InlinedJoin(
      header: header, entries: entries, loop: loop, exit: exit, parts: parts, texts: texts,
      result: result)
  }

  /// The items of the new tuple along which a pointer moves.
  private func tupleParts(
    _ address: Instruction.ID, _ loop: Set<Block.ID>, _ facts: some ModuleFacts
  ) -> Parts? {
    guard let tuple = tuple(behind: address, facts),
      let count = argument(0, of: tuple).flatMap({ constant($0) }), count > 0, count < 4096
    else { return nil }
    var stores: [Instruction.ID] = []
    var parts: [UInt64: Instruction.ID] = [:]
    for block in reversePostorder() {
      for id in self[block].instructions where self[id].operation == .machine(.store) {
        let (base, place) = offset(operand(0, of: id))
        guard base == tuple else { continue }
        let value = operand(1, of: id)
        guard parts[place, default: value] == value, !loop.contains(block) else { return nil }
        parts[place] = value
        stores.append(id)
      }
    }
    let items = (0..<count).compactMap { parts[layout.tupleItems + $0 * UInt64(pointerSize)] }
    guard items.count == Int(count), parts.count == items.count else { return nil }
    return .tuple(tuple, items, stores: stores)
  }

  /// The array in the frame along which a pointer moves, with the number that ends the loop.
  private func arrayParts(
    _ address: Instruction.ID, _ loop: Set<Block.ID>, _ frame: StackFrame
  ) -> Parts? {
    var starts: Set<Instruction.ID> = []
    let skip = distanceFromMovingPointer(address)
    var pending = [address]
    var seen: Set<Instruction.ID> = []
    while let id = pending.popLast(), seen.count < 32 {
      guard seen.insert(id).inserted else { continue }
      if frame.offset(of: id, in: self) != nil {
        starts.insert(id)
        continue
      }
      switch self[id].operation {
      case .phi, .machine(.add), .machine(.multiply): pending += operands(of: id)
      default: break
      }
    }
    guard starts.count == 1, let start = starts.first,
      let place = frame.offset(of: start, in: self)
    else { return nil }
    var counts: Set<Int> = []
    for block in loop {
      guard let site = BranchSite(block, in: self),
        !loop.contains(site.target) || !loop.contains(site.otherTarget),
        case .equal(let left, let right) = site.condition.form
      else { continue }
      for (moving, end) in [(left, right), (right, left)] {
        let isLater = !isPhi(moving)
        if isCounter(moving, from: start, step: pointerSize),
          let last = frame.offset(of: end, in: self)
        {
          counts.insert((last - place) / pointerSize)
        } else if let number = constant(end).map({ Int(clamping: $0) }) {
          // Rounds are counted, or the bytes that the parts take.
          let step = [1, pointerSize].first { isCounter(moving, from: nil, step: $0) }
          if let step { counts.insert(isLater ? number / step : number / step + 1) }
        }
      }
    }
    guard counts.count == 1, let count = counts.first, count > 0, count < 256 else { return nil }
    return .array(start, skip: skip, count)
  }

  /// How far behind a pointer that moves along parts a part lies, where the pointer moves before it is
  /// read: a pointer's width, otherwise 0.
  private func distanceFromMovingPointer(_ address: Instruction.ID) -> Int {
    let (base, distance) = offset(address)
    guard isPhi(base), distance == UInt64(pointerSize), operands(of: base).contains(address) else {
      return 0
    }
    return pointerSize
  }

  /// Whether a value grows by a step in each round of a loop, from zero on or from where an array starts.
  private func isCounter(
    _ id: Instruction.ID, from start: Instruction.ID?, step: Int
  ) -> Bool {
    let phi = offset(id).base
    guard isPhi(phi), operandCount(of: phi) == 2 else { return false }
    let first = operands(of: phi).filter { offset($0).base != phi }
    let next = operands(of: phi).filter { offset($0).base == phi }
    guard first.count == 1, next.count == 1, offset(next[0]).offset == UInt64(step),
      id == phi || id == next[0]
    else { return false }
    return start.map { $0 == first[0] } ?? (constant(first[0]) == 0)
  }

  /// The new tuple whose items a pointer moves along.
  private func tuple(
    behind address: Instruction.ID, _ facts: some ModuleFacts
  ) -> Instruction.ID? {
    let skip = UInt64(distanceFromMovingPointer(address))
    var pending = [address]
    var seen: Set<Instruction.ID> = []
    while let id = pending.popLast(), seen.count < 32 {
      guard seen.insert(id).inserted else { continue }
      let (base, distance) = offset(id)
      if distance + skip == layout.tupleItems, callee(of: base, facts)?.name == "PyTuple_New" {
        return base
      }
      switch self[id].operation {
      case .phi, .machine(.add), .machine(.multiply): pending += operands(of: id)
      default: break
      }
    }
    return nil
  }

  /// The calls that made a text, on whichever way.
  private func newTexts(
    mergedIn result: Instruction.ID, _ facts: some ModuleFacts
  ) -> [Instruction.ID]? {
    var pending = [result]
    var seen: Set<Instruction.ID> = []
    var texts: [Instruction.ID] = []
    while let id = pending.popLast() {
      guard seen.insert(id).inserted else { continue }
      if isPhi(id) {
        pending += operands(of: id)
      } else if callee(of: id, facts)?.name == "PyUnicode_New" {
        texts.append(id)
      } else {
        return nil
      }
    }
    return texts.sorted()
  }

  /// The innermost loop around a block.
  private func naturalLoop(
    around block: Block.ID, _ tree: DominatorTree
  ) -> (header: Block.ID, blocks: Set<Block.ID>)? {
    var header = block
    while true {
      let ends = self[header].predecessors.filter { tree.dominates(header.index, $0.index) }
      if !ends.isEmpty {
        var loop: Set<Block.ID> = [header]
        var pending = ends
        while let next = pending.popLast() {
          if loop.insert(next).inserted { pending += self[next].predecessors }
        }
        if loop.contains(block) { return (header, loop) }
      }
      let parent = tree.immediate[header.index]
      guard parent >= 0, parent != header.index, parent < blockIDs.count else { return nil }
      header = Block.ID(UInt32(parent))
    }
  }

  /// Whether a loop does nothing but copy characters.
  func isCopying(
    _ loop: Set<Block.ID>, _ facts: some ModuleFacts, _ frame: StackFrame
  ) -> Bool {
    loop.allSatisfy { block in
      self[block].instructions.allSatisfy { id in
        switch self[id].operation {
        case .phi, .undefined, .forward, .after, .machine(.load), .referenceCount: return true
        case .machine(.store):
          // What is kept in the frame was forwarded to its readers.
          return frame.offset(of: operand(0, of: id), in: self) != nil
        case .call:
          return Self.quietCalls.contains(callee(of: id, facts)?.name ?? "")
        default: return false
        }
      }
    }
  }

  /// Whether nothing that a loop computes is read outside, but for one value.
  ///
  /// What is kept in the frame was forwarded to its readers: code that runs in place of a call saves
  /// registers there that hold what is left of the loop.
  func isReadOutside(
    _ loop: Set<Block.ID>, only result: Instruction.ID, _ frame: StackFrame
  ) -> Bool {
    let live = liveValues()
    var pending: [Instruction.ID] = []
    for block in reversePostorder() where !loop.contains(block) {
      for id in self[block].instructions where !isPhi(id) || live.contains(id) {
        let isKept =
          self[id].operation == .machine(.store)
          && frame.offset(of: operand(0, of: id), in: self) != nil
        if !isKept { pending += operands(of: id) }
      }
      if let value = self[block].terminator.value { pending.append(resolve(value)) }
    }
    var seen: Set<Instruction.ID> = [result]
    while let id = pending.popLast() {
      guard seen.insert(id).inserted else { continue }
      if let block = self[id].block {
        if loop.contains(block) { return false }
      } else {
        pending += operands(of: id)
      }
    }
    return true
  }

  private mutating func collapse(_ join: InlinedJoin) {
    let phis = self[join.exit].instructions.filter { isPhi($0) }
    let edge = self[join.exit].predecessors.firstIndex { join.loop.contains($0) } ?? 0
    let values = phis.map { operand(edge, of: $0) }
    let place = appendBlock(address: self[join.header].address)
    for block in join.entries {
      let end = self[block].terminator
      removeEnd(of: block)
      terminate(block, with: end.leading(to: place, insteadOf: join.header))
    }
    let address = join.texts.first.map { self[$0].address } ?? self[join.header].address
    let text = append(
      .python(.joinedString), partValues(of: join.parts, in: place), width: pointerSize, to: place,
      at: address)
    terminate(place, with: .jump(join.exit))
    for (phi, value) in zip(phis, values) {
      // What the loop itself computes is read by nobody.
      let isOwn = self[value].block.map(join.loop.contains) ?? false
      let known = isOwn && value != join.result ? undefined(width: size(phi)) : value
      setOperands(of: phi, operands(of: phi) + [known])
    }
    removeUnreachableBlocks()
    if case .tuple(let tuple, _, let stores) = join.parts {
      removeCounts(of: tuple, stores)
      for store in stores { remove(store) }
      forward(tuple, to: undefined(width: pointerSize))
    }
    if join.result != text { forward(join.result, to: text) }
    for call in join.texts { forward(call, to: text) }
    removeForwarded()
    while removeTrivialPhis() {}
  }

  /// The parts, which are loaded where they are joined if they lie in the frame.
  private mutating func partValues(of parts: Parts, in block: Block.ID) -> [Instruction.ID] {
    switch parts {
    case .tuple(_, let items, _): return items
    case .array(let start, let skip, let count):
      var values: [Instruction.ID] = []
      for index in 0..<count {
        let distance = constant(UInt64(skip + index * pointerSize), width: pointerSize)
        let place = binary(.add, start, distance, width: pointerSize)
        let value = append(
          .machine(.load), [place], width: pointerSize, to: block, at: self[block].address)
        values.append(value)
      }
      return values
    }
  }

  /// Removes the counts that belong to a tuple and to what is put into it.
  private mutating func removeCounts(of tuple: Instruction.ID, _ stores: [Instruction.ID]) {
    let order = reversePostorder()
    let dominators = dominatorTree(order)
    // An item may be stored on several ways, and counted on each of them or once before.
    let places = Dictionary(grouping: stores) { offset(operand(0, of: $0)).offset }
    for (_, stores) in places.sorted(by: { $0.key < $1.key }) {
      guard let value = stores.first.map({ operand(1, of: $0) }), constant(value) != nil else {
        continue
      }
      let own = stores.compactMap { count(of: value, before: $0) }
      if own.isEmpty, let first = stores.first,
        let earlier = count(of: value, above: first, dominators)
      {
        remove(earlier)
      }
      for count in own { remove(count) }
    }
    for block in order {
      for id in self[block].instructions {
        if case .referenceCount = self[id].operation, operand(0, of: id) == tuple {
          remove(id)
        }
      }
    }
  }

  /// The last step of a store's block that counts a value up before it.
  private func count(of value: Instruction.ID, before store: Instruction.ID) -> Instruction.ID? {
    guard let block = self[store].block else { return nil }
    return self[block].instructions.prefix { $0 != store }.last { counts($0, value) }
  }

  /// The nearest step that counts a value up in the blocks that dominate a store's.
  private func count(
    of value: Instruction.ID, above store: Instruction.ID, _ dominators: DominatorTree
  ) -> Instruction.ID? {
    var index = self[store].block?.index ?? 0
    for _ in 0..<64 {
      let next = dominators.immediate[index]
      guard next >= 0, next != index, next < blockIDs.count else { return nil }
      index = next
      let block = Block.ID(UInt32(index))
      if let found = self[block].instructions.last(where: { counts($0, value) }) { return found }
    }
    return nil
  }

  private func counts(_ id: Instruction.ID, _ value: Instruction.ID) -> Bool {
    self[id].operation == .referenceCount(1) && operand(0, of: id) == value
  }
}

extension Terminator {
  fileprivate func leading(to target: Block.ID, insteadOf old: Block.ID) -> Terminator {
    switch self {
    case .jump(let next): .jump(next == old ? target : next)
    case .branch(let value, let first, let second):
      .branch(value, first == old ? target : first, second == old ? target : second)
    default: self
    }
  }
}
