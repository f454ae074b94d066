import Basics
package import IR
import RuntimeModel

extension Function {
  /// Takes away what a generator does with a `StopIteration` that leaves it, where compilers inlined it.
  ///
  /// ```
  /// if the error is a StopIteration:                                      →
  ///   take it, set RuntimeError('generator raised StopIteration')
  /// call __Pyx_AddTraceback, …                                            call __Pyx_AddTraceback, …
  /// ```
  /// Every generator does it (`__Pyx_Generator_Replace_StopIteration` in `Cython/Utility/Coroutine.c`);
  /// where a module has only one, it is no function of its own.
  ///
  /// - Returns: whether there was any.
  @discardableResult
  package mutating func forgetReplacedStops(_ facts: some ModuleFacts) -> Bool {
    var region = Set(reversePostorder().filter { replacesStop($0, facts) })
    guard !region.isEmpty else { return false }
    var grows = true
    while grows, region.count < Self.mostBlocks {
      grows = false
      for block in reversePostorder().reversed() where !region.contains(block) && block != entry {
        let ways = successors(of: block)
        guard !ways.isEmpty, ways.allSatisfy(region.contains) else { continue }
        region.insert(block)
        grows = true
      }
    }
    var changed = false
    for block in reversePostorder() where !region.contains(block) {
      guard case .branch(let condition, let first, let second) = self[block].terminator,
        region.contains(first) != region.contains(second)
      else { continue }
      for call in failingCalls(resolve(condition)) where asksForError(call, facts) {
        replace(call, with: .undefined, [])
      }
      decideBranch(of: block, taken: region.contains(second))
      changed = true
    }
    if changed { removeUnreachableBlocks() }
    return changed
  }

  /// How many blocks the taking of an exception is made of at most.
  private static var mostBlocks: Int { 200 }

  /// Whether a block makes an error of a `StopIteration`.
  private func replacesStop(_ block: Block.ID, _ facts: some ModuleFacts) -> Bool {
    self[block].instructions.contains { id in
      guard callee(of: id, facts)?.name == "PyErr_SetString",
        let text = argument(1, of: id).flatMap({ constant($0) }).flatMap({ facts.cText(at: $0) })
      else { return false }
      return text.hasSuffix("generator raised StopIteration")
        || text.hasSuffix("generator raised StopAsyncIteration")
    }
  }

  private func asksForError(_ call: Instruction.ID, _ facts: some ModuleFacts) -> Bool {
    switch callee(of: call, facts)?.name {
    case "PyErr_Occurred", "PyErr_ExceptionMatches", "PyErr_GivenExceptionMatches",
      "__Pyx_PyErr_GivenExceptionMatches", "__Pyx_PyErr_GivenExceptionMatches2",
      "__Pyx_PyErr_GivenExceptionMatchesTuple":
      true
    default: false
    }
  }
}
