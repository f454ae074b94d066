import Basics
import IR
import Simplification

// Truth as a value.
extension Raiser {
  /// Reads `bool`, which Cython writes out.
  ///
  /// ```
  /// %3 = truth %1; %4 = phi True, False     →     %4 = bool(%1)
  /// ```
  /// `_handle_simple_function_bool` in `Cython/Compiler/Optimize.py`. Comparisons are left to
  /// whoever writes decisions out.
  ///
  /// - Returns: whether anything changed.
  func raiseBooleans() -> Bool {
    for block in function.reversePostorder() {
      guard let site = BranchSite(block, in: function),
        let answer = site.valueComparedWithNull(in: function)
      else { continue }
      let truth = function.withoutExtract(answer)
      guard operation(truth) == .truth, function[truth].block == block else { continue }
      let object = function.operand(0, of: truth)
      if case .compare? = operation(object) { continue }
      guard let result = truthValue(site), isReadBy(truth, block) else { continue }
      function.forward(result, to: truth)
      becomeBuiltinCall(truth, "bool", [object])
      function.decideBranch(of: block, taken: true)
      function.removeUnreachableBlocks()
      function.removeForwarded()
      while function.removeTrivialPhis() {}
      return true
    }
    return false
  }

  /// Whether nothing but the end of a block depends on a truth test.
  private func isReadBy(_ truth: Instruction.ID, _ block: Block.ID) -> Bool {
    for other in function.reversePostorder() {
      for id in function[other].instructions {
        let isRead = function.operands(of: id).contains { function.withoutExtract($0) == truth }
        if isRead { return false }
      }
    }
    return true
  }

  /// The phi that is `True` or `False` by a test, if that is all that the test decides.
  private func truthValue(_ site: BranchSite) -> Instruction.ID? {
    guard let (yes, join) = emptyWay(from: site.block, to: site.otherTarget),
      let (no, end) = emptyWay(from: site.block, to: site.target), join == end, yes != no,
      function[join].predecessors.count == 2,
      let first = function[join].predecessors.firstIndex(of: yes),
      let second = function[join].predecessors.firstIndex(of: no)
    else { return nil }
    var result: Instruction.ID?
    for phi in function[join].instructions where function.isPhi(phi) {
      let (taken, left) = (function.operand(first, of: phi), function.operand(second, of: phi))
      if taken == left { continue }
      guard result == nil, function.variable(taken, view) == "_Py_TrueStruct",
        function.variable(left, view) == "_Py_FalseStruct"
      else { return nil }
      result = phi
    }
    return result
  }

  private func emptyWay(
    from source: Block.ID, to start: Block.ID
  ) -> (from: Block.ID, join: Block.ID)? {
    if function[start].predecessors.count > 1 { return (source, start) }
    let isEmpty = function[start].instructions.allSatisfy { id in
      switch function[id].operation {
      case .referenceCount, .undefined: true
      default: false
      }
    }
    guard isEmpty, case .jump(let join) = function[start].terminator else { return nil }
    return (start, join)
  }
}
