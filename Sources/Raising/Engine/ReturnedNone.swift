import Analysis
import IR
import Simplification

// Values that compilers return in the place of `None`.
extension Raiser {
  /// Returns `None` where a value was found to be it that no variable holds.
  ///
  /// ```
  /// if self.x is not None: raise E          (`self.x` is in a register, which is returned)
  /// f()                              →      return None
  /// return self.x
  /// ```
  func returnFoundNone() {
    let flow = ControlFlow(function)
    let dominators = DominatorTree(flow)
    for block in flow.order {
      guard case .return(let returned) = function[block].terminator else { continue }
      let value = function.resolve(returned)
      guard function[value].block != nil, !function.isPhi(value), !isParameter(value),
        !locals.isVariable(value, function),
        let none = noneThatIsEqual(to: value, in: block, flow, dominators)
      else { continue }
      function.setValue(ofTerminator: block, to: none)
    }
  }

  private func isParameter(_ id: Instruction.ID) -> Bool {
    if case .parameter? = operation(id) { true } else { false }
  }

  /// `None`, if a test that every way to a block passes has found a value to be that.
  private func noneThatIsEqual(
    to value: Instruction.ID, in block: Block.ID, _ flow: ControlFlow, _ dominators: DominatorTree
  ) -> Instruction.ID? {
    for test in flow.order {
      guard let site = BranchSite(test, in: function), site.target != site.otherTarget,
        case .equal(let left, let right) = site.condition.form, left == value || right == value,
        function[site.target].predecessors == [test],
        dominators.dominates(flow.position(of: site.target), flow.position(of: block))
      else { continue }
      let other = left == value ? right : left
      if isNone(other) { return other }
    }
    return nil
  }
}
