package import IR
import RuntimeModel

extension Function {
  /// Calls the function for texts where it is chosen from two.
  ///
  /// ```c
  /// f = a == Py_None || is_str_subtype(b) ? PyNumber_Remainder : PyUnicode_Format; r = f(a, b);
  /// ```
  /// becomes `r = PyUnicode_Format(a, b)`. Cython chooses between two calls (`__Pyx_PyUnicode_FormatSafe`
  /// and `__Pyx_PyUnicode_ConcatSafe` in `Cython/Utility/StringTools.c`), of which compilers for processors
  /// that call through registers make one; where they are left apart, ``BranchRule/concatenation`` decides.
  ///
  /// - Returns: whether there was one.
  package mutating func callTextFunctions(_ facts: some ModuleFacts) -> Bool {
    var changed = false
    for block in reversePostorder() {
      for id in self[block].instructions where self[id].operation == .call {
        let target = operand(0, of: id)
        guard isPhi(target), let chosen = textFunction(among: roots(of: target), facts) else {
          continue
        }
        setOperands(of: id, [chosen] + operands(of: id).dropFirst())
        changed = true
      }
    }
    return changed
  }

  /// The function for texts among some others, if they are general ones that do the same.
  private func textFunction(
    among targets: Set<Instruction.ID>, _ facts: some ModuleFacts
  ) -> Instruction.ID? {
    let names = targets.sorted().map { target in
      constant(target).flatMap { facts.callee(at: $0)?.name }
    }
    guard targets.count == 2, let first = names[0], let second = names[1] else { return nil }
    let sorted = targets.sorted()
    if BranchRule.textFunctions[first]?.contains(second) == true { return sorted[1] }
    return BranchRule.textFunctions[second]?.contains(first) == true ? sorted[0] : nil
  }
}
