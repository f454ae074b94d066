package import IR
import RuntimeModel

extension Function {
  /// Replaces the copying of a few words by the loads and stores that it means.
  ///
  /// ```
  /// call memcpy, %4 + 24, stack-24, 16     →     store %4 + 24, load stack-24
  ///                                              store %4 + 32, load stack-16
  /// ```
  /// Cython makes tuples of arrays in the stack frame this way (`__Pyx_PyTuple_FromArray`), and clears the
  /// defaults of functions with `memset` (`__Pyx_CyFunction_InitDefaults`).
  ///
  /// - Returns: whether any call was replaced.
  package mutating func expandCopies(_ facts: some ModuleFacts, wordSize: Int) -> Bool {
    var changed = false
    for block in reversePostorder() {
      for id in self[block].instructions where self[id].operation == .call {
        guard let name = callee(of: id, facts)?.name, let target = argument(0, of: id),
          let source = argument(1, of: id),
          let count = wordCount(argument(Self.clearers.contains(name) ? 1 : 2, of: id), wordSize)
        else { continue }
        switch name {
        case "memcpy", "memmove": expandCopy(id, target, source, count: count, wordSize: wordSize)
        case "memset" where constant(source) != 0: continue
        case _ where count <= 32 && (name == "memset" || Self.clearers.contains(name)):
          let zeros = Array(repeating: constant(0, width: wordSize), count: count)
          store(zeros, from: target, before: id)
        default: continue
        }
        changed = true
      }
    }
    if changed { removeForwarded() }
    return changed
  }

  /// What clang makes of `memset` with zeros for macOS.
  private static let clearers: Set<String> = ["bzero", "__bzero"]

  /// How many whole words a number of bytes is, if that is few.
  private func wordCount(_ size: Instruction.ID?, _ wordSize: Int) -> Int? {
    guard let size = size.flatMap({ constant($0) }), size > 0, size <= 2048,
      size % UInt64(wordSize) == 0
    else { return nil }
    return Int(size) / wordSize
  }

  private mutating func expandCopy(
    _ call: Instruction.ID, _ target: Instruction.ID, _ source: Instruction.ID, count: Int,
    wordSize: Int
  ) {
    // All is read before anything is written.
    let values = words(from: source, count: count, wordSize: wordSize).map {
      insert(.machine(.load), [$0], width: wordSize, before: call)
    }
    store(values, from: target, before: call)
  }

  /// Stores words one behind the other, in place of a call that gives back where they start.
  private mutating func store(
    _ values: [Instruction.ID], from target: Instruction.ID, before call: Instruction.ID
  ) {
    guard let wordSize = values.first.map({ size($0) }) else { return }
    let places = words(from: target, count: values.count, wordSize: wordSize)
    for (place, value) in zip(places, values) {
      _ = insert(.machine(.store), [place, value], width: 0, before: call)
    }
    forward(call, to: target)
  }

  private mutating func words(
    from start: Instruction.ID, count: Int, wordSize: Int
  ) -> [Instruction.ID] {
    (0..<count).map { index in
      let distance = constant(UInt64(index * wordSize), width: wordSize)
      return binary(.add, start, distance, width: wordSize)
    }
  }
}
