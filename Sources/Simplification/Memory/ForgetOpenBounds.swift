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
    let values = operands(of: phi)
    guard values.count == 2, let fixed = values.first(where: { constant($0) != nil }),
      constant(fixed) == 0 || constant(fixed) == Opcode.mask(pointerSize) >> 1,
      let call = values.first(where: { $0 != fixed }),
      ["PyLong_AsSsize_t", "__Pyx_PyIndex_AsSsize_t"].contains(callee(of: call, facts)?.name),
      let object = argument(0, of: call), constant(object) == nil
    else { return nil }
    return (call, object)
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
      comparedWithNone(site, facts) == object, site.otherTarget == way, site.target != way,
      successors(of: way) == [block]
    else { return false }
    let other = site.target == block ? site.block : site.target
    return Set(self[block].predecessors) == [way, other]
  }
}
