import Basics
import IR
import Simplification

extension Raiser {
  /// Puts the first step of an iteration, which the compiler took out of the loop, back into it.
  ///
  /// ```
  /// x = next(it); if !x: goto end                    loop: x = next(it); if !x: goto end
  /// body: …; x = next(it); if x: goto body     →     body: …; goto loop
  /// ```
  /// - Returns: whether there was one.
  func joinPeeledIterations() -> Bool {
    for block in function.reversePostorder() {
      guard let first = iterationTest(block) else { continue }
      let tests = function[first.body].predecessors.compactMap { iterationTest($0) }
      guard tests.count > 1, tests.count == function[first.body].predecessors.count,
        tests.allSatisfy({
          $0.iterator == first.iterator && $0.body == first.body
            && isSameEnd($0.end, as: first.end)
        }),
        tests.allSatisfy({ isOnlyTested($0) })
      else { continue }
      let steps = Set(tests.map(\.step))
      let phis = merged(phisOf: first.body, tests) + merged(phisOf: first.end, tests)
      guard phis.allSatisfy({ $0.isItem || steps.isDisjoint(with: $0.operands) }) else { continue }
      join(tests)
      return true
    }
    return false
  }

  /// Whether two blocks are one, or copies that count references and go on to one place.
  private func isSameEnd(_ end: Block.ID, as other: Block.ID) -> Bool {
    if end == other { return true }
    for block in [end, other] {
      let isIdle = function[block].instructions.allSatisfy { id in
        switch function[id].operation {
        case .referenceCount, .undefined: true
        default: false
        }
      }
      guard isIdle, function[block].predecessors.count == 1 else { return false }
    }
    switch (function[end].terminator, function[other].terminator) {
    case (.jump(let target), .jump(let known)):
      return target == known && getsSameValues(target, from: end, and: other)
    case (.return(let value), .return(let known)):
      return function.resolve(value) == function.resolve(known)
    default: return false
    }
  }

  /// The end of a block that takes the next item and asks whether there was one.
  struct IterationTest {
    let block: Block.ID
    let step: Instruction.ID
    let iterator: Instruction.ID
    let body: Block.ID
    let end: Block.ID
  }

  func iterationTest(_ block: Block.ID) -> IterationTest? {
    guard let site = BranchSite(block, in: function),
      let step = site.valueComparedWithNull(in: function), operation(step) == .next,
      function[step].block == block, site.target != site.otherTarget
    else { return nil }
    return IterationTest(
      block: block, step: step, iterator: function.operand(0, of: step), body: site.otherTarget,
      end: site.target)
  }

  /// Whether nothing but the test, the loop's phis and counts read what a step took, and nothing
  /// happens between step and test.
  private func isOnlyTested(_ test: IterationTest) -> Bool {
    var isBehind = false
    for id in function[test.block].instructions {
      if id == test.step {
        isBehind = true
      } else if isBehind {
        switch function[id].operation {
        case .referenceCount, .undefined: continue
        default: return false
        }
      }
    }
    for block in function.reversePostorder() {
      for id in function[block].instructions where id != test.step {
        if case .referenceCount = function[id].operation { continue }
        let isPhi = function.isPhi(id) && (block == test.body || block == test.end)
        if !isPhi, function.operands(of: id).contains(test.step) { return false }
      }
    }
    return true
  }

  private func join(_ tests: [IterationTest]) {
    guard let first = tests.first else { return }
    let loop = function.appendBlock(address: function[first.body].address)
    let bodyPhis = merged(phisOf: first.body, tests)
    let endPhis = merged(phisOf: first.end, tests)
    for test in tests {
      function.removeEnd(of: test.block)
      function.terminate(test.block, with: .jump(loop))
    }
    let width = function.pointerSize
    func value(_ merged: MergedPhi) -> Instruction.ID? {
      if merged.isItem { return nil }
      if Set(merged.operands).count == 1 { return merged.operands[0] }
      let phi = function.appendPhi(width: function.size(merged.phi), to: loop)
      function.setOperands(of: phi, merged.operands)
      return phi
    }
    let bodyValues = bodyPhis.map(value)
    let endValues = endPhis.map(value)
    let next = function.append(
      .python(.next), [first.iterator], width: width, to: loop,
      at: function[first.step].address)
    repeatSite(of: first.step, for: next)
    let test = function.binary(.equal, next, function.constant(0, width: width), width: 1)
    function.terminate(loop, with: .branch(test, first.end, first.body))
    for (merged, value) in zip(bodyPhis, bodyValues) {
      function.forward(merged.phi, to: value ?? next)
    }
    for (merged, value) in zip(endPhis, endValues) {
      let operand = value ?? function.constant(0, width: function.size(merged.phi))
      function.setOperands(of: merged.phi, function.operands(of: merged.phi) + [operand])
    }
    for test in tests { function.remove(test.step) }
    function.removeForwarded()
    // Copies of the end are not reached any more.
    function.removeUnreachableBlocks()
  }

  /// What a phi merges on the edges from some tests.
  private struct MergedPhi {
    let phi: Instruction.ID
    let operands: [Instruction.ID]
    /// Whether it is the item that was taken.
    let isItem: Bool
  }

  private func merged(phisOf block: Block.ID, _ tests: [IterationTest]) -> [MergedPhi] {
    function[block].instructions.filter { function.isPhi($0) }.map { phi in
      let operands = tests.map { test in
        let edge = function[block].predecessors.firstIndex(of: test.block) ?? 0
        return function.operand(edge, of: phi)
      }
      let isItem = zip(operands, tests).allSatisfy { $0 == $1.step }
      return MergedPhi(phi: phi, operands: operands, isItem: isItem)
    }
  }
}
