import Basics
import IR
import RuntimeModel
import Simplification

// Lookups that hand the value out through a pointer.
extension Raiser {
  /// Reads lookups with a default that say by a number whether there is a value.
  ///
  /// ```
  /// %9 = call PyDict_Pop, %4, %3, stack-8                 %9 = pop %4, %3, %5
  /// if %9 == 0: goto B                               →
  /// B: %8 = phi %5, (after.stack-8 %9)                    (%8 is %9)
  /// ```
  /// `__Pyx_GetAttr3` in `Cython/Utility/Builtins.c` and `__Pyx_PyDict_Pop` in `Optimize.c`, since
  /// CPython 3.13.
  ///
  /// - Returns: whether anything changed.
  func raiseOptionalOutputs() -> Bool {
    for block in function.reversePostorder() where raiseOptionalOutput(block) { return true }
    return false
  }

  private func raiseOptionalOutput(_ block: Block.ID) -> Bool {
    guard let site = BranchSite(block, in: function),
      let tested = site.valueComparedWithNull(in: function)
    else { return false }
    let call = function.withoutExtract(tested)
    guard let name = function.callee(of: call, view)?.name,
      name == "PyObject_GetOptionalAttr" || name == "PyDict_Pop",
      let object = function.argument(0, of: call), let key = function.argument(1, of: call),
      let value = output(of: call), let end = lastIdleBlock(from: site.target),
      let substitute = takeDefault(of: value, site, end)
    else { return false }
    forwardLeftovers(call, .stack)
    return name == "PyDict_Pop"
      ? becomeMethodCall(call, object, "pop", [key, substitute])
      : becomeBuiltinCall(call, "getattr", [object, key, substitute])
  }

  /// What a call leaves on the stack, if that is one value.
  private func output(of call: Instruction.ID) -> Instruction.ID? {
    let values = function.instructionIDs.filter { id in
      guard case .after(let cell) = function[id].operation else { return false }
      return cell.kind == .stack && function.operand(0, of: id) == call && function.isWord(id)
        && function.resolve(id) == id
    }
    return values.count == 1 ? values.first : nil
  }

  /// The last block of an arm that does nothing until it meets others.
  private func lastIdleBlock(from start: Block.ID) -> Block.ID? {
    var block = start
    for _ in 0..<4 {
      let isIdle = function[block].instructions.allSatisfy { id in
        switch function[id].operation {
        case .referenceCount, .undefined, .machine(.load): true
        default: false
        }
      }
      guard isIdle, function[block].predecessors.count == 1,
        case .jump(let next) = function[block].terminator
      else { return nil }
      if function[next].predecessors.count > 1 { return block }
      block = next
    }
    return nil
  }
}
