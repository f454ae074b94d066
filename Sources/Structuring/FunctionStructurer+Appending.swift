import Basics
import IR
import PythonSyntax
import Raising

extension FunctionStructurer {
  /// `o.append(x)`, of which Cython evaluates the argument before it looks for the method.
  ///
  /// ```
  /// %1 = f(); %2 = attribute('append') o; call %2, %1     →     o.append(f())
  /// ```
  /// (`__Pyx_PyObject_Append` in `Cython/Utility/Optimize.c`)
  ///
  /// - Returns: whether a step is the attribute of such a call; the call's own step follows.
  func appending(
    _ id: Instruction.ID, _ operation: PythonOperation, _ state: inout State
  ) throws -> Bool {
    guard case .attribute(let symbol) = operation, raiser.symbols[symbol] == "append",
      uses[id] == 1, !variables.isVariable.contains(id), let call = readers(of: id).first,
      case .python(.call(let shape)) = raiser.function[call].operation,
      raiser.function[shape].arguments == [.positional],
      raiser.function[call].block == raiser.function[id].block
    else { return false }
    let operands = raiser.function.operands(of: call)
    guard operands.count == 2, operands[0] == id, let top = state.stack.last,
      top.id == operands[1], uses[top.id] == 1
    else { return false }
    let object = raiser.function.operand(0, of: id)
    var needed: [Instruction.ID] = []
    collectWaiting(object, state, &needed)
    // What the method belongs to was evaluated before.
    guard Array(state.stack.dropLast().suffix(needed.count)).map(\.id) == needed else {
      return false
    }
    let values = try read([object, operands[1]], &state)
    writtenCalls[call] = .call(.attribute(values[0], "append"), [values[1]], [])
    return true
  }
}
