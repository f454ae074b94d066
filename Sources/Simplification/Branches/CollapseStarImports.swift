package import IR
import RuntimeModel

extension Function {
  /// Takes out what `from m import *` does where compilers inlined it, but for its first call.
  ///
  /// ```c
  /// locals = PyDict_New();
  /// all = PyObject_GetAttrString(m, "__all__");          PyObject_GetAttrString(m, "__all__");
  /// …                                               →
  /// list = PyDict_Items(locals);
  /// for (i = 0; i < PyList_GET_SIZE(list); i++) …
  /// ```
  /// `__pyx_import_star` in `Cython/Utility/ImportExport.c`. A module's star import can be told by the
  /// call that is left.
  ///
  /// - Returns: whether there was one.
  package mutating func collapseStarImports(_ facts: some ModuleFacts) -> Bool {
    var changed = false
    for block in reversePostorder() {
      for id in self[block].instructions
      where callee(of: id, facts)?.name == "PyObject_GetAttrString" {
        guard self[id].block == block, let module = argument(0, of: id),
          let end = endOfStarImport(from: block, facts)
        else { continue }
        collapse(id, in: block, module, end)
        changed = true
      }
    }
    return changed
  }

  /// Where a star import ends.
  private struct StarImportEnd {
    /// The block that leaves the loop over the names, and where it goes then.
    let last: Block.ID
    let next: Block.ID
    /// The dictionary and the list that the import made for itself.
    let locals: Instruction.ID
    let list: Instruction.ID
  }

  private func endOfStarImport(from start: Block.ID, _ facts: some ModuleFacts) -> StarImportEnd? {
    let region = blocks(from: start, besides: nil)
    guard region.contains(where: { calls("PyMapping_Keys", $0, facts) != nil }),
      let first = region.first(where: { calls("PyDict_Items", $0, facts) != nil }),
      let list = calls("PyDict_Items", first, facts), let locals = argument(0, of: list),
      callee(of: locals, facts)?.name == "PyDict_New"
    else { return nil }
    for block in blocks(from: first, besides: nil) {
      guard let site = BranchSite(block, in: self), comparesSize(site.condition, of: list) else {
        continue
      }
      let isInside = [site.target, site.otherTarget].map { arm in
        blocks(from: arm, besides: block).contains {
          calls("PyUnicode_AsUTF8String", $0, facts) != nil
        }
      }
      guard isInside[0] != isInside[1] else { continue }
      return StarImportEnd(
        last: block, next: isInside[0] ? site.otherTarget : site.target, locals: locals, list: list)
    }
    return nil
  }

  /// Some of the blocks that follow on a block, the nearest first.
  private func blocks(from start: Block.ID, besides other: Block.ID?) -> [Block.ID] {
    var result = [start]
    var index = 0
    while index < result.count, result.count < 100 {
      for next in successors(of: result[index]) where next != other && !result.contains(next) {
        result.append(next)
      }
      index += 1
    }
    return result
  }

  private func calls(
    _ name: String, _ block: Block.ID, _ facts: some ModuleFacts
  ) -> Instruction.ID? {
    self[block].instructions.first { callee(of: $0, facts)?.name == name }
  }

  /// Whether a condition asks for the size of a list.
  private func comparesSize(_ condition: Condition, of list: Instruction.ID) -> Bool {
    let values: [Instruction.ID] =
      switch condition.form {
      case .equal(let left, let right), .less(let left, let right),
        .lessOrEqual(let left, let right):
        [left, right]
      case .either, .holds: []
      }
    return values.contains {
      isLoad($0, at: layout.size) && offset(operand(0, of: $0)).base == list
    }
  }

  private mutating func collapse(
    _ call: Instruction.ID, in block: Block.ID, _ module: Instruction.ID, _ end: StarImportEnd
  ) {
    let edge = self[end.next].predecessors.firstIndex(of: end.last) ?? 0
    let phis = self[end.next].instructions.filter { isPhi($0) }
    let values = phis.map { operand(edge, of: $0) }
    cut(block, behind: call)
    terminate(block, with: .jump(end.next))
    for (phi, value) in zip(phis, values) { setOperands(of: phi, operands(of: phi) + [value]) }
    // The module is as much of an object as the two that the import made.
    forward(end.list, to: module)
    forward(end.locals, to: module)
    removeUnreachableBlocks()
    removeForwarded()
    forgetUnreachableValues()
    while removeTrivialPhis() {}
  }

  /// Replaces values whose blocks are gone.
  private mutating func forgetUnreachableValues() {
    let order = reversePostorder()
    let reachable = Set(order)
    var lost: Set<Instruction.ID> = []
    var pending: [Instruction.ID] = []
    for block in order {
      for id in self[block].instructions { pending += operands(of: id) }
      if let value = self[block].terminator.value { pending.append(resolve(value)) }
    }
    var seen: Set<Instruction.ID> = []
    while let id = pending.popLast() {
      guard seen.insert(id).inserted else { continue }
      if let block = self[id].block {
        if !reachable.contains(block) || !self[block].instructions.contains(id) { lost.insert(id) }
      } else {
        pending += operands(of: id)
      }
    }
    for id in lost.sorted() { forward(id, to: undefined(width: size(id))) }
  }
}
