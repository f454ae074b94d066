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
    var discards: [Instruction.ID] = []
    var others: [(name: String?, operands: [Instruction.ID])] = []
    for block in reversePostorder() {
      for id in self[block].instructions where self[id].operation == .call {
        let name = callee(of: id, facts)?.name
        if name == "PySet_Discard" {
          discards.append(id)
        } else {
          others.append((name, Array(operands(of: id).dropFirst())))
        }
      }
    }
    return Set(
      discards.filter { discard in
        guard let set = argument(0, of: discard), let item = argument(1, of: discard) else {
          return false
        }
        return others.contains { call in
          func isItem(_ value: Instruction.ID) -> Bool {
            value == item || roots(of: value).contains(item)
          }
          if call.name == "PyTuple_Pack" {
            return call.operands.count > 1 && constant(call.operands[0]) == 1
              && isItem(call.operands[1])
          }
          return call.operands.count >= 3 && call.operands[0] == set && isItem(call.operands[1])
            && (call.operands[2] == discard || withoutExtract(call.operands[2]) == discard)
        }
      })
  }
}
