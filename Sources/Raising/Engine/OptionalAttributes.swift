import Basics
import IR
import Interpretation
import ModuleRecovery
import RuntimeModel
import Simplification

// Attributes that may be missing.
extension Raiser {
  /// Reads lookups whose failure is no error.
  ///
  /// ```
  /// %9 = attribute n %4                                   %9 = hasAttribute %4, 'n'
  /// if %9 == 0: PyErr_Clear(); …                     →    if %9 == 0: …
  ///
  /// %9 = attribute n %4                                   %9 = getattr(%4, 'n', %5)
  /// if %9 == 0: if E is AttributeError: PyErr_Clear();
  /// %8 = phi %9, %5                                  →    (%8 is %9)
  /// ```
  /// `__Pyx_HasAttr` and `__Pyx_GetAttr3` in `Cython/Utility/Builtins.c`, where they were inlined.
  ///
  /// - Returns: whether anything changed.
  func raiseOptionalAttributes() -> Bool {
    for block in function.reversePostorder() where raiseOptionalAttribute(block) { return true }
    return false
  }

  /// Takes the clearing of errors away, which Python does by itself.
  func removeErrorClears() {
    for block in function.reversePostorder() {
      for id in function[block].instructions
      where function.callee(of: id, view)?.name == "PyErr_Clear" || operation(id) == .clearError {
        function.remove(id)
      }
    }
  }

  /// A name that a module lacks is an error, whichever exception says so.
  ///
  /// ```c
  /// if (!value && PyErr_ExceptionMatches(PyExc_AttributeError)) PyErr_Format(PyExc_ImportError, …);
  /// ```
  /// `__Pyx_ImportFrom` in `Cython/Utility/ImportExport.c`, where it was inlined.
  func raiseMissingImports() -> Bool {
    var changed = false
    for block in function.reversePostorder() {
      guard let site = BranchSite(block, in: function),
        let value = site.valueComparedWithNull(in: function), case .importFrom? = operation(value)
      else { continue }
      function.decideBranch(of: block, taken: !site.condition.isPositive)
      changed = true
    }
    if changed {
      function.removeUnreachableBlocks()
      while function.removeTrivialPhis() {}
    }
    return changed
  }

  /// How an arm deals with the error of a lookup.
  private struct Clearing {
    /// Whether it asks for `AttributeError` first.
    var matches = false
    /// The block that decides by that, if the error is none otherwise.
    var decision: (block: Block.ID, takesFirst: Bool)?
    /// The last block.
    var end: Block.ID
    /// Whether the last block goes on with something else.
    var goesOn = false
  }

  private func raiseOptionalAttribute(_ block: Block.ID) -> Bool {
    guard let site = BranchSite(block, in: function),
      let value = site.valueComparedWithNull(in: function)
    else { return false }
    if raiseQuietLookup(value, site) { return true }
    guard let (object, name) = lookup(value) else { return false }
    guard let clearing = clearing(site.target) else {
      return raiseTestedAttribute(value, object, name, site)
        || raiseKnownDefault(value, object, name, site)
    }
    if isOnlyTested(value, at: site.block) {
      guard become(value, .hasAttribute, [object, name]) else { return false }
      if let (block, takesFirst) = clearing.decision {
        function.decideBranch(of: block, taken: takesFirst)
        for id in function[block].instructions where operation(id) == .exceptMatch {
          function.replace(id, with: .undefined, [])
        }
        function.removeUnreachableBlocks()
        while function.removeTrivialPhis() {}
      }
      return true
    }
    if clearing.goesOn, raiseTestedAttribute(value, object, name, site) { return true }
    return clearing.matches && useDefault(of: value, object, name, site, clearing.end)
      || raiseKnownDefault(value, object, name, site)
  }

  /// Reads a lookup that clears the error itself.
  ///
  /// ```
  /// %9 = call __Pyx_PyObject_GetAttrStrNoError(%4, 'n')     →     %9 = hasAttribute %4, 'n'
  /// if %9 == 0: …                                                 if %9 == 0: …
  /// ```
  /// With what stands in for a missing one, it is `getattr`, as above.
  private func raiseQuietLookup(_ value: Instruction.ID, _ site: BranchSite) -> Bool {
    guard function.callee(of: value, view)?.name == "__Pyx_PyObject_GetAttrStrNoError",
      let object = function.argument(0, of: value), let name = function.argument(1, of: value)
    else { return false }
    if isOnlyTested(value, at: site.block) { return become(value, .hasAttribute, [object, name]) }
    guard function[site.target].predecessors == [site.block], isEmpty(site.target) else {
      return false
    }
    return useDefault(of: value, object, name, site, site.target)
  }

  /// The object and the name of a lookup.
  private func lookup(_ id: Instruction.ID) -> (object: Instruction.ID, name: Instruction.ID)? {
    switch operation(id) {
    case .attribute(let name)?:
      guard let address = program.state.address(ofString: symbols[name]) else { return nil }
      return (function.operand(0, of: id), function.constant(address, width: function.pointerSize))
    case .call(let shape)?:
      guard case .builtin(let name)? = operation(function.operand(0, of: id)),
        symbols[name] == "getattr", function[shape].arguments.count == 2
      else { return nil }
      return (function.operand(1, of: id), function.operand(2, of: id))
    default: return nil
    }
  }

  /// How an arm clears the error, if it does nothing else.
  private func clearing(_ start: Block.ID) -> Clearing? {
    var block = start
    var result = Clearing(end: start)
    var isCleared = false
    var region: Set<Block.ID> = []
    for _ in 0..<16 {
      guard function[block].predecessors.allSatisfy({ region.contains($0) || block == start }),
        block != start || function[block].predecessors.count == 1,
        let step = clearingStep(block)
      else { return nil }
      region.insert(block)
      result.end = block
      if step.matches { result.matches = true }
      if step.clears { isCleared = true }
      if step.goesOn {
        result.goesOn = true
        return result
      }
      switch function[block].terminator {
      case .jump(let next):
        let isInside = function[next].predecessors.allSatisfy(region.contains)
        if !isInside { return isCleared ? result : nil }
        block = next
      case .branch(let condition, let first, let second):
        let takesFirst: Bool
        if let holds = holdsIfMatched(function.resolve(condition), in: block) {
          guard result.decision == nil else { return nil }
          takesFirst = holds
          result.decision = (block, takesFirst)
        } else if let holds = holdsIfCleared(function.resolve(condition)) {
          takesFirst = holds
          isCleared = isCleared || result.matches
        } else if let (arm, join) = release(first, second) {
          region.insert(arm)
          block = join
          continue
        } else {
          return isCleared ? result : nil
        }
        let (other, next) = takesFirst ? (second, first) : (first, second)
        guard isError(other, from: block, or: next) else { return nil }
        // The arm that does not clear may lead to where the other one goes on.
        if other != next, isEmpty(other), function[other].predecessors == [block] {
          region.insert(other)
        }
        block = next
      default: return isCleared ? result : nil
      }
    }
    return nil
  }

  /// The arm that only releases a value, if a branch has one, and where both arms meet.
  private func release(_ first: Block.ID, _ second: Block.ID) -> (arm: Block.ID, join: Block.ID)? {
    for (arm, join) in [(first, second), (second, first)] {
      guard function[arm].predecessors.count == 1, isEmpty(arm),
        function[arm].terminator == .jump(join),
        !function[join].instructions.contains(where: { function.isPhi($0) })
      else { continue }
      return (arm, join)
    }
    return nil
  }

  /// Whether a block asks for `AttributeError` and clears it; nil if it does anything else before it has
  /// cleared any error.
  private func clearingStep(_ block: Block.ID) -> (matches: Bool, clears: Bool, goesOn: Bool)? {
    var result = (matches: false, clears: false, goesOn: false)
    for id in function[block].instructions {
      switch function[id].operation {
      case .python(.exceptMatch):
        guard function.exceptionName(function.operand(0, of: id), view) == "PyExc_AttributeError"
        else { return nil }
        result.matches = true
      case .call where function.callee(of: id, view)?.name == "PyErr_Clear": result.clears = true
      case .python(.clearError): result.clears = true
      case .referenceCount, .machine(.load), .undefined: continue
      // The default and the null of other errors.
      case .phi where mergesNull(id): continue
      default:
        guard result.clears, !result.matches else { return nil }
        result.goesOn = true
        return result
      }
    }
    return result
  }

  /// Whether a condition holds if no error is pending any more.
  private func holdsIfCleared(_ condition: Instruction.ID) -> Bool? {
    let test = Condition(condition, in: function)
    guard case .equal(let error, let zero) = test.form, isNull(zero) else { return nil }
    switch function[error].operation {
    case .undefined: return test.isPositive
    case .machine(.load):
      // The state of the thread is unknown once the call that gives it is gone.
      let state = function.offset(function.operand(0, of: error)).base
      return function[state].operation == .undefined ? test.isPositive : nil
    default: return nil
    }
  }

  /// Whether a condition holds if the exception is the one that a block asks for.
  private func holdsIfMatched(_ condition: Instruction.ID, in block: Block.ID) -> Bool? {
    let test = Condition(condition, in: function)
    let value: Instruction.ID
    var isNegated = false
    switch test.form {
    case .equal(let left, let right) where function.constant(right) == 0:
      value = left
      isNegated = true
    case .holds(let left): value = left
    default: return nil
    }
    let match = function.withoutExtract(value)
    guard operation(match) == .exceptMatch, function[match].block == block else { return nil }
    return isNegated != test.isPositive
  }

  /// Whether another exception leads to null, or to where the clearing leads with the same values.
  private func isError(_ other: Block.ID, from block: Block.ID, or matched: Block.ID) -> Bool {
    guard case .jump(let join) = function[matched].terminator else { return other == matched }
    var (from, next) = (block, other)
    if next != join {
      guard case .jump(join) = function[next].terminator, isEmpty(next) else { return false }
      (from, next) = (next, join)
    }
    guard let edge = function[join].predecessors.firstIndex(of: from),
      let own = function[join].predecessors.firstIndex(of: matched)
    else { return false }
    return function[join].instructions.allSatisfy { phi in
      guard function.isPhi(phi) else { return true }
      let value = function.operand(edge, of: phi)
      return isNull(value) || value == function.operand(own, of: phi)
    }
  }

  private func mergesNull(_ phi: Instruction.ID) -> Bool {
    guard function.isWord(phi), function.operands(of: phi).contains(where: { isNull($0) }),
      let value = withoutNull(phi)
    else { return false }
    // An answer that is a number is none.
    return function.constant(value).map { $0 > 0xFFFF } ?? true
  }

  /// The only value that a phi merges with null, or the value itself if it is none; nil if there are more.
  private func withoutNull(_ value: Instruction.ID) -> Instruction.ID? {
    guard function.isPhi(value), function.operands(of: value).contains(where: { isNull($0) }) else {
      return value
    }
    let others = Set(function.operands(of: value).filter { !isNull($0) })
    return others.count == 1 ? others.first : nil
  }

  private func isEmpty(_ block: Block.ID) -> Bool {
    function[block].instructions.allSatisfy { id in
      switch function[id].operation {
      case .referenceCount, .undefined: true
      default: false
      }
    }
  }

  /// Hands the value that stands in for a missing attribute over to the lookup.
  private func useDefault(
    of value: Instruction.ID, _ object: Instruction.ID, _ name: Instruction.ID,
    _ site: BranchSite, _ end: Block.ID
  ) -> Bool {
    guard let substitute = takeDefault(of: value, site, end) else { return false }
    return becomeBuiltinCall(value, "getattr", [object, name, substitute])
  }

  /// The value that stands in for a missing one where the arms of a branch meet, which is gone then.
  ///
  /// - Parameters:
  ///   - value: the value that may be missing.
  ///   - site: the branch, whose first target is where it is missing.
  ///   - end: the last block of that arm.
  /// - Returns: that value; nil if the arms do not meet in it alone.
  func takeDefault(
    of value: Instruction.ID, _ site: BranchSite, _ end: Block.ID
  ) -> Instruction.ID? {
    guard case .jump(let join) = function[end].terminator,
      let edge = function[join].predecessors.firstIndex(of: end)
    else { return nil }
    var from = site.block
    if site.otherTarget != join {
      guard case .jump(join) = function[site.otherTarget].terminator else { return nil }
      from = site.otherTarget
    }
    guard let other = function[join].predecessors.firstIndex(of: from) else { return nil }
    var substitute: Instruction.ID?
    for phi in function[join].instructions where function.isPhi(phi) {
      let (missing, present) = (
        function.operand(edge, of: phi), function.operand(other, of: phi)
      )
      if missing == present { continue }
      guard present == value, substitute == nil else { return nil }
      substitute = missing
    }
    guard let substitute = substitute.flatMap({ withoutNull($0) }) else { return nil }
    function.decideBranch(of: site.block, taken: !site.condition.isPositive)
    function.removeUnreachableBlocks()
    while function.removeTrivialPhis() {}
    return substitute
  }
}

extension InitialState {
  /// Where a string lies that initialisation made.
  fileprivate func address(ofString text: String) -> UInt64? {
    values.filter { entry in
      if case .string(let other) = entry.value { other.string == text } else { false }
    }.keys.min()
  }
}
