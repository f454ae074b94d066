import Basics
package import IR
import RuntimeModel

extension BranchRule {
  /// `if (0)` and `if (1)`, as other rules leave them behind.
  package static let constant = BranchRule("constant") { site, function, _ in
    guard case .holds(let value) = site.condition.form, let number = function.constant(value) else {
      return nil
    }
    return site.formHolds(number != 0)
  }

  /// The object does not die when a reference goes.
  ///
  /// ```c
  /// if (--op->ob_refcnt == 0) _Py_Dealloc(op);
  /// ```
  /// becomes nothing, as do tests for objects that are never counted, which there are since CPython 3.12:
  ///
  /// ```c
  /// if ((int32_t)op->ob_refcnt < 0) return;
  /// ```
  /// The length of a list of free objects looks like a count in a static variable; it is 0.
  package static let deallocation = BranchRule("deallocation") { site, function, context in
    for (arm, other, holds) in [
      (site.target, site.otherTarget, false), (site.otherTarget, site.target, true),
    ] where arm != other && function.startsWithDeallocation(arm, context.facts) {
      return site.formHolds(holds)
    }
    guard case .branch(let condition, _, _) = function[site.block].terminator,
      let truth = function.value(of: condition, context)
    else { return nil }
    return truth.isOfCount ? truth.number != 0 : nil
  }

  /// No way is taken that ends in a trap.
  ///
  /// ```c
  /// PyObject *result = __Pyx_PyObject_Format(s, f); Py_DECREF(s);
  /// ```
  /// Compilers end the way on which `s` is null by a trap behind the access to it.
  package static let trap = BranchRule("trap") { site, function, context in
    guard site.target != site.otherTarget else { return nil }
    if function.trapsAlways(from: site.target, context.facts) { return site.formHolds(false) }
    return function.trapsAlways(from: site.otherTarget, context.facts)
      ? site.formHolds(true) : nil
  }

  /// The thread that owns an object counts its references, where there is no global lock.
  ///
  /// ```c
  /// if (_Py_IsOwnedByCurrentThread(op)) op->ob_ref_local++; else _Py_atomic_add_ssize(&op->ob_ref_shared, 4);
  /// ```
  /// becomes the first arm.
  package static let owner = BranchRule("owner") { site, function, _ in
    guard function.layout.isFreeThreaded, case .equal(let left, let right) = site.condition.form,
      [left, right].allSatisfy({ function.isWord($0) && function.isLoad($0, at: 0) }),
      [left, right].contains(where: { function.isLoadThroughEntry($0) })
    else { return nil }
    return site.formHolds(true)
  }

  /// A value that was tested for null before, and is not.
  package static let knownNotNull = BranchRule("known-not-null") { site, function, context in
    guard let value = site.valueComparedWithNull(in: function),
      context.nonNull.contains(value) || function.isParameter(value) || function.isSent(value)
        || function.isException(value)
        || context.delegated.contains(value)
    else { return nil }
    return site.formHolds(false)
  }

  /// No error happens: the arm that leads to a traceback only goes.
  package static let error = BranchRule("error") { site, function, context in
    let fails = context.errors.fails(from: site.block, to: site.target, in: function)
    guard fails != context.errors.fails(from: site.block, to: site.otherTarget, in: function)
    else { return nil }
    let failing = fails ? site.target : site.otherTarget
    // A decision of the program's own leaves a variable unbound: `if a: x = b` before `return x`.
    let asksForVariable = site.valueComparedWithNull(in: function).map { function.isWord($0) }
    if asksForVariable != true, function.missesVariable(failing, context.facts) {
      return nil
    }
    return site.formHolds(!fails)
  }

  /// The module's dictionary has changed since a global was looked up last.
  ///
  /// ```c
  /// likely(version == ((PyDictObject*)d)->ma_version_tag) ? cached : __Pyx__GetModuleGlobalName(…)
  /// ```
  /// becomes the call.
  package static let dictVersion = BranchRule("dict-version") { site, function, context in
    let version = context.facts.dictionaryVersion
    switch site.condition.form {
    case .equal(let left, let right):
      // Loads of it may meet where compilers found that it was read before.
      let isVersion = [left, right].contains { value in
        function.roots(of: value).allSatisfy { function.loadedAddress($0) == version }
      }
      return isVersion ? site.formHolds(false) : nil
    // Its two halves, on processors whose registers hold no more.
    case .either(let left, let right):
      let areHalves = [left, right].allSatisfy { half in
        guard let (opcode, first, second) = function.machine(half), opcode == .notEqual else {
          return false
        }
        return [first, second].contains { value in
          function.loadedAddress(value).map { $0 &- version < 8 } ?? false
        }
      }
      return areHalves ? site.formHolds(true) : nil
    default: return nil
    }
  }

  /// A global is found in the module's dictionary, or among the builtins: one lookup to Python.
  ///
  /// ```c
  /// result = _PyDict_GetItem_KnownHash(d, name, hash); result ? result : __Pyx_GetBuiltinName(name)
  /// ```
  /// becomes the first arm (`__Pyx__GetModuleGlobalName` in `Cython/Utility/ObjectHandling.c`).
  package static let moduleGlobal = BranchRule("module-global") { site, function, context in
    guard let found = site.valueComparedWithNull(in: function),
      function.isModuleLookup(found, context.facts)
    else { return nil }
    return site.formHolds(false)
  }
}

extension Function {
  /// Whether every way from a block ends in a trap; a loop without an end is none.
  fileprivate func trapsAlways(from start: Block.ID, _ facts: any ModuleFacts) -> Bool {
    var trapping: Set<Block.ID> = []
    return trapsAlways(from: start, behind: [], &trapping, facts)
  }

  private func trapsAlways(
    from block: Block.ID, behind path: [Block.ID], _ trapping: inout Set<Block.ID>,
    _ facts: any ModuleFacts
  ) -> Bool {
    if trapping.contains(block) { return true }
    guard path.count < 16, !path.contains(block) else { return false }
    switch self[block].terminator {
    case .jump, .branch:
      for target in successors(of: block) {
        guard trapsAlways(from: target, behind: path + [block], &trapping, facts) else {
          return false
        }
      }
    case .unreachable:
      guard endsInTrap(block, facts) else { return false }
    default: return false
    }
    trapping.insert(block)
    return true
  }

  /// Whether a block has no end although nothing in it is known not to return or to raise.
  private func endsInTrap(_ block: Block.ID, _ facts: any ModuleFacts) -> Bool {
    for id in self[block].instructions {
      switch self[id].operation {
      case .python: return false
      case .call:
        guard let callee = callee(of: id, facts), callee.result != .never else { return false }
      default: continue
      }
    }
    return true
  }

  /// Whether a block does nothing but raise the error about a variable that is not bound.
  fileprivate func missesVariable(_ start: Block.ID, _ facts: any ModuleFacts) -> Bool {
    var block = start
    for _ in 0..<4 {
      if let call = self[block].instructions.first(where: { self[$0].operation == .call }) {
        switch callee(of: call, facts)?.name {
        case "__Pyx_RaiseUnboundLocalError": return true
        case "PyErr_Format":
          guard let type = argument(0, of: call) else { return false }
          return exceptionName(type, facts) == "PyExc_UnboundLocalError"
        default: return false
        }
      }
      guard case .jump(let next) = self[block].terminator else { return false }
      block = next
    }
    return false
  }

  /// Whether a value is what a name means in the module's dictionary.
  package func isModuleLookup(_ id: Instruction.ID, _ facts: some ModuleFacts) -> Bool {
    // CPython 3.13 offers no lookup by a known hash any more.
    guard ["_PyDict_GetItem_KnownHash", "PyDict_GetItem"].contains(callee(of: id, facts)?.name),
      let dictionary = argument(0, of: id).flatMap({ constant($0) })
    else { return false }
    // The dictionary's version lies behind its size: Include/cpython/dictobject.h.
    return dictionary == facts.dictionaryVersion &- layout.dictVersion
  }

  /// Whether a value is loaded from a distance from some pointer.
  package func isLoad(_ id: Instruction.ID, at distance: UInt64) -> Bool {
    guard self[id].operation == .machine(.load) else { return false }
    return offset(operand(0, of: id)).offset == distance
  }

  /// Whether a value is loaded through a register that the function did not set.
  func isLoadThroughEntry(_ id: Instruction.ID) -> Bool {
    guard case .entry(let cell) = self[operand(0, of: id)].operation else { return false }
    return cell.kind == .register
  }

  /// Whether a value is a parameter, which is an object whatever was given.
  func isParameter(_ id: Instruction.ID) -> Bool {
    if case .python(.parameter) = self[id].operation { true } else { false }
  }

  /// Whether a value is what was sent into a generator; null stands for an exception.
  func isSent(_ id: Instruction.ID) -> Bool {
    self[id].operation == .python(.yield) || self[id].operation == .python(.yieldFrom)
  }

  /// Whether a value is an exception that was caught or kept.
  func isException(_ id: Instruction.ID) -> Bool {
    switch self[id].operation {
    case .python(.caught), .python(.saveHandled): true
    default: false
    }
  }

  /// Whether a block's first call deallocates an object.
  func startsWithDeallocation(_ block: Block.ID, _ facts: any ModuleFacts) -> Bool {
    if leadingCall(of: block, "_Py_Dealloc", facts) != nil
      || leadingCall(of: block, "_Py_MergeZeroLocalRefcount", facts) != nil
    {
      return true
    }
    guard let call = self[block].instructions.first(where: { self[$0].operation == .call }),
      isLoad(operand(0, of: call), at: layout.typeDeallocate)
    else { return false }
    // Before CPython 3.9, `tp_dealloc` is called in place.
    let type = offset(operand(0, of: operand(0, of: call))).base
    return isLoad(type, at: layout.type) && argument(0, of: call) != nil
      && offset(operand(0, of: type)).base == argument(0, of: call)
  }

  /// The fixed address from which a value is loaded.
  func loadedAddress(_ id: Instruction.ID) -> UInt64? {
    self[id].operation == .machine(.load) ? constant(operand(0, of: id)) : nil
  }

  /// What a value is if objects are counted and have some references; nil if it hangs on anything else.
  fileprivate func value(
    of id: Instruction.ID, _ context: BranchContext, depth: Int = 0
  ) -> (number: UInt64, isOfCount: Bool)? {
    if let number = constant(id) { return (number, false) }
    let id = resolve(id)
    if context.counts.contains(id) {
      let isStatic = size(id) == 4 && loadedAddress(id).map { context.facts.isMapped($0) } == true
      // Neither near zero nor near the counts of objects that are never counted.
      return (isStatic ? 0 : 1 << 20, true)
    }
    if isPhi(id) {
      // Arms that count different objects meet; no count with a reference more is zero or negative.
      let isCounted = operands(of: id).allSatisfy { operand in
        guard operand != id, depth < 8, !isPhi(operand),
          let other = value(of: operand, context, depth: depth + 1), other.isOfCount
        else { return false }
        return other.number > 0 && other.number <= 1 << 21
      }
      return isCounted ? (1 << 20, true) : nil
    }
    guard depth < 8, case .machine(let opcode) = self[id].operation, opcode.isPure,
      let left = operands(of: id).first
    else { return nil }
    guard let first = value(of: left, context, depth: depth + 1) else {
      guard opcode == .booleanAnd || opcode == .booleanOr,
        let second = value(of: operand(1, of: id), context, depth: depth + 1)
      else { return nil }
      return Self.decides(opcode, second.number) ? second : nil
    }
    guard operandCount(of: id) > 1 else {
      return opcode.evaluate(first.number, 0, size: size(left), otherSize: 0, width: size(id))
        .map { ($0, first.isOfCount) }
    }
    let right = operand(1, of: id)
    guard let second = value(of: right, context, depth: depth + 1) else {
      return Self.decides(opcode, first.number) ? first : nil
    }
    return opcode.evaluate(
      first.number, second.number, size: size(left), otherSize: size(right), width: size(id)
    ).map { ($0, first.isOfCount || second.isOfCount) }
  }

  /// Whether one operand alone says what a condition of two is.
  private static func decides(_ opcode: Opcode, _ number: UInt64) -> Bool {
    opcode == .booleanAnd && number == 0 || opcode == .booleanOr && number == 1
  }
}
