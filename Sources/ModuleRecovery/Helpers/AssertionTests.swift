import IR

extension MachineBlock {
  /// The steps of a block that serve only to decide whether an assertion fails, by their positions.
  ///
  /// ```c
  /// assert(Py_TYPE(o) != &PyLong_Type);
  /// ```
  /// `Py_SIZE` and its like in `Include/` assert what they rely on; packages for CPython 3.12 and later
  /// are built that way. What such a test looks at says nothing about the function.
  ///
  /// - Parameters:
  ///   - failing: the blocks that lead to a failing assertion and nowhere else.
  ///   - result: the register in which calls leave their results.
  ///   - isPredicate: whether a call only asks something, from the address of the callee.
  /// - Returns: the positions of the steps; none if the block tests no assertion.
  func assertionTest(
    failing: Set<CodePoint>, result: Varnode, isPredicate: (UInt64) -> Bool
  ) -> Set<Int> {
    guard case .branch(let condition, let first, let second) = exit,
      failing.contains(first) != failing.contains(second)
    else { return [] }
    var needed: [Varnode] = [condition]
    var steps: Set<Int> = []
    for index in transfers.indices.reversed() {
      let transfer = transfers[index]
      if transfer.opcode == .call {
        let asks = needed.contains { $0.overlaps(result) } && isPredicate(transfer.input0.offset)
        if asks { steps.insert(index) }
        break
      }
      guard let output = transfer.output, needed.contains(where: { $0.overlaps(output) }) else {
        continue
      }
      steps.insert(index)
      needed.removeAll { $0.overlaps(output) }
      needed += [transfer.input0, transfer.input1].filter { $0.space != .constant }
    }
    return steps
  }
}

extension Varnode {
  fileprivate func overlaps(_ other: Varnode) -> Bool {
    guard space == other.space, space != .constant else { return false }
    let distance = offset > other.offset ? offset - other.offset : other.offset - offset
    return distance < UInt64(offset > other.offset ? other.size : size)
  }
}
