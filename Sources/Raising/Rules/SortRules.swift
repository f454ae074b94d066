import Basics
import IR
import Simplification

extension Raiser {
  /// `sorted(x)` makes a list of `x` and sorts it at once, on the same line
  /// (`_handle_simple_function_sorted` in `Cython/Compiler/Optimize.py`).
  ///
  /// ```
  /// %5 = call list, %4     call PyList_Sort, %5     …%5…     →     %6 = call sorted, %4     …%6…
  /// ```
  func sortNewList(_ call: Instruction.ID) -> Bool {
    guard let list = function.argument(0, of: call), let block = function[call].block,
      function[list].block == block, isUsedBehind(list, call),
      let source = sourceOfNewList(list),
      let start = function[block].instructions.firstIndex(of: list),
      let end = function[block].instructions.firstIndex(of: call), start < end
    else { return false }
    for id in function[block].instructions[(start + 1)..<end] {
      switch function[id].operation {
      case .referenceCount, .undefined, .phi: continue
      default: return false
      }
    }
    if let first = sites[list]?.line, let second = sites[call]?.line, first != second {
      return false
    }
    function.forward(list, to: call)
    return becomeBuiltinCall(call, "sorted", [source])
  }

  /// What a list was just made of.
  private func sourceOfNewList(_ list: Instruction.ID) -> Instruction.ID? {
    switch operation(list) {
    case .call:
      guard function.operandCount(of: list) == 2,
        case .builtin(let name)? = operation(function.operand(0, of: list)),
        symbols[name] == "list"
      else { return nil }
      return function.operand(1, of: list)
    case .runGenerator:
      let generator = function.operand(0, of: list)
      return function.insert(.python(.runGenerator), [generator], width: 8, before: list)
    default: return nil
    }
  }

  private func isUsedBehind(_ list: Instruction.ID, _ call: Instruction.ID) -> Bool {
    for block in function.reversePostorder() {
      for id in function[block].instructions where id != call {
        if case .referenceCount = function[id].operation { continue }
        if function.operands(of: id).contains(list) { return true }
      }
      if let value = function[block].terminator.value, function.resolve(value) == list {
        return true
      }
    }
    return false
  }
}
