import IR

extension JoinSuspensions {
  /// Makes the stores of one label on several ways to one place a single one.
  ///
  /// ```
  /// b1: label = 1; goto b3
  /// b2: label = 1; goto b3       →     b1: goto b4    b2: goto b4    b4: label = 1; goto b3
  /// ```
  /// Compilers store the label of one suspension again wherever a way to it needs another register.
  func mergeLabelStores(_ function: inout Function) {
    for _ in 0..<256 {
      guard mergeOneLabel(&function) else { return }
    }
  }

  private func mergeOneLabel(_ function: inout Function) -> Bool {
    var first: [Meeting: Block.ID] = [:]
    for (store, number) in labelStores(function) where number != 0 && number < 1 << 31 {
      guard let (last, join) = meeting(behind: store, function) else { continue }
      let meeting = Meeting(number: number, join: join)
      if let other = first[meeting], other != last {
        merge([other, last], before: join, number, &function)
        return true
      }
      first[meeting] = last
    }
    return false
  }

  private struct Meeting: Hashable {
    let number: UInt64
    let join: Block.ID
  }

  /// Where a way meets others first behind a store, and the block from which it comes there.
  private func meeting(
    behind store: Instruction.ID, _ function: borrowing Function
  ) -> (last: Block.ID, join: Block.ID)? {
    guard var block = function[store].block else { return nil }
    for _ in 0..<8 {
      guard case .jump(let next) = function[block].terminator else { return nil }
      if function[next].predecessors.count > 1 { return (block, next) }
      block = next
    }
    return nil
  }

  private func merge(
    _ sources: [Block.ID], before join: Block.ID, _ number: UInt64, _ function: inout Function
  ) {
    let phis = function[join].instructions.filter { function.isPhi($0) }
    let edges = sources.compactMap { function[join].predecessors.firstIndex(of: $0) }
    guard edges.count == sources.count else { return }
    let values = edges.map { edge in phis.map { function.operand(edge, of: $0) } }
    let old = labelStores(function).filter { store, other in
      other == number && meeting(behind: store, function).map { sources.contains($0.last) } == true
    }
    let block = function.appendBlock(address: function[join].address)
    var merged: [Instruction.ID] = []
    for phi in phis.reversed() {
      merged.insert(function.appendPhi(width: function.size(phi), to: block), at: 0)
    }
    for (source, values) in zip(sources, values) {
      function.moveEdge(from: source, to: join, to: block, values)
    }
    let place = function.constant(label, width: function.pointerSize)
    let value = function.constant(number, width: 4)
    for (store, _) in old { function.remove(store) }
    function.append(
      .machine(.store), [place, value], width: function.pointerSize, to: block,
      at: function[join].address)
    function.terminate(block, with: .jump(join))
    for (phi, value) in zip(phis, merged) {
      function.setOperands(of: phi, function.operands(of: phi) + [value])
    }
  }
}
