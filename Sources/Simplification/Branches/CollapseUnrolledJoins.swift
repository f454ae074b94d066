import Analysis
import Basics
import IR
import RuntimeModel

/// Where the parts of an f-string are copied one by one, after a compiler unrolled the loop over them.
///
/// ```c
/// r = PyUnicode_New(length, largest);
/// if (kind == kind(a)) memcpy(…); else PyUnicode_CopyCharacters(r, 0, a, 0, length(a));
/// if (kind == kind(b)) memcpy(…); else PyUnicode_CopyCharacters(r, length(a), b, 0, length(b));
/// ```
/// becomes `joinedString a, b`, as the loop does (``Function/collapseJoins(_:_:)``).
struct UnrolledJoin {
  /// The call that makes the text.
  let text: Instruction.ID
  /// The block of that call, which ends with it.
  let start: Block.ID
  /// What copies the parts, and the block behind that.
  let region: Set<Block.ID>
  let exit: Block.ID
  let parts: [Instruction.ID]
}

extension Function {
  /// Finds one, and makes the call of its text the last step of its block.
  mutating func firstUnrolledJoin(
    _ facts: some ModuleFacts, _ frame: StackFrame
  ) -> UnrolledJoin? {
    for block in reversePostorder() {
      for text in self[block].instructions
      where callee(of: text, facts)?.name == "PyUnicode_New" {
        let copies = copies(into: text, facts)
        guard copies.count > 1 else { continue }
        let rest = split(block, behind: text)
        terminate(block, with: .jump(rest))
        if let join = unrolledJoin(text, copies, from: rest, behind: block, facts, frame) {
          return join
        }
        joinWithNext(block)
      }
    }
    return nil
  }

  /// The calls that copy a part into a text, in the order of the program.
  private func copies(into text: Instruction.ID, _ facts: some ModuleFacts) -> [Instruction.ID] {
    reversePostorder().flatMap { self[$0].instructions }.filter { id in
      self[id].operation == .call && argument(0, of: id) == text
        && Self.copies.contains(callee(of: id, facts)?.name ?? "")
    }
  }

  private func unrolledJoin(
    _ text: Instruction.ID, _ copies: [Instruction.ID], from rest: Block.ID,
    behind start: Block.ID, _ facts: some ModuleFacts, _ frame: StackFrame
  ) -> UnrolledJoin? {
    let parts = copies.compactMap { argument(2, of: $0) }
    let places = copies.compactMap { self[$0].block }
    guard parts.count == copies.count, places.count == copies.count, Set(places).count > 1,
      let (region, exit) = region(from: rest, to: places),
      region.allSatisfy({ $0 == rest || self[$0].predecessors.allSatisfy(region.contains) }),
      isCopying(region, facts, frame), isReadOutside(region, only: text, frame),
      givesOneValue(region, to: exit)
    else { return nil }
    let tree = dominatorTree(reversePostorder())
    // Each part is copied at one place, or its characters are copied at once.
    let forks = places.map { fork(of: $0, before: exit, tree) }
    for (first, second) in zip(forks, forks.dropFirst()) {
      guard first != second, tree.dominates(first, second) else { return nil }
    }
    for block in region {
      for id in self[block].instructions where callee(of: id, facts)?.name == "memcpy" {
        guard forks.contains(fork(of: block, before: exit, tree)) else { return nil }
      }
    }
    return UnrolledJoin(text: text, start: start, region: region, exit: exit, parts: parts)
  }

  /// Whether what a block gets from some others is the same on all ways, as far as it is read.
  private func givesOneValue(_ region: Set<Block.ID>, to exit: Block.ID) -> Bool {
    let live = liveValues()
    let edges = self[exit].predecessors.indices.filter {
      region.contains(self[exit].predecessors[$0])
    }
    return self[exit].instructions.allSatisfy { id in
      !isPhi(id) || !live.contains(id) || Set(edges.map { operand($0, of: id) }).count == 1
    }
  }

  /// The last block that every way to a block and every way to an exit pass.
  private func fork(of block: Block.ID, before exit: Block.ID, _ tree: DominatorTree) -> Int {
    var fork = block.index
    while !tree.dominates(fork, exit.index) || fork == block.index {
      let next = tree.immediate[fork]
      guard next >= 0, next != fork else { break }
      fork = next
    }
    return fork
  }

  /// The blocks from a place up to where all ways meet behind some others.
  private func region(
    from start: Block.ID, to places: [Block.ID]
  ) -> (blocks: Set<Block.ID>, exit: Block.ID)? {
    var region = Set(places)
    var pending = places
    while let block = pending.popLast() {
      guard block != start else { continue }
      for previous in self[block].predecessors where region.insert(previous).inserted {
        guard region.count < 256 else { return nil }
        pending.append(previous)
      }
    }
    guard region.contains(start) else { return nil }
    for _ in 0..<16 {
      let exits = Set(region.flatMap { successors(of: $0) }).subtracting(region)
      if exits.count == 1, let exit = exits.first { return (region, exit) }
      // What lies beside the last part is a part of it.
      let inner = exits.filter { self[$0].predecessors.allSatisfy(region.contains) }
        .filter { !successors(of: $0).isEmpty }.sorted { $0.index < $1.index }
      guard let next = inner.first else { return nil }
      region.insert(next)
    }
    return nil
  }

  mutating func collapse(_ join: UnrolledJoin) {
    let phis = self[join.exit].instructions.filter { isPhi($0) }
    let edges = self[join.exit].predecessors.indices.filter {
      join.region.contains(self[join.exit].predecessors[$0])
    }
    let values = phis.map { phi in edges.map { operand($0, of: phi) } }
    removeEnd(of: join.start)
    let text = append(
      .python(.joinedString), join.parts, width: pointerSize, to: join.start,
      at: self[join.text].address)
    terminate(join.start, with: .jump(join.exit))
    for (phi, values) in zip(phis, values) {
      let isOne = Set(values).count == 1
      let value = isOne ? values.first : nil
      setOperands(
        of: phi, operands(of: phi) + [value ?? undefined(width: size(phi))])
    }
    removeUnreachableBlocks()
    forward(join.text, to: text)
    removeForwarded()
    while removeTrivialPhis() {}
  }
}
