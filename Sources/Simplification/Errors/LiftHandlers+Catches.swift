import IR
import RuntimeModel

// Exceptions that are caught in place.
extension LiftHandlers {
  /// Puts a call of `__Pyx_GetException` where compilers inlined it, which they do where a module
  /// catches an exception in one place only.
  ///
  /// ```
  /// PyErr_Fetch(&t, &v, &tb)
  /// PyErr_NormalizeException(&t, &v, &tb)
  /// if PyErr_Occurred(): goto bad               →     if __Pyx_GetException(&t, &v, &tb) < 0: goto bad
  /// if tb and PyException_SetTraceback(v, tb) < 0: goto bad
  /// PyErr_SetExcInfo(t, v, tb)
  /// ```
  /// (`GetException` in `Cython/Utility/Exceptions.c`; where Cython works on the thread state itself,
  /// fields of that are read and written instead of the first and last calls.)
  ///
  /// - Returns: whether there was any.
  mutating func outlineCatches(_ function: inout Function) -> Bool {
    guard let helper = facts.inlinedCatch else { return false }
    var calls: [Instruction.ID] = []
    for block in function.reversePostorder() {
      for id in function[block].instructions
      where function.callee(of: id, facts)?.name == "PyErr_NormalizeException"
        && function.operandCount(of: id) == 4
      {
        calls.append(id)
      }
    }
    for call in calls { outline(call, helper, &function) }
    if !calls.isEmpty { function.removeUnreachableBlocks() }
    return !calls.isEmpty
  }

  private func outline(_ call: Instruction.ID, _ helper: UInt64, _ function: inout Function) {
    let width = function.pointerSize
    let state = forgetFetch(before: call, &function) ?? function.constant(0, width: width)
    let target = function.constant(helper, width: width)
    function.setOperands(of: call, [target, state] + function.operands(of: call).dropFirst())
    guard let start = function[call].block else { return }
    var isTested = false
    var taken: Set<Instruction.ID> = []
    var pending = [start]
    var seen: Set<Block.ID> = [start]
    while let block = pending.popLast(), seen.count < 48 {
      guard forgetRecords(of: call, in: block, &taken, &function) else { continue }
      var failing: Block.ID?
      if !isTested, let site = BranchSite(block, in: function) {
        failing = arm(ofError: site, function)
        if let failing {
          isTested = true
          askForResult(of: call, at: block, failing, &function)
        }
      }
      for next in function.successors(of: block) where next != failing {
        if seen.insert(next).inserted { pending.append(next) }
      }
    }
  }

  /// Takes away what fetches the error before it is normalised.
  ///
  /// - Returns: the thread state whose fields are read for it, if that is done by hand.
  private func forgetFetch(
    before call: Instruction.ID, _ function: inout Function
  ) -> Instruction.ID? {
    var state: Instruction.ID?
    guard var block = function[call].block else { return nil }
    for _ in 0..<8 {
      for id in function[block].instructions.reversed() where id != call {
        switch function[id].operation {
        case .call:
          let name = function.callee(of: id, facts)?.name
          if name == "PyErr_Fetch" {
            function.replace(id, with: .undefined, [])
            return nil
          }
          if name == "__Pyx_AddTraceback" { return state }
        case .machine(.store) where function.constant(function.operand(1, of: id)) == 0:
          let (base, offset) = function.offset(function.operand(0, of: id))
          guard isError(offset), scanner.isThreadState(base, function) else { continue }
          function.remove(id)
          state = base
        default: continue
        }
      }
      let predecessors = function[block].predecessors
      guard predecessors.count == 1, case .jump = function[predecessors[0]].terminator else {
        break
      }
      block = predecessors[0]
    }
    return state
  }

  /// The arm of a branch on whether the exception could not be normalised.
  private func arm(ofError site: BranchSite, _ function: borrowing Function) -> Block.ID? {
    guard let value = site.valueComparedWithNull(in: function) else { return nil }
    if function.callee(of: function.withoutExtract(value), facts)?.name == "PyErr_Occurred" {
      return site.otherTarget
    }
    guard function[value].operation == .machine(.load) else { return nil }
    let (base, offset) = function.offset(function.operand(0, of: value))
    return isError(offset) && scanner.isThreadState(base, function) ? site.otherTarget : nil
  }

  private func askForResult(
    of call: Instruction.ID, at block: Block.ID, _ failing: Block.ID, _ function: inout Function
  ) {
    guard case .branch(_, let first, _) = function[block].terminator else { return }
    let result = function.extract(call, 0, width: 4)
    let zero = function.constant(0, width: 4)
    let test =
      failing == first
      ? function.binary(.signedLess, result, zero, width: 1)
      : function.binary(.signedLessOrEqual, zero, result, width: 1)
    function.setValue(ofTerminator: block, to: test)
  }

  /// Takes away what makes the exception the one that is being handled, and what gives it its
  /// traceback.
  ///
  /// Its first reference to each part goes as well, lest the exception seem to get a name.
  ///
  /// - Returns: whether the handler may still be on its way behind the block.
  private func forgetRecords(
    of call: Instruction.ID, in block: Block.ID, _ taken: inout Set<Instruction.ID>,
    _ function: inout Function
  ) -> Bool {
    func isCaught(_ value: Instruction.ID) -> Bool {
      function.roots(of: value).contains { function.source(of: $0) == call }
    }
    let steps = function[block].instructions
    let first = steps.firstIndex(of: call).map { $0 + 1 } ?? steps.startIndex
    for id in steps[first...] {
      switch function[id].operation {
      case .machine(.store):
        guard scanner.handledField(function.operand(0, of: id), function) != nil,
          isCaught(function.operand(1, of: id))
        else { continue }
        function.remove(id)
      case .referenceCount(1):
        let value = function.resolve(function.operand(0, of: id))
        if isCaught(value), taken.insert(value).inserted { function.remove(id) }
      case .call:
        let arguments = function.operands(of: id).dropFirst()
        switch function.callee(of: id, facts)?.name {
        case "PyException_SetTraceback" where arguments.contains(where: isCaught):
          guard let site = BranchSite(block, in: function),
            let succeeds = Self.success(of: id, site, function)
          else { return false }
          function.decideBranch(of: block, taken: succeeds)
          function.replace(id, with: .undefined, [])
        case "PyErr_SetExcInfo" where arguments.contains(where: isCaught):
          function.replace(id, with: .undefined, [])
          return false
        case "PyErr_Occurred", "_Py_Dealloc": continue
        default: return false
        }
      default: continue
      }
    }
    return true
  }

  /// Which arm a branch takes if a call did not fail.
  private static func success(
    of call: Instruction.ID, _ site: BranchSite, _ function: borrowing Function
  ) -> Bool? {
    switch site.condition.form {
    case .less(let result, let zero)
    where function.withoutExtract(result) == call && function.constant(zero) == 0:
      site.formHolds(false)
    case .lessOrEqual(let zero, let result)
    where function.withoutExtract(result) == call && function.constant(zero) == 0:
      site.formHolds(true)
    default: nil
    }
  }
}
