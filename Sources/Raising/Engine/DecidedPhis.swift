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

  /// Gives phis the number that a value was found to be where it comes from: compilers keep it in its register.
  ///
  /// ```
  /// if %1 == 1: goto b5                    if %1 == 1: goto b5
  /// b5: %4 = phi %1, %3         →          b5: %4 = phi 1, %3
  /// ```
  ///
  /// - Returns: whether there was one.
  func decideNumbers() -> Bool {
    var isChanged = false
    for block in function.reversePostorder() {
      guard let site = BranchSite(block, in: function), site.target != site.otherTarget,
        case .equal(let left, let right) = site.condition.form,
        let (value, number) = numberFound(left, right),
        let edge = function[site.target].predecessors.firstIndex(of: block)
      else { continue }
      for phi in function[site.target].instructions
      where function.isPhi(phi) && function.operand(edge, of: phi) == value {
        var operands = Array(function.operands(of: phi))
        operands[edge] = number
        function.setOperands(of: phi, operands)
        isChanged = true
      }
    }
    return isChanged
  }

  /// The sides of a comparison, if one is a C number that is narrower than a pointer and the other is constant.
  private func numberFound(
    _ left: Instruction.ID, _ right: Instruction.ID
  ) -> (value: Instruction.ID, number: Instruction.ID)? {
    guard !function.isWord(left) else { return nil }
    if function.constant(left) == nil, function.constant(right) != nil { return (left, right) }
    if function.constant(right) == nil, function.constant(left) != nil { return (right, left) }
    return nil
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
