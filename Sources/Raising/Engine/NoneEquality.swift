import Basics
import IR
import Interpretation
import ModuleRecovery
import RuntimeModel
import Simplification

extension Raiser {
  /// Leaves it to a comparison to find out that `None` is equal to no text.
  ///
  /// ```
  /// if %4 is None and type(%5) is str: goto F
  /// if %4 == %5: goto T else: goto F               →     if %4 == %5: goto T else: goto F
  /// ```
  /// That is what Python does as well, so that it does not matter whose test it was
  /// (`__Pyx_PyUnicode_Equals` in `Cython/Utility/StringTools.c`).
  ///
  /// - Returns: whether there was one.
  func mergeNoneEquality() -> Bool {
    for block in function.reversePostorder() {
      if mergeTestBeforeConstant(in: block) { return true }
      guard function[block].predecessors.count == 1, isIdle(block, but: []),
        let test = BranchSite(block, in: function),
        let (text, types) = function.exactTypes(test.condition, view),
        types == ["PyUnicode_Type"] || types == ["PyBytes_Type"],
        let outer = BranchSite(function[block].predecessors[0], in: function),
        outer.target == block, let object = function.comparedWithNone(outer, view),
        object != text, outer.target != outer.otherTarget,
        leadsToInequality(from: test.otherTarget, of: object, text, to: test.target, for: block)
      else { continue }
      function.decideBranch(of: block, taken: test.formHolds(false))
      function.removeUnreachableBlocks()
      while function.removeTrivialPhis() {}
      return true
    }
    return false
  }

  /// `if x is None: goto F; if x == 'text': …` → the comparison.
  private func mergeTestBeforeConstant(in block: Block.ID) -> Bool {
    guard let test = BranchSite(block, in: function), test.target != test.otherTarget,
      let object = function.comparedWithNone(test, view),
      let constant = comparedConstant(with: object, in: test.otherTarget),
      leadsToInequality(
        from: test.otherTarget, of: object, constant, to: test.target, for: block)
    else { return false }
    function.decideBranch(of: block, taken: test.formHolds(false))
    function.removeUnreachableBlocks()
    while function.removeTrivialPhis() {}
    return true
  }

  /// The text that a block compares an object with, if it is a constant.
  private func comparedConstant(
    with object: Instruction.ID, in block: Block.ID
  ) -> Instruction.ID? {
    for id in function[block].instructions {
      switch operation(id) {
      case .compare(.equal), .compare(.notEqual):
        guard let other = function.operands(of: id).first(where: { $0 != object }) else {
          return nil
        }
        if case .string? = self.object(other) { return other }
        if case .bytes? = self.object(other) { return other }
        return nil
      default: continue
      }
    }
    return nil
  }

  /// Whether control compares two objects next, and gets to a block with the same values as from
  /// another one if they are not equal.
  private func leadsToInequality(
    from start: Block.ID, of object: Instruction.ID, _ text: Instruction.ID, to target: Block.ID,
    for other: Block.ID
  ) -> Bool {
    var block = start
    for _ in 0..<6 {
      if let (compare, isEqual) = comparison(in: block, of: object, text) {
        guard let site = BranchSite(block, in: function),
          let answer = site.valueComparedWithNull(in: function),
          operation(function.withoutExtract(answer)) == .truth,
          function.operand(0, of: function.withoutExtract(answer)) == compare,
          isIdle(block, but: [compare, function.withoutExtract(answer)]),
          (isEqual ? site.target : site.otherTarget) == target
        else { return false }
        return getsSameValues(target, from: block, and: other)
      }
      guard isIdle(block, but: []) else { return false }
      switch function[block].terminator {
      case .jump(let next): block = next
      case .branch:
        guard let site = BranchSite(block, in: function),
          let tested = function.exactTypes(site.condition, view)?.object
            ?? function.comparedWithNone(site, view),
          tested == object || tested == text
        else { return false }
        block = site.otherTarget
      default: return false
      }
    }
    return false
  }

  private func comparison(
    in block: Block.ID, of object: Instruction.ID, _ text: Instruction.ID
  ) -> (step: Instruction.ID, isEqual: Bool)? {
    for id in function[block].instructions {
      switch operation(id) {
      case .compare(.equal), .compare(.notEqual):
        let operands = function.operands(of: id)
        guard operands == [object, text] || operands == [text, object] else { return nil }
        return (id, operation(id) == .compare(.equal))
      default: continue
      }
    }
    return nil
  }

  /// Whether a block does nothing but some steps.
  private func isIdle(_ block: Block.ID, but steps: Set<Instruction.ID>) -> Bool {
    function[block].instructions.allSatisfy { id in
      if steps.contains(id) { return true }
      switch function[id].operation {
      case .undefined, .machine(.load): return true
      default: return false
      }
    }
  }
}
