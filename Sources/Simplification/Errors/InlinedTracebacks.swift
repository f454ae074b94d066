package import IR
import RuntimeModel

extension Function {
  /// Puts a call of `__Pyx_AddTraceback` where compilers inlined it.
  ///
  /// ```
  /// %3 = phi 1, 2, 3                               %3 = phi 1, 2, 3
  /// …                                        →     call __Pyx_AddTraceback, 0, %3
  /// call PyCode_NewEmpty, file, name, %3           …
  /// call PyTraceBack_Here, frame
  /// ```
  /// It happens where a module has no functions, so that its body alone writes tracebacks. What the
  /// inlined code does behind the call does not matter to anyone.
  ///
  /// - Returns: whether there was one.
  package mutating func markInlinedTracebacks(_ facts: some ModuleFacts) -> Bool {
    var line: Instruction.ID?
    var isWritten = false
    for block in reversePostorder() {
      for id in self[block].instructions {
        switch callee(of: id, facts)?.name {
        case "PyCode_NewEmpty": line = argument(2, of: id)
        case "PyTraceBack_Here": isWritten = true
        default: break
        }
      }
    }
    guard var line, isWritten, let helper = facts.inlinedTraceback else { return false }
    while let (opcode, inner, _) = machine(line), opcode == .extract || opcode == .zeroExtend {
      line = inner
    }
    guard isPhi(line), let block = self[line].block else { return false }
    let width = pointerSize
    append(
      .call, [constant(helper, width: width), constant(0, width: width), line], width: width,
      to: block, at: self[block].address)
    return true
  }
}
