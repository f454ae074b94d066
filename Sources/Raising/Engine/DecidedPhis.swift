import Basics
import IR
import Simplification

// Values that a test chooses between.
extension Raiser {
  /// The truth test on which a branch depends, if it stands in the same block.
  func truthTest(of site: BranchSite) -> Instruction.ID? {
    guard let answer = site.valueComparedWithNull(in: function) else { return nil }
    let truth = function.withoutExtract(answer)
    return operation(truth) == .truth && function[truth].block == site.block ? truth : nil
  }

  /// The phi that a test decides, if both ways do nothing else than idle steps.
  ///
  /// ```
  /// if %1: … else: …; %4 = phi %2, %3     →     %4 with (%2, %3)
  /// ```
  func decidedPhi(
    _ site: BranchSite, isIdle: (Operation) -> Bool,
    choosing isWanted: (_ taken: Instruction.ID, _ left: Instruction.ID) -> Bool
  ) -> Instruction.ID? {
    guard let (yes, join) = idleWay(from: site.block, to: site.otherTarget, isIdle),
      let (no, end) = idleWay(from: site.block, to: site.target, isIdle), join == end, yes != no,
      function[join].predecessors.count == 2,
      let first = function[join].predecessors.firstIndex(of: yes),
      let second = function[join].predecessors.firstIndex(of: no)
    else { return nil }
    var result: Instruction.ID?
    for phi in function[join].instructions where function.isPhi(phi) {
      let (taken, left) = (function.operand(first, of: phi), function.operand(second, of: phi))
      if taken == left { continue }
      guard result == nil, isWanted(taken, left) else { return nil }
      result = phi
    }
    return result
  }

  /// The last block before two ways meet, if there are idle steps only up to it.
  private func idleWay(
    from source: Block.ID, to start: Block.ID, _ isIdle: (Operation) -> Bool
  ) -> (from: Block.ID, join: Block.ID)? {
    if function[start].predecessors.count > 1 { return (source, start) }
    guard function[start].instructions.allSatisfy({ isIdle(function[$0].operation) }),
      case .jump(let join) = function[start].terminator
    else { return nil }
    return (start, join)
  }

  /// Takes a decision away whose phi another value stands for now.
  func settle(_ block: Block.ID, _ phi: Instruction.ID, as value: Instruction.ID) {
    function.forward(phi, to: value)
    function.decideBranch(of: block, taken: true)
    function.removeUnreachableBlocks()
    function.removeForwarded()
    while function.removeTrivialPhis() {}
  }
}
