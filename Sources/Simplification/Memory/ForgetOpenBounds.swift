import Analysis
package import IR
import RuntimeModel

extension Function {
  /// Hands a bound of a slice on as it is, where `None` stands for the bound that is left out.
  ///
  /// ```c
  /// start = (i == Py_None) ? 0 : PyLong_AsSsize_t(i);
  /// stop = (j == Py_None) ? PY_SSIZE_T_MAX : PyLong_AsSsize_t(j);
  /// r = PyUnicode_Substring(text, start, stop);
  /// ```
  /// becomes `PyUnicode_Substring(text, PyLong_AsSsize_t(i), PyLong_AsSsize_t(j))` (`SliceIndexNode` in
  /// `Cython/Compiler/ExprNodes.py`): a slice takes `None` for the same. The program's own `0 if i is None
  /// else i` merges objects, not C integers.
  ///
  /// - Returns: whether there was one.
  package mutating func forgetOpenBounds(_ facts: some ModuleFacts) -> Bool {
    let order = reversePostorder()
    for block in order {
      for phi in self[block].instructions where isPhi(phi) && isWord(phi) {
        guard let (call, object) = openBound(phi, facts), readsAsBound(phi, facts),
          isNone(object, whenOther: call, at: block, facts),
          let first = self[block].instructions.first(where: { !isPhi($0) })
        else { continue }
        let target = operand(0, of: call)
        let bound = insert(.call, [target, object], width: pointerSize, before: first)
        forward(phi, to: bound)
        forward(call, to: bound)
        remove(call)
        removeForwarded()
        return true
      }
    }
    return false
  }

  /// The call that makes a C integer of an object, and the object, if a phi merges that with the bound that
  /// is left out.
  private func openBound(
    _ phi: Instruction.ID, _ facts: some ModuleFacts
  ) -> (call: Instruction.ID, object: Instruction.ID)? {
    guard let call = operands(of: phi).first(where: { constant($0) == nil }),
      ["PyLong_AsSsize_t", "__Pyx_PyIndex_AsSsize_t"].contains(callee(of: call, facts)?.name),
      let fixed = fixedBound(phi, besides: call),
      constant(fixed) == 0 || constant(fixed) == Opcode.mask(pointerSize) >> 1,
      let object = argument(0, of: call), constant(object) == nil
    else { return nil }
    return (call, object)
  }

  /// What a phi merges besides a call's result; where that is compared with -1, as an error is, the other
  /// edge may have -1 for it.
  private func fixedBound(_ phi: Instruction.ID, besides call: Instruction.ID) -> Instruction.ID? {
    guard let block = self[phi].block else { return nil }
    var fixed: Set<Instruction.ID> = []
    for (predecessor, value) in zip(self[block].predecessors, operands(of: phi)) {
      if value != call, !isError(value, of: call, from: predecessor, to: block) {
        fixed.insert(value)
      }
    }
    return fixed.count == 1 ? fixed.first : nil
  }

  /// Whether a value is the -1 that a call's result is on an edge.
  private func isError(
    _ value: Instruction.ID, of call: Instruction.ID, from predecessor: Block.ID, to block: Block.ID
  ) -> Bool {
    guard constant(value) == Opcode.mask(pointerSize) else { return false }
    var (source, target) = (predecessor, block)
    while case .jump = self[source].terminator, self[source].predecessors.count == 1 {
      (source, target) = (self[source].predecessors[0], source)
    }
    guard let site = BranchSite(source, in: self), site.target == target,
      case .equal(call, value) = site.condition.form
    else { return false }
    return true
  }

  /// Which arguments of functions are bounds.
  private static let bounds: [String: [Int]] = [
    "PyUnicode_Substring": [1, 2], "PySequence_GetSlice": [1, 2], "PyList_GetSlice": [1, 2],
    "PyTuple_GetSlice": [1, 2], "PySequence_SetSlice": [1, 2], "PySequence_DelSlice": [1, 2],
    "PyUnicode_Tailmatch": [2, 3],
  ]

  /// Whether a phi is read as the bound that it stands for, and as nothing else.
  private func readsAsBound(_ phi: Instruction.ID, _ facts: some ModuleFacts) -> Bool {
    let fixed = operands(of: phi).compactMap { constant($0) }.first
    let position = fixed == 0 ? 0 : 1
    var isRead = false
    for block in reversePostorder() {
      if self[block].terminator.value.map({ isReckoned($0, with: phi) }) == true { return false }
      for id in self[block].instructions where id != phi {
        guard operands(of: id).contains(where: { isReckoned($0, with: phi) }) else { continue }
        guard let name = callee(of: id, facts)?.name, let place = Self.bounds[name]?[position],
          operands(of: id).enumerated().allSatisfy({ index, value in
            value == phi ? index == place + 1 : !isReckoned(value, with: phi)
          })
        else { return false }
        isRead = true
      }
    }
    return isRead
  }

  /// Whether a value is, or is reckoned with, a phi.
  private func isReckoned(_ value: Instruction.ID, with phi: Instruction.ID, depth: Int = 0) -> Bool
  {
    let value = resolve(value)
    if value == phi { return true }
    guard depth < 16, self[value].block == nil else { return false }
    return operands(of: value).contains { isReckoned($0, with: phi, depth: depth + 1) }
  }

  /// Whether a block is reached without a call only where an object is `None`.
  private func isNone(
    _ object: Instruction.ID, whenOther call: Instruction.ID, at block: Block.ID,
    _ facts: some ModuleFacts
  ) -> Bool {
    guard let way = self[call].block, self[way].predecessors.count == 1,
      let site = BranchSite(self[way].predecessors[0], in: self),
      comparedWithNone(site, facts) == object, site.otherTarget == way, site.target != way
    else { return false }
    let other = site.target == block ? site.block : site.target
    var found: Set<Block.ID> = [way]
    var pending = [way]
    while let next = pending.popLast() {
      for successor in successors(of: next) where successor != block {
        guard found.count < 8, found.insert(successor).inserted else { return false }
        pending.append(successor)
      }
    }
    return found.allSatisfy {
      self[$0].predecessors.allSatisfy { found.contains($0) || $0 == site.block }
    }
      && Set(self[block].predecessors).subtracting(found) == [other]
  }
}
