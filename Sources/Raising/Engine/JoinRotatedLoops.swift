import Analysis
import IR
import Simplification

extension Raiser {
  /// Puts the test of a loop back to its head, where the compiler asks before the loop and behind each turn.
  ///
  /// ```
  /// if x is None: goto end                         loop: y = phi x, z; if y is None: goto end
  /// body: y = phi x, z; …; if z is not None:   →   body: …; goto loop
  ///         goto body
  /// ```
  /// Compilers turn `while` loops round if the test is cheap (`-ftree-ch` of GCC, `-loop-rotate` of LLVM).
  ///
  /// - Returns: whether there was one.
  func joinRotatedLoops() -> Bool {
    let flow = ControlFlow(function)
    let dominators = DominatorTree(flow)
    for body in flow.order {
      let sources = function[body].predecessors
      guard sources.count > 1, Set(sources).count == sources.count else { continue }
      let tests = sources.compactMap { loopTest($0, leadingTo: body) }
      guard let first = tests.first, tests.count == sources.count,
        tests.allSatisfy({ $0.asksTheSame(as: first) })
      else { continue }
      let place = flow.position(of: body)
      let turns = sources.filter { dominators.dominates(place, flow.position(of: $0)) }
      guard !turns.isEmpty, turns.count < sources.count, !turns.contains(first.end) else {
        continue
      }
      join(tests, body)
      return true
    }
    return false
  }

  /// The end of a block that asks whether a loop goes on.
  private struct LoopTest {
    let block: Block.ID
    /// What is compared, and with what.
    let value: Instruction.ID
    let other: Instruction.ID
    let constant: UInt64
    /// The step that the value is the result of, if it is asked for the truth of something.
    let step: PythonOperation?
    let end: Block.ID
    /// Whether the loop goes on if the two are equal.
    let goesOnIfEqual: Bool
    let line: Int?

    func asksTheSame(as first: LoopTest) -> Bool {
      constant == first.constant && step == first.step && end == first.end
        && goesOnIfEqual == first.goesOnIfEqual && line == first.line
    }
  }

  private func loopTest(_ block: Block.ID, leadingTo body: Block.ID) -> LoopTest? {
    guard let site = BranchSite(block, in: function), site.target != site.otherTarget,
      case .equal(let value, let other) = site.condition.form,
      let constant = function.constant(other)
    else { return nil }
    let isTruth =
      switch operation(value) {
      case .truth?, .notTruth?, .compareTruth?, .contains?: true
      default: false
      }
    guard isTruth ? isLastAndOnlyTested(value, in: block) : isNone(other) else { return nil }
    let goesOnIfEqual = site.target == body
    return LoopTest(
      block: block, value: value, other: other, constant: constant,
      step: isTruth ? operation(value) : nil,
      end: goesOnIfEqual ? site.otherTarget : site.target, goesOnIfEqual: goesOnIfEqual,
      line: isTruth ? sites[value]?.line : nil)
  }

  /// Whether nothing happens behind a step in its block, and nothing but the branch there reads it.
  private func isLastAndOnlyTested(_ step: Instruction.ID, in block: Block.ID) -> Bool {
    guard function[step].block == block,
      let last = function[block].instructions.last(where: { id in
        switch function[id].operation {
        case .undefined, .referenceCount, .after, .forward: false
        default: true
        }
      }), last == step
    else { return false }
    for block in function.reversePostorder() {
      for id in function[block].instructions where id != step {
        if function.operands(of: id).contains(where: { depends($0, on: step) }) { return false }
      }
    }
    return true
  }

  private func join(_ tests: [LoopTest], _ body: Block.ID) {
    guard let first = tests.first else { return }
    let loop = function.appendBlock(address: function[body].address)
    func edge(_ test: LoopTest, _ target: Block.ID) -> Int {
      function[target].predecessors.firstIndex(of: test.block) ?? 0
    }
    let ends = function[first.end].instructions.filter { function.isPhi($0) }
    let bodies = function[body].instructions.filter { function.isPhi($0) }
    let endOperands = ends.map { phi in
      tests.map { function.operand(edge($0, first.end), of: phi) }
    }
    let bodyOperands = bodies.map { phi in tests.map { function.operand(edge($0, body), of: phi) } }
    let compared =
      first.step == nil
      ? [tests.map(\.value)]
      : (0..<function.operandCount(of: first.value)).map { index in
        tests.map { function.operand(index, of: $0.value) }
      }
    for test in tests {
      function.removeEnd(of: test.block)
      function.terminate(test.block, with: .jump(loop))
    }
    var merged: [[Instruction.ID]: Instruction.ID] = [:]
    func value(_ operands: [Instruction.ID]) -> Instruction.ID {
      if let known = merged[operands] { return known }
      if Set(operands).count == 1 { return operands[0] }
      let phi = function.appendPhi(width: function.size(operands[0]), to: loop)
      function.setOperands(of: phi, operands)
      merged[operands] = phi
      return phi
    }
    let bodyValues = bodyOperands.map(value)
    let endValues = endOperands.map(value)
    var asked = compared.map(value)
    if let step = first.step {
      let copy = function.append(
        .python(step), asked, width: function.size(first.value), to: loop,
        at: function[first.value].address)
      repeatSite(of: first.value, for: copy)
      asked = [copy]
      for test in tests { function.remove(test.value) }
    }
    let test = function.binary(.equal, asked[0], first.other, width: 1)
    let (yes, no) = first.goesOnIfEqual ? (body, first.end) : (first.end, body)
    function.terminate(loop, with: .branch(test, yes, no))
    for (phi, value) in zip(bodies, bodyValues) { function.forward(phi, to: value) }
    for (phi, value) in zip(ends, endValues) {
      function.setOperands(of: phi, function.operands(of: phi) + [value])
    }
    function.removeForwarded()
  }
}
