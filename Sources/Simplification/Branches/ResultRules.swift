import Analysis
import IR
import RuntimeModel

extension BranchRule {
  /// There is memory for what Cython makes for itself.
  ///
  /// ```c
  /// args = PyTuple_New(1); if (!args) return NULL;
  /// ```
  package static let allocation = BranchRule("allocation") { site, function, context in
    guard let value = site.valueComparedWithNull(in: function),
      let name = function.callee(of: value, context.facts)?.name, allocators.contains(name)
    else { return nil }
    return site.formHolds(false)
  }

  private static let allocators: Set<String> = [
    "PyTuple_New", "PyTuple_Pack", "PyList_New", "PyDict_New", "_PyDict_NewPresized",
    "PyLong_FromLong", "PyLong_FromSsize_t", "PyFloat_FromDouble",
  ]

  /// An item that a set must have was found.
  ///
  /// ```c
  /// if (PySet_Discard(s, x) != 1) { … PyErr_SetObject(PyExc_KeyError, t); … }
  /// ```
  /// becomes the call (`__Pyx_PySet_Remove` in `Cython/Utility/Builtins.c`, the only one to ask for 1):
  /// `s.remove(x)` says itself that the item is missing.
  package static let foundItem = BranchRule("found-item") { site, function, context in
    guard case .equal(let found, let number) = site.condition.form, function.constant(number) == 1,
      function.callee(of: function.withoutExtract(found), context.facts)?.name == "PySet_Discard"
    else { return nil }
    return site.formHolds(true)
  }

  /// What C code asserts holds.
  ///
  /// ```c
  /// assert(PyTuple_Check(op));
  /// ```
  /// becomes nothing. Modules that were built without `NDEBUG` have such checks in CPython's macros.
  package static let checks = BranchRule("checks") { site, function, context in
    let fails = function.failsCheck(site.target, context.facts)
    guard fails != function.failsCheck(site.otherTarget, context.facts) else { return nil }
    return site.formHolds(!fails)
  }

  /// A result is handed on as it is, null or not.
  ///
  /// ```c
  /// if (!result) { if (!PyErr_Occurred()) PyErr_SetString(…); result = NULL; }
  /// ```
  /// becomes nothing (`__Pyx_PyObject_Call` in `Cython/Utility/ObjectHandling.c`). The flag of assertions and
  /// C integers are no results, though they are as wide as one on 32-bit processors.
  package static let nullResult = BranchRule("null-result") { site, function, context in
    guard let value = site.valueComparedWithNull(in: function),
      function.assertionFlag(site, context.facts) == nil,
      !function.isInteger(value, context.facts),
      function.handsOn(value, from: site, context.facts)
    else { return nil }
    return site.formHolds(false)
  }

  /// A status that is not 0 is -1.
  ///
  /// ```c
  /// status = __Pyx_IterFinish(); if (status == 0) break; if (status == -1) goto bad; …
  /// ```
  /// becomes the error alone, so that nothing seems to be done with what there is not
  /// (`__Pyx_dict_iter_next` in `Cython/Utility/Optimize.c`, which returns the status or 1).
  package static let failedStatus = BranchRule("failed-status") { site, function, context in
    guard case .equal(let status, let number) = site.condition.form,
      function.constant(number) == Opcode.mask(function.size(status)),
      function.callee(of: function.withoutExtract(status), context.facts)?.result == .status,
      function[site.block].predecessors.count == 1,
      let outer = BranchSite(function[site.block].predecessors[0], in: function),
      outer.otherTarget == site.block, outer.target != site.block,
      outer.valueComparedWithNull(in: function) == status
    else { return nil }
    return site.formHolds(true)
  }

  /// Where an iteration that has ended is asked whether it failed, it did not.
  ///
  /// ```c
  /// if (!next_item) return __Pyx_IterFinish();   …   if (status == 0) break; if (status == -1) goto bad;
  /// ```
  /// becomes the end of the loop, also where the status met that of other ways before
  /// (`__Pyx_dict_iter_next` in `Cython/Utility/Optimize.c`, where it was inlined).
  package static let finishedIteration = BranchRule("finished-iteration") {
    site, function, context in
    guard let status = site.valueComparedWithNull(in: function),
      function.callee(of: function.withoutExtract(status), context.facts)?.name
        == "__Pyx_IterFinish"
    else { return nil }
    return site.formHolds(true)
  }

  /// A status that stands for an error is 0 where there was none.
  ///
  /// ```c
  /// status = PySet_Add(s, o); if (status != 0) goto error; …; is_dict = status; if (is_dict) …
  /// ```
  /// becomes the way of 0: compilers take the status where a 0 is needed.
  package static let knownStatus = BranchRule("known-status") { site, function, context in
    guard let status = site.valueComparedWithNull(in: function), context.zero.contains(status)
    else {
      return nil
    }
    return site.formHolds(true)
  }

  /// A method of a builtin type is called through the object that was looked up once.
  ///
  /// ```c
  /// if (umethod.func) … else { if (!umethod.method) look it up; PyObject_Call(umethod.method, …); }
  /// ```
  /// becomes the last call (`__Pyx_CallUnboundCMethod` in `Cython/Utility/ObjectHandling.c`).
  package static let unboundFunction = BranchRule("unbound-function") { site, function, context in
    guard let value = site.valueComparedWithNull(in: function),
      let place = function.loadedAddress(value)
    else { return nil }
    // type, method_name, func, method, flag
    if context.facts.unboundMethod(at: place &- function.layout.words(2)) != nil {
      return site.formHolds(true)
    }
    if context.facts.unboundMethod(at: place &- function.layout.words(3)) != nil {
      return site.formHolds(false)
    }
    return nil
  }
}

extension Function {
  /// Whether a block leads nowhere but to the end of the program, by `assert` or because the stack was
  /// written over.
  fileprivate func failsCheck(_ start: Block.ID, _ facts: any ModuleFacts) -> Bool {
    var block = start
    for _ in 0..<4 {
      for id in self[block].instructions where self[id].operation == .call {
        guard let name = callee(of: id, facts)?.name else {
          // A part of a function that a compiler split off.
          return self[block].terminator == .unreachable
        }
        return CFunction.failedChecks.contains(name)
      }
      guard case .jump(let next) = self[block].terminator else { return false }
      block = next
    }
    return false
  }

  /// Whether the two arms of a test for null get to one place with the same values.
  fileprivate func handsOn(
    _ value: Instruction.ID, from site: BranchSite, _ facts: any ModuleFacts
  ) -> Bool {
    guard let (join, edge) = placeBehindCleanup(site.target, from: site.block, facts) else {
      return false
    }
    var other = (block: site.otherTarget, from: site.block)
    if other.block != join {
      guard self[other.block].instructions.allSatisfy({ self[$0].operation == .undefined }),
        case .jump(join) = self[other.block].terminator
      else { return false }
      other = (join, other.block)
    }
    let predecessors = self[join].predecessors
    guard let first = predecessors.firstIndex(of: edge),
      let second = predecessors.firstIndex(of: other.from), first != second
    else { return false }
    for id in self[join].instructions where isPhi(id) {
      let (null, present) = (operand(first, of: id), operand(second, of: id))
      let isSame = null == present || (present == value && constant(null) == 0)
      // What a call left in registers is nobody's, unless it is read: a call may return a number.
      if !isSame, !isLeftover(null) && !isLeftover(present) || isRead(id) { return false }
    }
    return true
  }

  /// Whether anything but phis has use for a phi.
  private func isRead(_ phi: Instruction.ID) -> Bool {
    var values: Set<Instruction.ID> = [phi]
    var isGrowing = true
    while isGrowing {
      isGrowing = false
      for id in instructionIDs where self[id].operation != .forward && !values.contains(id) {
        guard operands(of: id).contains(where: { values.contains($0) }) else { continue }
        guard isPhi(id) else { return true }
        values.insert(id)
        isGrowing = true
      }
    }
    return false
  }

  private func isLeftover(_ id: Instruction.ID) -> Bool {
    switch self[id].operation {
    case .after, .undefined: true
    default: false
    }
  }

  /// Where control gets from an arm that only sets an error, and from which block.
  private func placeBehindCleanup(
    _ start: Block.ID, from source: Block.ID, _ facts: any ModuleFacts
  ) -> (join: Block.ID, from: Block.ID)? {
    var (previous, block) = (source, start)
    for _ in 0..<4 {
      if self[block].predecessors.count > 1 { return (block, previous) }
      for id in self[block].instructions {
        switch self[id].operation {
        case .after, .undefined, .phi: continue
        case .call:
          guard let name = callee(of: id, facts)?.name,
            name == "PyErr_Occurred" || name == "PyErr_SetString"
          else { return nil }
        case .machine(.load): continue
        default: return nil
        }
      }
      guard case .jump(let next) = self[block].terminator else { return nil }
      (previous, block) = (block, next)
    }
    return nil
  }
}
