package import IR
import RuntimeModel

extension Function {
  /// Makes one step of the error about a variable where it is not bound in any case, as on a way on which nothing
  /// has given it a value.
  ///
  /// ```c
  /// if (!r) goto failed;                                         branch r == 0, failed, b1
  /// Py_DECREF(r);                                           →    b1: …
  /// __Pyx_RaiseUnboundLocalError("x"); goto failed;              python.readUnbound(x, false)
  /// ```
  /// (`Cython/Utility/ObjectHandling.c`; a `PyErr_Format` where it was inlined.) Compilers lead from where the
  /// variable is known to be null to the error at once. Where a test for null leads there, it is Cython's own
  /// question whether the variable is bound, which goes away with other errors.
  package mutating func markUnboundReads(_ facts: some ModuleFacts) {
    var errors: ErrorPaths?
    for block in reversePostorder() {
      for id in self[block].instructions {
        guard let (name, isFree) = unboundVariable(id, facts) else { continue }
        let known = errors ?? ErrorPaths(self, facts)
        errors = known
        guard !isAsked(before: block, known, facts, depth: 0) else { continue }
        replace(id, with: .python(.readUnbound(name: name, isFree: isFree)), [])
      }
    }
  }

  /// The variable of which a call says that it is not bound, by the address of its name.
  private func unboundVariable(
    _ call: Instruction.ID, _ facts: some ModuleFacts
  ) -> (name: UInt64, isFree: Bool)? {
    func constant(_ index: Int) -> UInt64? {
      argument(index, of: call).flatMap { self.constant($0) }
    }
    switch callee(of: call, facts)?.name {
    case "__Pyx_RaiseUnboundLocalError": return constant(0).map { ($0, false) }
    case "__Pyx_RaiseClosureNameError": return constant(0).map { ($0, true) }
    case "PyErr_Format":
      switch constant(1).flatMap({ facts.cText(at: $0) }) {
      case "local variable '%s' referenced before assignment":
        return constant(2).map { ($0, false) }
      case "free variable '%s' referenced before assignment in enclosing scope":
        return constant(2).map { ($0, true) }
      default: return nil
      }
    default: return nil
    }
  }

  /// Whether some way to a block, on which nothing is done that could fail, starts where a value that is no
  /// result of a step is null.
  private func isAsked(
    before block: Block.ID, _ errors: ErrorPaths, _ facts: some ModuleFacts, depth: Int
  ) -> Bool {
    guard depth < 16 else { return true }
    for source in self[block].predecessors {
      if let (tested, null, other) = nullTest(at: source), null == block, isWord(tested),
        !isTruth(tested, facts), !leads(other, to: block)
      {
        if self[withoutExtract(tested)].operation != .call { return true }
        continue
      }
      // A branch that only releases something meets its other arm here.
      if case .branch(_, let first, let second) = self[source].terminator,
        case let other = first == block ? second : first, !leads(other, to: block)
      {
        // Where a `with` statement asks whether its exception is swallowed, it is raised again on the other
        // way, and the error goes away with the question.
        if raisesAgain(other, facts) || errors.isFailing(other) && !asksForFailure(source, facts) {
          return true
        }
        continue
      }
      let isQuiet = self[source].instructions.allSatisfy {
        CleanupFunctions.isQuiet($0, self, facts)
      }
      if isQuiet, isAsked(before: source, errors, facts, depth: depth + 1) { return true }
    }
    return false
  }

  /// Whether a block ends with the question whether a step failed.
  private func asksForFailure(_ block: Block.ID, _ facts: some ModuleFacts) -> Bool {
    guard let (tested, _, _) = nullTest(at: block) else { return negativeTest(at: block) != nil }
    return isWord(tested) && !isTruth(tested, facts)
  }

  /// Whether a value tells whether an object is true: a C `int`, which is as wide as an object on processors of
  /// 32 bits.
  private func isTruth(_ value: Instruction.ID, _ facts: some ModuleFacts) -> Bool {
    roots(of: value).contains { root in
      self[root].operation == .python(.truth) || size(withoutExtension(root)) == 1
        || callee(of: root, facts)?.name.hasSuffix("PyObject_IsTrue") == true
    }
  }

  /// Whether a block makes an exception that was fetched the current one again.
  private func raisesAgain(_ block: Block.ID, _ facts: some ModuleFacts) -> Bool {
    self[block].instructions.contains {
      ["PyErr_Restore", "__Pyx_ErrRestoreInState"].contains(callee(of: $0, facts)?.name)
    }
  }

  /// Whether control gets from one block to another one without a choice.
  private func leads(_ start: Block.ID, to end: Block.ID) -> Bool {
    var block = start
    for _ in 0..<4 {
      guard case .jump(let next) = self[block].terminator else { return false }
      if next == end { return true }
      block = next
    }
    return false
  }
}
