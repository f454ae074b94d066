package import IR
import RuntimeModel

extension Function {
  /// Replaces the copying of a few words by the loads and stores that it means.
  ///
  /// ```
  /// call memcpy, %4 + 24, stack-24, 16     →     store %4 + 24, load stack-24
  ///                                              store %4 + 32, load stack-16
  /// ```
  /// Cython makes tuples of arrays in the stack frame this way (`__Pyx_PyTuple_FromArray`).
  ///
  /// - Returns: whether any call was replaced.
  package mutating func expandCopies(_ facts: some ModuleFacts, wordSize: Int) -> Bool {
    var changed = false
    for block in reversePostorder() {
      for id in self[block].instructions where self[id].operation == .call {
        guard let name = callee(of: id, facts)?.name, name == "memcpy" || name == "memmove",
          let target = argument(0, of: id), let source = argument(1, of: id),
          let size = argument(2, of: id).flatMap({ constant($0) }), size > 0, size <= 2048,
          size % UInt64(wordSize) == 0
        else { continue }
        expandCopy(id, target, source, count: Int(size) / wordSize, wordSize: wordSize)
        changed = true
      }
    }
    if changed { removeForwarded() }
    return changed
  }

  private mutating func expandCopy(
    _ call: Instruction.ID, _ target: Instruction.ID, _ source: Instruction.ID, count: Int,
    wordSize: Int
  ) {
    func places(_ start: Instruction.ID, _ function: inout Function) -> [Instruction.ID] {
      (0..<count).map { index in
        let distance = function.constant(UInt64(index * wordSize), width: wordSize)
        return function.binary(.add, start, distance, width: wordSize)
      }
    }
    // All is read before anything is written.
    let values = places(source, &self).map {
      insert(.machine(.load), [$0], width: wordSize, before: call)
    }
    for (place, value) in zip(places(target, &self), values) {
      _ = insert(.machine(.store), [place, value], width: 0, before: call)
    }
    forward(call, to: target)
  }
}
