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
    guard let list = function.argument(0, of: call), isUsedBehind(list, call),
      follows(call, list), let source = sourceOfNewList(list)
    else { return false }
    if let first = sites[list]?.line, let second = sites[call]?.line, first != second {
      return false
    }
    function.forward(list, to: call)
    return becomeBuiltinCall(call, "sorted", [source])
  }

  /// Whether nothing happens between two steps.
  private func follows(_ step: Instruction.ID, _ first: Instruction.ID) -> Bool {
    guard var block = function[step].block,
      var end = function[block].instructions.firstIndex(of: step)
    else { return false }
    for _ in 0..<16 {
      for id in function[block].instructions[..<end].reversed() {
        if id == first { return true }
        switch function[id].operation {
        case .referenceCount, .undefined, .phi, .machine(.load), .machine(.store): continue
        default: return false
        }
      }
      guard function[block].predecessors.count == 1 else { return false }
      block = function[block].predecessors[0]
      end = function[block].instructions.count
    }
    return false
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
      return function.insert(
        .python(.runGenerator), [generator], width: function.pointerSize, before: list)
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
