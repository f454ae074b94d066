import Basics
import IR
import Simplification

// Iterators that are asked once.
extension Raiser {
  /// Tells `next(…)` from the head of a loop.
  ///
  /// ```
  /// %9 = next %4; if %9 == 0: raise StopIteration     →     %9 = next(%4)
  /// %9 = next %4; %8 = phi %9, %5                     →     %8 = next(%4, %5)
  /// ```
  /// `__Pyx_PyIter_Next2` in `Cython/Utility/ObjectHandling.c`, where it was inlined.
  ///
  /// - Returns: whether anything changed.
  func raiseNextCalls() -> Bool {
    for block in function.reversePostorder() {
      guard let site = BranchSite(block, in: function),
        let value = site.valueComparedWithNull(in: function), operation(value) == .next,
        function[value].block == block
      else { continue }
      let iterator = function.operand(0, of: value)
      if let substitute = substitute(for: value, site) {
        function.decideBranch(of: block, taken: !site.condition.isPositive)
        function.removeUnreachableBlocks()
        while function.removeTrivialPhis() {}
        // A clone of `__Pyx_PyIter_Next2Default` without a default gives nothing back. What was lost on
        // another way stands in no block.
        let isMissing =
          function[substitute].operation == .undefined && function[substitute].block != nil
        return becomeBuiltinCall(value, "next", isMissing ? [iterator] : [iterator, substitute])
      }
      if stopsIteration(site.target) {
        function.decideBranch(of: block, taken: !site.condition.isPositive)
        function.removeUnreachableBlocks()
        while function.removeTrivialPhis() {}
        return becomeBuiltinCall(value, "next", [iterator])
      }
    }
    return raiseUntestedNext()
  }

  /// An iterator whose end nothing but the caller notices was asked by `next`.
  private func raiseUntestedNext() -> Bool {
    for block in function.reversePostorder() {
      for id in function[block].instructions
      where operation(id) == .next && !isComparedWithNull(id) {
        return becomeBuiltinCall(id, "next", [function.operand(0, of: id)])
      }
    }
    return false
  }

  /// Whether a value, or a phi that may be it, is compared with null anywhere.
  private func isComparedWithNull(_ id: Instruction.ID) -> Bool {
    var values: Set<Instruction.ID> = [id]
    var grows = true
    while grows {
      grows = false
      for block in function.reversePostorder() {
        for phi in function[block].instructions
        where function.isPhi(phi) && !values.contains(phi)
          && function.operands(of: phi).contains(where: values.contains)
        {
          values.insert(phi)
          grows = true
        }
      }
    }
    return function.reversePostorder().contains { block in
      guard let end = function[block].terminator.value else { return false }
      return compares(function.resolve(end), values, depth: 0)
    }
  }

  /// Whether a condition compares some values with null.
  private func compares(
    _ condition: Instruction.ID, _ values: Set<Instruction.ID>, depth: Int
  ) -> Bool {
    guard depth < 8, function[condition].block == nil else { return false }
    if let (opcode, left, right) = function.machine(condition),
      opcode == .equal || opcode == .notEqual,
      values.contains(left) && isNull(right) || values.contains(right) && isNull(left)
    {
      return true
    }
    return function.operands(of: condition).contains { compares($0, values, depth: depth + 1) }
  }

  /// Reads lookups in a dict that a missing key does not make fail.
  ///
  /// ```
  /// %9 = item %4, %5; %8 = phi %9, %6     →     %8 = %4.get(%5, %6)
  /// ```
  /// `__Pyx_PyDict_GetItemDefault` in `Cython/Utility/Optimize.c`, where it was inlined.
  ///
  /// - Returns: whether anything changed.
  func raiseGetCalls() -> Bool {
    for block in function.reversePostorder() {
      guard let site = BranchSite(block, in: function),
        let value = site.valueComparedWithNull(in: function), operation(value) == .item,
        let substitute = substitute(for: value, site)
      else { continue }
      let (dictionary, key) = (function.operand(0, of: value), function.operand(1, of: value))
      function.decideBranch(of: block, taken: !site.condition.isPositive)
      function.removeUnreachableBlocks()
      while function.removeTrivialPhis() {}
      return becomeMethodCall(
        value, dictionary, "get", isNone(substitute) ? [key] : [key, substitute])
    }
    return false
  }

  /// What stands in for the item that an iterator at its end does not give.
  private func substitute(for value: Instruction.ID, _ site: BranchSite) -> Instruction.ID? {
    guard let (missing, join) = idleWay(from: site.block, to: site.target),
      let (present, other) = idleWay(from: site.block, to: site.otherTarget), join == other,
      let first = function[join].predecessors.firstIndex(of: missing),
      let second = function[join].predecessors.firstIndex(of: present), first != second
    else { return nil }
    var result: Instruction.ID?
    for phi in function[join].instructions where function.isPhi(phi) {
      let (absent, given) = (function.operand(first, of: phi), function.operand(second, of: phi))
      if absent == given { continue }
      guard given == value, result == nil, !isNull(absent) else { return nil }
      result = absent
    }
    return result
  }

  /// The last block before two ways meet, if control does nothing on the way there.
  private func idleWay(
    from source: Block.ID, to start: Block.ID
  ) -> (from: Block.ID, join: Block.ID)? {
    var (previous, block) = (source, start)
    for _ in 0..<6 {
      if function[block].predecessors.count > 1 { return (previous, block) }
      let isIdle = function[block].instructions.allSatisfy { id in
        switch function[id].operation {
        case .referenceCount, .undefined, .machine(.load), .python(.clearError): true
        default: false
        }
      }
      guard isIdle, case .jump(let next) = function[block].terminator else { return nil }
      (previous, block) = (block, next)
    }
    return nil
  }

  /// Whether an arm makes `StopIteration` the pending error.
  private func stopsIteration(_ start: Block.ID) -> Bool {
    var block = start
    for _ in 0..<6 {
      for id in function[block].instructions {
        switch function[id].operation {
        case .machine(.store), .call:
          return function.operands(of: id).contains {
            function.exceptionName($0, view) == "PyExc_StopIteration"
          }
        case .referenceCount, .undefined, .machine(.load): continue
        default: return false
        }
      }
      switch function[block].terminator {
      case .jump(let next): block = next
      case .branch:
        // Unless another error is pending.
        guard let site = BranchSite(block, in: function),
          let error = site.valueComparedWithNull(in: function),
          function[error].operation == .machine(.load)
        else { return false }
        block = site.target
      default: return false
      }
    }
    return false
  }
}
