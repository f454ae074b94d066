package import IR
import Simplification

// Errors that are handled in a way that nothing is known about.
extension Raiser {
  /// Lets control pass each step that may fail, but for the last one that leads to a handler.
  ///
  /// ```
  /// a = f(); if a == null: goto H            a = f()
  /// b = g(); if b == null: goto H      →     b = g()
  /// …                                        if b == null: goto H
  /// H: …                                     …
  /// ```
  /// What is left is no Python of the same meaning: it says what the handler does, not what leads
  /// there. Only functions that come back marked are made of it.
  package func cutUnknownErrors() {
    var handlers: Set<Block.ID> = []
    for site in unknownErrors().reversed() {
      let handler = firstStep(from: site.target)
      guard !handlers.insert(handler).inserted else { continue }
      function.decideBranch(of: site.block, taken: site.target != function.firstTarget(site.block))
    }
    function.removeUnreachableBlocks()
    _ = function.removeTrivialPhis()
    _ = function.canonicalizePureInstructions()
    function.removeForwarded()
    while settle() {}
  }

  /// The branches that ask whether a step gave no object.
  private func unknownErrors() -> [BranchSite] {
    function.reversePostorder().compactMap { block in
      guard let site = BranchSite(block, in: function), site.target != site.otherTarget,
        let value = site.valueComparedWithNull(in: function), isReference(value), !isNextItem(value)
      else { return nil }
      return site
    }
  }

  /// Whether null says that an iterator is exhausted.
  private func isNextItem(_ id: Instruction.ID) -> Bool {
    switch operation(id) {
    case .next, .asyncNext: true
    default: false
    }
  }

  /// The first block on a way that does more than to give references back.
  private func firstStep(from block: Block.ID) -> Block.ID {
    var block = block
    for _ in 0..<16 {
      guard case .jump(let next) = function[block].terminator,
        function[block].instructions.allSatisfy({ id in
          switch function[id].operation {
          case .referenceCount, .undefined, .phi: true
          default: false
          }
        })
      else { break }
      block = next
    }
    return block
  }

  /// Whether a value is a pointer to an object, so that null means that something failed.
  package func isReference(_ id: Instruction.ID) -> Bool {
    function.roots(of: id).contains { root in
      guard function.isWord(root) else { return false }
      switch function[root].operation {
      case .call: return true
      case .python(let operation):
        switch operation {
        case .length, .entryCount, .unboxInteger, .unboxFloat, .hash, .truth, .notTruth,
          .compareTruth, .contains,
          .isInstance, .isSubclass, .isCallable, .hasAttribute:
          return false
        default: return true
        }
      default: return false
      }
    }
  }
}

extension Function {
  /// Where a branch goes if its value is not zero.
  fileprivate func firstTarget(_ block: Block.ID) -> Block.ID? {
    guard case .branch(_, let first, _) = self[block].terminator else { return nil }
    return first
  }
}
