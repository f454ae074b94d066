import IR
import ModuleRecovery
import RuntimeModel
import Simplification

extension Function {
  /// The calls of `PySet_Discard` that stand for `s.remove(x)`.
  ///
  /// ```c
  /// found = PySet_Discard(s, x);
  /// if (found == 0) { t = PyTuple_Pack(1, x); PyErr_SetObject(PyExc_KeyError, t); goto error; }
  /// ```
  /// `__Pyx_PySet_Remove` in `Cython/Utility/Builtins.c`; `s.discard(x)` has no such error. Where the part
  /// behind the question is a function of its own, it gets the set, the item and what was found.
  func callsOfRemove(_ facts: some ModuleFacts) -> Set<Instruction.ID> {
    var result: Set<Instruction.ID> = []
    for block in reversePostorder() {
      for id in self[block].instructions
      where callee(of: id, facts)?.name == "PySet_Discard"
        && missesItem(behind: id, in: block, facts)
      {
        result.insert(id)
      }
    }
    return result
  }

  /// Whether a way from a call leads to the error for an item that is not there, past no other call for
  /// the same item.
  private func missesItem(
    behind discard: Instruction.ID, in start: Block.ID, _ facts: some ModuleFacts
  ) -> Bool {
    guard let item = argument(1, of: discard) else { return false }
    var pending: [(block: Block.ID, steps: ArraySlice<Instruction.ID>)] = []
    var seen: Set<Block.ID> = []
    pending.append((start, self[start].instructions.drop { $0 != discard }.dropFirst()))
    search: while let (block, steps) = pending.popLast() {
      for id in steps where self[id].operation == .call {
        if saysItemIsMissing(id, item, discard, facts) { return true }
        if callee(of: id, facts)?.name == "PySet_Discard", argument(1, of: id) == item {
          continue search
        }
      }
      for next in successors(of: block) where seen.insert(next).inserted {
        pending.append((next, self[next].instructions[...]))
      }
    }
    return false
  }

  private func saysItemIsMissing(
    _ call: Instruction.ID, _ item: Instruction.ID, _ discard: Instruction.ID,
    _ facts: some ModuleFacts
  ) -> Bool {
    let operands = Array(operands(of: call).dropFirst())
    guard operands.count > 1, operands[1] == item || roots(of: operands[1]).contains(item) else {
      return false
    }
    if callee(of: call, facts)?.name == "PyTuple_Pack" { return constant(operands[0]) == 1 }
    return operands.count > 2 && operands[0] == argument(0, of: discard)
      && withoutExtract(operands[2]) == discard
  }
}
