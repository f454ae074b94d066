package import IR
import RuntimeModel

extension Function {
  /// Puts a call where compilers inlined `ord`, which they do where a module asks for it once.
  ///
  /// ```c
  /// if (PyUnicode_Check(c)) code = PyUnicode_READ_CHAR(c, 0);
  /// else if (PyBytes_Check(c)) code = PyBytes_AS_STRING(c)[0];     →     code = __Pyx__PyObject_Ord(c)
  /// else code = PyByteArray_AS_STRING(c)[0];
  /// ```
  /// `object_ord` in `Cython/Utility/Builtins.c`. The error that says how long the text is must be gone, so
  /// that this is not done where a handler may get it.
  ///
  /// - Returns: whether there was one.
  package mutating func collapseCharacterCodes(_ facts: some ModuleFacts) -> Bool {
    guard let helper = facts.inlinedOrd, !handlesErrors() else { return false }
    for block in reversePostorder() {
      for phi in self[block].instructions where isPhi(phi) {
        guard let object = objectRead(by: phi, facts),
          let head = head(of: object, before: block, facts)
        else { continue }
        if collapse(phi, object, head, helper, facts) { return true }
      }
    }
    return false
  }

  private func handlesErrors() -> Bool {
    blockIDs.contains { block in
      self[block].instructions.contains { self[$0].operation == .python(.tryBegin) }
    }
  }

  /// The object whose first byte or character a phi is, whatever the object is.
  private func objectRead(
    by phi: Instruction.ID, _ facts: some ModuleFacts
  ) -> Instruction.ID? {
    let values = operands(of: phi).map { withoutExtension(boxed(by: $0, facts) ?? $0) }
    guard values.count >= 3,
      values.allSatisfy({ self[$0].operation == .machine(.load) && size($0) <= 4 })
    else { return nil }
    for value in values where size(value) == 1 {
      let (base, distance) = offset(operand(0, of: value))
      if distance == layout.bytesData, self[base].operation != .phi { return base }
    }
    return nil
  }

  /// The number that a call makes an object of, which compilers do on each way to a place.
  private func boxed(by call: Instruction.ID, _ facts: some ModuleFacts) -> Instruction.ID? {
    callee(of: call, facts)?.name == "PyLong_FromLong" ? argument(0, of: call) : nil
  }

  /// The block that asks first what an object is, if nothing but that and the reading of it is done from
  /// there up to another block.
  private func head(
    of object: Instruction.ID, before end: Block.ID, _ facts: some ModuleFacts
  ) -> Block.ID? {
    for block in reversePostorder() {
      guard let site = BranchSite(block, in: self),
        let (tested, flag) = testedSubclass(site.condition), tested == object,
        flag == ObjectLayout.subclassFlags["PyUnicode_Type"]
      else { continue }
      return isClosed(from: block, to: end, facts) ? block : nil
    }
    return nil
  }

  private func isClosed(
    from head: Block.ID, to end: Block.ID, _ facts: some ModuleFacts
  ) -> Bool {
    var region: Set<Block.ID> = [head]
    var pending = successors(of: head)
    while let block = pending.popLast() {
      guard block != end, region.insert(block).inserted else { continue }
      guard region.count < 48, self[block].instructions.allSatisfy({ isPart($0, facts) }) else {
        return false
      }
      let next = successors(of: block)
      guard !next.isEmpty else { return false }
      pending += next
    }
    return self[end].predecessors.allSatisfy(region.contains)
      && region.allSatisfy { block in
        block == head || self[block].predecessors.allSatisfy(region.contains)
      }
  }

  private func isPart(_ id: Instruction.ID, _ facts: some ModuleFacts) -> Bool {
    switch self[id].operation {
    case .phi, .undefined, .after, .forward, .machine(.load): true
    case .machine(.store): isSpill(id)
    case .call: ["PyType_IsSubtype", "PyLong_FromLong"].contains(callee(of: id, facts)?.name)
    default: false
    }
  }

  private mutating func collapse(
    _ code: Instruction.ID, _ object: Instruction.ID, _ head: Block.ID, _ helper: UInt64,
    _ facts: some ModuleFacts
  ) -> Bool {
    guard let end = self[code].block else { return false }
    let live = liveValues()
    let phis = self[end].instructions.filter { isPhi($0) }
    for phi in phis where phi != code && live.contains(phi) {
      guard Set(operands(of: phi)).count == 1 else { return false }
    }
    let boxes = operands(of: code).filter { boxed(by: $0, facts) != nil }
    guard boxes.isEmpty || boxes.count == operandCount(of: code) else { return false }
    let callee = constant(helper, width: pointerSize)
    let call = append(
      .call, [callee, object], width: pointerSize, to: head, at: self[head].address)
    var value = size(code) == pointerSize ? call : extract(call, 0, width: size(code))
    if let box = boxes.first {
      value = append(
        .call, [operand(0, of: box), call], width: pointerSize, to: head, at: self[box].address)
    }
    for phi in phis {
      let first = operand(0, of: phi)
      forward(
        phi, to: phi == code ? value : live.contains(phi) ? first : undefined(width: size(phi)))
    }
    removeEnd(of: head)
    terminate(head, with: .jump(end))
    removeUnreachableBlocks()
    removeForwarded()
    return true
  }
}
