package import IR
import RuntimeModel

extension Function {
  /// Puts a call where compilers inlined the choice of a metaclass, which they do where a module has one
  /// class with bases.
  ///
  /// ```c
  /// for (i = 0; i < PyTuple_GET_SIZE(bases); i++) {
  ///   if (!metaclass) metaclass = Py_TYPE(bases[i]);
  ///   else if (PyType_IsSubtype(metaclass, Py_TYPE(bases[i]))) …       →     __Pyx_CalculateMetaclass(
  /// }                                                                          metaclass, bases)
  /// if (!metaclass) metaclass = &PyType_Type;
  /// ```
  /// `__Pyx_CalculateMetaclass` in `Cython/Utility/ObjectHandling.c`.
  ///
  /// - Returns: whether there was one.
  package mutating func collapseMetaclasses(_ facts: some ModuleFacts) -> Bool {
    guard let helper = facts.inlinedMetaclass else { return false }
    for end in reversePostorder() {
      let phis = self[end].instructions.filter { isPhi($0) }
      guard phis.count == 1, let chosen = metaclass(chosenBy: phis[0], facts),
        let head = self[chosen].block, let bases = basesCounted(in: head),
        comparesTypes(chosen, facts)
      else { continue }
      let outside = self[head].predecessors.indices.filter { index in
        !isReached(self[head].predecessors[index], from: head, besides: end)
      }
      guard outside.count == 1, let index = outside.first else { continue }
      let before = self[head].predecessors[index]
      guard case .jump = self[before].terminator else { continue }
      let call = append(
        .call, [constant(helper, width: pointerSize), operand(index, of: chosen), bases],
        width: pointerSize, to: before, at: self[head].address)
      forward(phis[0], to: call)
      removeForwarded()
      moveEdge(from: before, to: head, to: end, [])
      removeUnreachableBlocks()
      return true
    }
    return false
  }

  /// What a phi is unless it is null, for which `type` stands.
  private func metaclass(
    chosenBy phi: Instruction.ID, _ facts: some ModuleFacts
  ) -> Instruction.ID? {
    let values = operands(of: phi)
    guard values.count == 2,
      let index = values.firstIndex(where: {
        constant($0).flatMap { facts.variable(at: $0) } == "PyType_Type"
      }), isPhi(values[1 - index])
    else { return nil }
    return values[1 - index]
  }

  /// The tuple whose size ends a loop.
  private mutating func basesCounted(in head: Block.ID) -> Instruction.ID? {
    guard case .branch(let condition, _, _) = self[head].terminator,
      let (_, left, right) = machine(resolve(condition))
    else { return nil }
    for number in [left, right] where self[number].operation == .machine(.load) {
      let (tuple, distance) = offset(operand(0, of: number))
      if distance == layout.size { return tuple }
      if let address = constant(operand(0, of: number)) {
        return constant(address &- layout.size, width: pointerSize)
      }
    }
    return nil
  }

  /// Whether a type is compared with others.
  private func comparesTypes(_ type: Instruction.ID, _ facts: some ModuleFacts) -> Bool {
    reversePostorder().contains { block in
      self[block].instructions.contains { id in
        callee(of: id, facts)?.name == "PyType_IsSubtype"
          && (argument(0, of: id) == type || argument(1, of: id) == type)
      }
    }
  }

  /// Whether control gets from a block to another one without passing a third.
  private func isReached(
    _ target: Block.ID, from start: Block.ID, besides other: Block.ID
  ) -> Bool {
    var seen: Set<Block.ID> = [start, other]
    var pending = [start]
    while let block = pending.popLast() {
      for next in successors(of: block) {
        if next == target { return true }
        if seen.insert(next).inserted { pending.append(next) }
      }
    }
    return false
  }
}
