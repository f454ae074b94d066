import Basics
import IR
import Interpretation
import ModuleRecovery
import RuntimeModel
import Simplification

// Loops over lists and tuples that are known to be such, whose first item compilers took out.
extension Raiser {
  /// Makes a loop over the places of a list or tuple one over its items, where the first item is taken
  /// before the loop and each other one at its end.
  ///
  /// ```
  /// if size(l) > 0: x = l[0]; i = 1                   it = iter(l)
  /// body: …; if i < size(l): x = l[i]; i += 1     →   loop: x = next(it); if x: body: …; goto loop
  ///          goto body
  /// ```
  /// - Returns: whether there was one.
  func raisePeeledSequenceLoops() -> Bool {
    for block in function.reversePostorder() {
      for id in function[block].instructions where function.isPhi(id) && function.isWord(id) {
        guard let loop = peeledLoop(id, in: block) else { continue }
        iterate(loop)
        return true
      }
    }
    return false
  }

  /// A block that takes an item on its way to the body, and the test before it.
  private struct ItemEdge {
    /// The block that leads to the body.
    let block: Block.ID
    let load: Instruction.ID
    /// The branch that comes before, and where it leads if there is no item; there is none before the
    /// first item of a constant.
    let test: BranchSite?
    let exit: Block.ID?

    /// Where the new loop is entered from.
    var source: Block.ID { test?.block ?? block }
  }

  private struct PeeledLoop {
    let body: Block.ID
    let item: Instruction.ID
    let sequence: Instruction.ID
    let edges: [ItemEdge]
    let exit: Block.ID
    /// What the phis at the exit get if there never was an item, by phi.
    let firstValues: [Instruction.ID: Instruction.ID]
  }

  private func peeledLoop(_ item: Instruction.ID, in body: Block.ID) -> PeeledLoop? {
    let loads = function.operands(of: item)
    guard loads.count > 1, function[body].predecessors.count == loads.count,
      Set(function[body].predecessors).count == loads.count,
      let next = loads.lazy.compactMap({ self.sequenceItem($0) }).first,
      let counter = counterFromOne(next.index), counter.block == body
    else { return nil }
    var edges: [ItemEdge] = []
    for (block, load) in zip(function[body].predecessors, loads) {
      guard function[load].block == block, case .jump = function[block].terminator else {
        return nil
      }
      let isFirst = isFirstItem(load, of: next.sequence)
      guard
        isFirst
          || sequenceItem(load).map({
            $0.sequence == next.sequence && $0.index == next.index
          }) == true
      else { return nil }
      let place = isFirst ? function.constant(0, width: function.pointerSize) : next.index
      if let edge = itemEdge(load, from: block, place, next.sequence) {
        edges.append(edge)
      } else if isFirst, (knownSize(next.sequence) ?? 0) > 0 {
        edges.append(ItemEdge(block: block, load: load, test: nil, exit: nil))
      } else {
        return nil
      }
    }
    let exits = Set(edges.compactMap(\.exit))
    guard edges.filter({ isFirstItem($0.load, of: next.sequence) }).count == 1, exits.count == 1,
      let exit = exits.first, exit != body, isCount(counter, onlyFor: edges, next.sequence),
      Set(edges.map(\.source)).count == edges.count,
      loads.allSatisfy({ isRead($0, onlyBy: item) })
    else { return nil }
    let firstValues = edges.contains { $0.test == nil } ? valuesAtExit(exit, edges, body) : [:]
    return firstValues.map {
      PeeledLoop(
        body: body, item: item, sequence: next.sequence, edges: edges, exit: exit, firstValues: $0)
    }
  }

  /// The phi that counts the items from 1 on.
  private func counterFromOne(
    _ index: Instruction.ID
  ) -> (block: Block.ID, values: Set<Instruction.ID>)? {
    guard function.isPhi(index), let block = function[index].block else { return nil }
    var values: Set<Instruction.ID> = [index]
    var starts = 0
    for operand in function.operands(of: index) {
      if function.constant(operand) == 1 {
        starts += 1
        continue
      }
      let (base, step) = function.offset(operand)
      guard base == index, step == 1 else { return nil }
      values.insert(operand)
    }
    return starts == 1 ? (block, values) : nil
  }

  /// Whether a load takes the first item of a list or tuple.
  private func isFirstItem(_ load: Instruction.ID, of sequence: Instruction.ID) -> Bool {
    guard function[load].operation == .machine(.load), function.isWord(load) else { return false }
    let address = function.operand(0, of: load)
    if let start = function.constant(sequence), let place = function.constant(address) {
      return place == start &+ function.layout.tupleItems
    }
    let (base, distance) = function.offset(address)
    if base == sequence { return distance == function.layout.tupleItems }
    guard distance == 0, function[base].operation == .machine(.load) else { return false }
    let (list, field) = function.offset(function.operand(0, of: base))
    return list == sequence && field == function.layout.listItems
  }

  private func itemEdge(
    _ load: Instruction.ID, from block: Block.ID, _ place: Instruction.ID,
    _ sequence: Instruction.ID
  ) -> ItemEdge? {
    guard function[block].predecessors.count == 1,
      function[block].instructions.allSatisfy({ isTaking($0) }),
      let test = BranchSite(function[block].predecessors[0], in: function),
      test.target != test.otherTarget, asks(test, place, sequence, block)
    else { return nil }
    let exit = test.target == block ? test.otherTarget : test.target
    return ItemEdge(block: block, load: load, test: test, exit: exit)
  }

  private func isTaking(_ id: Instruction.ID) -> Bool {
    switch function[id].operation {
    case .machine(.load), .referenceCount, .undefined: true
    default: false
    }
  }

  /// Whether a count is read by nothing but itself, the places of items and the tests.
  private func isCount(
    _ counter: (block: Block.ID, values: Set<Instruction.ID>), onlyFor edges: [ItemEdge],
    _ sequence: Instruction.ID
  ) -> Bool {
    var allowed = counter.values
    var guarded = counter.values
    for edge in edges {
      if let value = edge.test.flatMap({ function[$0.block].terminator.value }) {
        allowed.insert(function.resolve(value))
      }
      allowed.insert(edge.load)
      guard let item = sequenceItem(edge.load) else { continue }
      allowed.formUnion(item.places)
      guarded.formUnion(item.places)
    }
    return readers().allSatisfy { id in
      allowed.contains(id) || !function.operands(of: id).contains(where: guarded.contains)
    }
  }

  private func isRead(_ load: Instruction.ID, onlyBy item: Instruction.ID) -> Bool {
    readers().allSatisfy { id in
      if id == item { return true }
      if case .referenceCount = function[id].operation { return true }
      return !function.operands(of: id).contains(load)
    }
  }

  /// What the phis of the exit hold before the first item, where no test leads there; nil if that is
  /// not known.
  private func valuesAtExit(
    _ exit: Block.ID, _ edges: [ItemEdge], _ body: Block.ID
  ) -> [Instruction.ID: Instruction.ID]? {
    guard let first = edges.firstIndex(where: { $0.test == nil }),
      let last = edges.first(where: { $0.test != nil }), let end = last.test?.block,
      let way = function[exit].predecessors.firstIndex(of: end),
      let entry = function[body].predecessors.firstIndex(of: edges[first].block),
      let back = function[body].predecessors.firstIndex(of: last.block)
    else { return nil }
    let carried = function[body].instructions.filter { function.isPhi($0) }
    var result: [Instruction.ID: Instruction.ID] = [:]
    let live = function.liveValues()
    for phi in function[exit].instructions where function.isPhi(phi) {
      let value = function.operand(way, of: phi)
      if let variable = carried.first(where: { function.operand(back, of: $0) == value }) {
        result[phi] = function.operand(entry, of: variable)
      } else if function.constant(value) != nil {
        result[phi] = value
      } else if !live.contains(phi) {
        result[phi] = function.undefined(width: function.size(phi))
      } else {
        return nil
      }
    }
    return result
  }

  // MARK: The new loop

  private func iterate(_ loop: PeeledLoop) {
    let width = function.pointerSize
    let address = function[loop.edges[0].load].address
    guard let first = loop.edges.first(where: { isFirstItem($0.load, of: loop.sequence) }) else {
      return
    }
    let bodyPhis = function[loop.body].instructions.filter {
      function.isPhi($0) && $0 != loop.item
    }
    let exitPhis = function[loop.exit].instructions.filter { function.isPhi($0) }
    let bodyValues = bodyPhis.map { phi in
      loop.edges.map { value(of: phi, on: $0.block, to: loop.body) }
    }
    let exitValues = exitPhis.map { phi in
      loop.edges.map { edge in
        loop.firstValues[phi].flatMap { edge.test == nil ? $0 : nil }
          ?? value(of: phi, on: edge.source, to: loop.exit)
      }
    }
    let iterator = function.append(
      .python(.iterator), [loop.sequence], width: width, to: first.source, at: address)
    let head = function.appendBlock(address: function[loop.body].address)
    for edge in loop.edges {
      function.removeEnd(of: edge.source)
      function.terminate(edge.source, with: .jump(head))
    }
    let bodyMerged = zip(bodyPhis, bodyValues).map { merge($1, function.size($0), in: head) }
    let exitMerged = zip(exitPhis, exitValues).map { merge($1, function.size($0), in: head) }
    let next = function.append(.python(.next), [iterator], width: width, to: head, at: address)
    let isLast = function.binary(.equal, next, null, width: 1)
    function.terminate(head, with: .branch(isLast, loop.exit, loop.body))
    for (phi, value) in zip(bodyPhis, bodyMerged) { function.forward(phi, to: value) }
    function.forward(loop.item, to: next)
    for edge in loop.edges { function.forward(edge.load, to: next) }
    for (phi, value) in zip(exitPhis, exitMerged) {
      function.setOperands(of: phi, function.operands(of: phi) + [value])
    }
    function.removeUnreachableBlocks()
    function.removeForwarded()
    while function.removeTrivialPhis() {}
  }

  private func value(
    of phi: Instruction.ID, on source: Block.ID, to block: Block.ID
  ) -> Instruction.ID {
    let edge = function[block].predecessors.firstIndex(of: source) ?? 0
    return function.operand(edge, of: phi)
  }

  private func merge(
    _ values: [Instruction.ID], _ width: Int, in block: Block.ID
  ) -> Instruction.ID {
    let phi = function.appendPhi(width: width, to: block)
    function.setOperands(of: phi, values)
    return phi
  }
}
