import Basics
import IR
import RuntimeModel

// Questions for the class of an exception.
extension LiftHandlers {
  /// Takes the shorter ways away by which an exception's class is found among others.
  ///
  /// ```c
  /// err == exc_type ? 1 : PyExceptionClass_Check(err) ? __Pyx_IsSubtype(err, exc_type)
  ///   : PyErr_GivenExceptionMatches(err, exc_type)
  /// ```
  /// becomes the last call (`__Pyx_PyErr_GivenExceptionMatches` in
  /// `Cython/Utility/ModuleSetupCode.c`).
  ///
  /// - Returns: whether anything was taken away.
  func askAlways(_ function: inout Function) -> Bool {
    // Each class is asked for by the ways that all of them leave open.
    var answers: [(block: Block.ID, taken: Bool)] = []
    for marker in markers where marker.kind == .match {
      guard let error = marker.error.map({ function.resolve($0) }),
        let end = function[marker.step].block
      else { continue }
      var pending = [end]
      var seen: Set<Block.ID> = [end]
      while let block = pending.popLast(), seen.count < 64 {
        for previous in function[block].predecessors {
          guard let site = BranchSite(previous, in: function) else {
            let isPure = !function[previous].instructions.contains {
              function[$0].operation == .call
            }
            if isPure, seen.insert(previous).inserted { pending.append(previous) }
            continue
          }
          guard
            asksAbout(error, classes(of: marker, function), site.condition, function)
              || isAskedAgain(site, error, function)
              || asksForPresence(site, marker, function),
            isPresent(error, site, function)
          else { continue }
          if site.target != site.otherTarget,
            let holds = holds(site, for: marker, error, function)
          {
            answers.append((previous, site.formHolds(holds)))
          }
          if seen.insert(previous).inserted { pending.append(previous) }
        }
      }
    }
    for answer in answers where BranchSite(answer.block, in: function) != nil {
      function.decideBranch(of: answer.block, taken: answer.taken)
    }
    if !answers.isEmpty { function.removeUnreachableBlocks() }
    return !answers.isEmpty
  }

  /// The classes that a marker asks for, and those values that come together in them: each way to the question may
  /// have read a class anew.
  private func classes(
    of marker: ExceptionMarker, _ function: borrowing Function
  ) -> [Instruction.ID] {
    marker.operands.flatMap { [function.resolve($0)] + function.roots(of: $0).sorted() }
  }

  /// Which answer of a test about an error's class leads to the question about it; nil if neither does.
  private func holds(
    _ site: BranchSite, for marker: ExceptionMarker, _ error: Instruction.ID,
    _ function: borrowing Function
  ) -> Bool? {
    let other = reaches(site.otherTarget, asking: marker, error, function)
    if asksForPresence(site, marker, function) { return other ? false : nil }
    // There is an error, and it is not known by its very class.
    if case .equal(let left, let right) = site.condition.form,
      isSameError(left, error, function) || isSameError(right, error, function)
    {
      if function.constant(right) == 0 || other { return other ? false : nil }
    }
    if reaches(site.target, asking: marker, error, function) { return true }
    return other ? false : nil
  }

  /// Whether a test compares an error with a class that is asked for elsewhere to the same effect.
  ///
  /// ```c
  /// err == exc_type1 || err == exc_type2 || IsSubtype(err, exc_type1) || IsSubtype(err, exc_type2)
  /// ```
  /// `__Pyx_PyErr_GivenExceptionMatches2` in `Cython/Utility/ModuleSetupCode.c`
  private func isAskedAgain(
    _ site: BranchSite, _ error: Instruction.ID, _ function: borrowing Function
  ) -> Bool {
    guard case .equal(let left, let right) = site.condition.form else { return false }
    for (value, type) in [(left, right), (right, left)] where isSameError(value, error, function) {
      let isAsked = markers.contains { other in
        guard other.kind == .match, let known = other.error, let block = function[other.step].block,
          isSameError(function.resolve(known), error, function)
        else { return false }
        return classes(of: other, function).contains(type)
          && leads(block, to: site.target, function)
      }
      if isAsked { return true }
    }
    return false
  }

  /// Whether a block ends in a branch, perhaps in one of the next blocks, one arm of which goes
  /// straight on to another block.
  private func leads(
    _ start: Block.ID, to target: Block.ID, _ function: borrowing Function
  ) -> Bool {
    func followingJumps(from start: Block.ID) -> Block.ID {
      var block = start
      for _ in 0..<4 {
        guard block != target, case .jump(let next) = function[block].terminator else { break }
        block = next
      }
      return block
    }
    let branch = followingJumps(from: start)
    return branch == target
      || function.successors(of: branch).contains { followingJumps(from: $0) == target }
  }

  /// Whether a test does not ask whether there is an error at all, as the end of a loop does: it is
  /// compared with a class before.
  private func isPresent(
    _ error: Instruction.ID, _ site: BranchSite, _ function: borrowing Function
  ) -> Bool {
    guard let tested = site.valueComparedWithNull(in: function),
      isSameError(tested, error, function)
    else { return true }
    let predecessors = function[site.block].predecessors
    guard predecessors.count == 1, let outer = BranchSite(predecessors[0], in: function),
      case .equal(let left, let right) = outer.condition.form, outer.otherTarget == site.block
    else { return false }
    return (isSameError(left, error, function) || isSameError(right, error, function))
      && function.constant(right) != 0
  }

  /// Whether two values are the type of the same current error, which may be read anew for each class.
  private func isSameError(
    _ value: Instruction.ID, _ error: Instruction.ID, _ function: borrowing Function
  ) -> Bool {
    if value == error { return true }
    guard !layout.keepsExceptions, let state = scanner.thread(ofError: error, function) else {
      return false
    }
    return function.roots(of: value).union(function.roots(of: error)).allSatisfy { root in
      guard function[root].operation == .machine(.load) else { return false }
      let (base, offset) = function.offset(function.operand(0, of: root))
      return base == state && offset == layout.currentError
    }
  }

  /// Whether a condition is made of the class of an error alone.
  private func asksAbout(
    _ error: Instruction.ID, _ classes: [Instruction.ID], _ condition: Condition,
    _ function: borrowing Function
  ) -> Bool {
    switch condition.form {
    case .equal(let left, let right):
      for (value, other) in [(left, right), (right, left)]
      where isSameError(value, error, function) {
        // Other classes are other clauses' own.
        return function.constant(other) == 0
          || classes.contains(other)
          || isAbout(error, classes, other, function)
      }
      return isAbout(error, classes, left, function) || isAbout(error, classes, right, function)
    case .less(let left, let right), .lessOrEqual(let left, let right):
      return isAbout(error, classes, left, function) || isAbout(error, classes, right, function)
    case .either(let left, let right):
      return asksAbout(error, classes, Condition(left, in: function), function)
        && asksAbout(error, classes, Condition(right, in: function), function)
    case .holds(let value): return isAbout(error, classes, value, function)
    }
  }

  /// Whether a value is an error's class or comes out of it, or out of a class that is asked for.
  private func isAbout(
    _ error: Instruction.ID, _ classes: [Instruction.ID], _ value: Instruction.ID,
    _ function: borrowing Function
  ) -> Bool {
    var value = value
    for depth in 0..<16 {
      if isSameError(value, error, function)
        || depth > 0 && classes.contains(value)
      {
        return true
      }
      switch function[value].operation {
      case .machine(.load):
        value = function.offset(function.operand(0, of: value)).base
        // A field of a class that never changes.
        if let place = function.constant(value) { return isFlag(at: place, classes, function) }
      case .machine where function[value].block == nil: value = function.operand(0, of: value)
      default: return false
      }
    }
    return false
  }

  /// Whether the flags of a class that is asked for, or of `type`, lie at an address.
  private func isFlag(
    at place: UInt64, _ classes: [Instruction.ID], _ function: borrowing Function
  ) -> Bool {
    // They are tested one byte at a time, or all at once.
    for byte: UInt64 in 0..<4 {
      let type = place &- layout.typeFlags &- byte
      if facts.isType(at: type) { return true }
      for asked in classes where function.constant(asked) == type { return true }
    }
    return false
  }

  /// Whether control gets from a block to a question about an error by tests of its class alone.
  private func reaches(
    _ start: Block.ID, asking marker: ExceptionMarker, _ error: Instruction.ID,
    _ function: borrowing Function
  ) -> Bool {
    // The nearest blocks come first: what asks for the classes of a tuple may lie between.
    var pending = [start]
    var seen: Set<Block.ID> = [start]
    while let block = pending.popLast(), seen.count < 64 {
      if let call = function[block].instructions.first(where: { function[$0].operation == .call }) {
        if call == marker.step { return true }
        continue
      }
      if let site = BranchSite(block, in: function),
        !asksAbout(error, classes(of: marker, function), site.condition, function),
        !isAskedAgain(site, error, function)
      {
        continue
      }
      for next in function.successors(of: block) where seen.insert(next).inserted {
        pending.insert(next, at: 0)
      }
    }
    return false
  }
}
