extension MachineBlock {
  /// Finds out whether a pointer to code was loaded from so many bytes behind another pointer.
  ///
  /// - Parameters:
  ///   - target: the pointer to code.
  ///   - index: the step that uses it, or the count of steps for the block's end.
  ///   - distance: the distance of the place.
  /// - Returns: whether it was; false also if the block does not tell.
  package func loads(_ target: Varnode, before index: Int, from distance: UInt64) -> Bool {
    guard let load = definition(of: target, before: index), transfers[load].opcode == .load,
      let sum = definition(of: transfers[load].input0, before: load)
    else { return false }
    let address = transfers[sum]
    return address.opcode == .add
      && [address.input0, address.input1].contains { input in
        input.space == .constant && input.offset == distance
      }
  }

  /// The last step before another one that sets a varnode, copies left out.
  private func definition(of varnode: Varnode, before index: Int) -> Int? {
    var varnode = varnode
    for step in transfers[..<index].indices.reversed() where transfers[step].output == varnode {
      guard transfers[step].opcode == .copy else { return step }
      varnode = transfers[step].input0
    }
    return nil
  }
}
