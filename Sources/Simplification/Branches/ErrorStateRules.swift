import Basics
package import IR
import RuntimeModel

extension BranchRule {
  /// An error is of a type that it is an instance of.
  ///
  /// ```c
  /// tstate->curexc_type == PyExc_AttributeError
  ///   || __Pyx_PyErr_GivenExceptionMatches(tstate->curexc_type, PyExc_AttributeError)
  /// ```
  /// becomes the call (`__Pyx_PyErr_ExceptionMatchesInState` in `Cython/Utility/Exceptions.c`).
  package static let exactException = BranchRule("exact-exception") { site, function, context in
    guard case .equal(let left, let right) = site.condition.form,
      let call = function.matchingCall(from: site.otherTarget, context.facts),
      let error = function.argument(0, of: call), let type = function.argument(1, of: call),
      (left == error && right == type) || (left == type && right == error),
      function.isPendingError(error, context.facts), let block = function[call].block,
      function.isDecided(by: call, in: block, asFrom: site.block, to: site.target)
    else { return nil }
    return site.formHolds(false)
  }

  /// An error whose type is asked for is there.
  ///
  /// ```c
  /// if (!tstate->curexc_type) return 0;
  /// ```
  /// becomes nothing where the type is compared next. Since CPython 3.12 there is no type but that of
  /// `tstate->current_exception`, which is asked for first.
  package static let presentException = BranchRule("present-exception") {
    site, function, context in
    guard let error = site.valueComparedWithNull(in: function),
      function.isPendingError(error, context.facts),
      let call = function.matchingCall(from: site.otherTarget, context.facts),
      let compared = function.argument(0, of: call)
    else { return nil }
    if function.type(compared, isThatOf: error) {
      return function.answersNo(site, as: call) ? site.formHolds(false) : nil
    }
    guard compared == error, function[site.block].predecessors.count == 1,
      let outer = BranchSite(function[site.block].predecessors[0], in: function),
      case .equal(let left, let right) = outer.condition.form, outer.otherTarget == site.block,
      left == error || right == error
    else { return nil }
    return site.formHolds(false)
  }

  /// The traceback of a module that fails is written, whatever it takes.
  ///
  /// ```c
  /// if (__pyx_d && stringtab_initialized) __Pyx_AddTraceback("init name", …);
  /// ```
  /// becomes the call, so that the errors of the module's body all lead to it.
  package static let moduleTraceback = BranchRule("module-traceback") { site, function, context in
    for (arm, other, holds) in [
      (site.target, site.otherTarget, true), (site.otherTarget, site.target, false),
    ] where function.writesModuleTraceback(arm, before: other, context.facts) {
      return site.formHolds(holds)
    }
    return nil
  }

  /// An exception keeps its traceback, which it is given again with the error.
  ///
  /// ```c
  /// if (((PyBaseExceptionObject *)value)->traceback != tb) PyException_SetTraceback(value, tb);
  /// ```
  /// becomes nothing (`__Pyx_ErrRestoreInState` in `Cython/Utility/Exceptions.c`, since CPython 3.12).
  package static let keptTraceback = BranchRule("kept-traceback") { site, function, context in
    guard case .equal(let left, let right) = site.condition.form,
      let call = function.leadingCall(
        of: site.otherTarget, "PyException_SetTraceback", context.facts),
      let error = function.argument(0, of: call), let traceback = function.argument(1, of: call)
    else { return nil }
    for (kept, given) in [(left, right), (right, left)]
    where given == traceback && function[kept].operation == .machine(.load) {
      if function.offset(function.operand(0, of: kept)).base == error {
        return site.formHolds(true)
      }
    }
    return nil
  }

  /// An exception of CPython's is a class, not a tuple of them.
  ///
  /// ```c
  /// PyTuple_Check(PyExc_AttributeError)
  /// ```
  package static let exceptionTuple = BranchRule("exception-tuple") { site, function, context in
    guard let test = site.valueComparedWithNull(in: function),
      let (type, bits) = function.testedTypeFlags(test),
      function.exceptionName(type, context.facts)?.hasPrefix("PyExc_") == true
    else { return nil }
    if bits == ObjectLayout.subclassFlags["PyTuple_Type"] { return site.formHolds(true) }
    // PyExceptionClass_Check
    if bits == ObjectLayout.subclassFlags["PyType_Type"] { return site.formHolds(false) }
    return nil
  }

  /// Attributes are looked up by the function of the object's type.
  ///
  /// ```c
  /// if (tp->tp_getattro == PyObject_GenericGetAttr)
  ///   return _PyObject_GenericGetAttrWithDict(o, n, NULL, 1);
  /// ```
  /// becomes nothing (`__Pyx_PyObject_GetAttrStrNoError` in `Cython/Utility/ObjectHandling.c`).
  package static let genericLookup = BranchRule("generic-lookup") { site, function, context in
    guard case .equal(let left, let right) = site.condition.form else { return nil }
    for (slot, generic) in [(left, right), (right, left)]
    where function.variable(generic, context.facts) == "PyObject_GenericGetAttr"
      || function.isImported(generic, "PyObject_GenericGetAttr", context.facts)
    {
      if function.typeSlot(slot) != nil { return site.formHolds(false) }
    }
    return nil
  }

  /// A name that is text is looked up as any other one.
  ///
  /// ```c
  /// PyUnicode_Check(n) ? __Pyx_PyObject_GetAttrStr(o, n) : PyObject_GetAttr(o, n)
  /// ```
  /// becomes the second call (`__Pyx_GetAttr` in `Cython/Utility/ObjectHandling.c`).
  package static let nameOfText = BranchRule("name-of-text") { site, function, context in
    guard let test = site.valueComparedWithNull(in: function),
      let (name, bits) = function.testedTypeFlags(test),
      bits == ObjectLayout.subclassFlags["PyUnicode_Type"],
      let call = function.leadingCall(of: site.target, "PyObject_GetAttr", context.facts),
      function.argument(1, of: call) == name
    else { return nil }
    return site.formHolds(true)
  }
}

extension Function {
  /// Whether a block first writes the traceback of a module's body, and goes on at another block then.
  ///
  /// No function has a space in its name.
  fileprivate func writesModuleTraceback(
    _ start: Block.ID, before end: Block.ID, _ facts: any ModuleFacts
  ) -> Bool {
    var ends = [end]
    while ends.count < 4, let last = ends.last, firstCall(of: last) == nil,
      case .jump(let next) = self[last].terminator
    {
      ends.append(next)
    }
    var block = start
    var isWritten = false
    for _ in 0..<6 {
      if let call = firstCall(of: block) {
        guard !isWritten, callee(of: call, facts)?.name == "__Pyx_AddTraceback",
          let name = argument(0, of: call).flatMap({ constant($0) })
        else { return false }
        isWritten = "init ".utf8.enumerated().allSatisfy { index, byte in
          facts.constant(at: name &+ UInt64(index), size: 1) == UInt64(byte)
        }
        guard isWritten else { return false }
      }
      guard case .jump(let next) = self[block].terminator else { return false }
      if ends.contains(next) { return isWritten }
      block = next
    }
    return false
  }

  /// The object of whose type flags are tested, and the flags.
  func testedTypeFlags(_ id: Instruction.ID) -> (object: Instruction.ID, bits: UInt64)? {
    guard let (opcode, flags, mask) = machine(withoutExtract(id)), opcode == .and,
      let bits = constant(mask)
    else { return nil }
    var load = flags
    while let (opcode, inner, position) = machine(load),
      opcode == .zeroExtend || (opcode == .extract && constant(position) == 0)
    {
      load = inner
    }
    guard self[load].operation == .machine(.load) else { return nil }
    let (type, offset) = self.offset(operand(0, of: load))
    let flagsPlace = layout.typeFlags
    guard offset >= flagsPlace, offset < flagsPlace + layout.words(1),
      isLoad(type, at: layout.type)
    else { return nil }
    return (self.offset(operand(0, of: type)).base, bits << ((offset - flagsPlace) * 8))
  }

  package func firstCall(of block: Block.ID) -> Instruction.ID? {
    self[block].instructions.first { self[$0].operation == .call }
  }

  /// Whether a value is the address of an imported function.
  fileprivate func isImported(
    _ id: Instruction.ID, _ name: String, _ facts: any ModuleFacts
  ) -> Bool {
    guard let address = constant(id) else { return false }
    return facts.callee(at: address)?.name == name
  }

  /// The call that compares the types of exceptions, if control makes it before any other one.
  fileprivate func matchingCall(
    from start: Block.ID, _ facts: any ModuleFacts
  ) -> Instruction.ID? {
    var block = start
    for _ in 0..<8 {
      if let call = firstCall(of: block) {
        let name = callee(of: call, facts)?.name ?? ""
        return Self.matchingFunctions.contains(name) ? call : nil
      }
      switch self[block].terminator {
      case .jump(let next): block = next
      case .branch:
        guard let site = BranchSite(block, in: self) else { return nil }
        guard let value = site.valueComparedWithNull(in: self),
          let (_, bits) = testedTypeFlags(value)
        else {
          return nil
        }
        let isTuple = bits == ObjectLayout.subclassFlags["PyTuple_Type"]
        block = isTuple ? site.target : site.otherTarget
      default: return nil
      }
    }
    return nil
  }

  /// Whether a branch leads, if its form holds, to where the answer 0 of a later call leads.
  package func answersNo(_ site: BranchSite, as call: Instruction.ID) -> Bool {
    guard var block = self[call].block else { return false }
    var way = [site.block, site.target]
    while way.count < 6, self[way[way.count - 1]].instructions.isEmpty,
      case .jump(let next) = self[way[way.count - 1]].terminator
    {
      way.append(next)
    }
    for _ in 0..<6 {
      if let test = BranchSite(block, in: self), let tested = test.valueComparedWithNull(in: self) {
        if comesOf(tested, call) { return way.dropFirst().contains(destination(test.target)) }
        // Both answers meet in a phi that is tested.
        guard let place = way.firstIndex(of: block), place > 0, isPhi(withoutExtract(tested)),
          let edge = self[block].predecessors.firstIndex(of: way[place - 1])
        else { return false }
        return constant(operand(edge, of: withoutExtract(tested))) == 0
      }
      guard case .jump(let next) = self[block].terminator else { return false }
      block = next
    }
    return false
  }

  /// Whether a value is what a call returns, merged with what other calls do perhaps.
  private func comesOf(_ value: Instruction.ID, _ call: Instruction.ID) -> Bool {
    let value = withoutExtract(value)
    guard isPhi(value) else { return value == call }
    return operands(of: value).allSatisfy { self[withoutExtract($0)].operation == .call }
      && operands(of: value).contains { withoutExtract($0) == call }
  }

  /// The first block of a way that does anything.
  private func destination(_ start: Block.ID) -> Block.ID {
    var block = start
    for _ in 0..<4 {
      guard self[block].instructions.isEmpty, case .jump(let next) = self[block].terminator else {
        break
      }
      block = next
    }
    return block
  }

  static let matchingFunctions: Set<String> = [
    "__Pyx_PyErr_GivenExceptionMatches", "PyErr_GivenExceptionMatches",
    "__Pyx_PyErr_GivenExceptionMatches2",
  ]
}

extension Function {
  /// Makes what Cython does with the pending error by hand what CPython's functions do.
  ///
  /// ```
  /// store (state + curexc_type), 0         →     clearError
  /// store (state + curexc_value), 0
  /// call __Pyx_PyErr_GivenExceptionMatches, (load (state + curexc_type)), T     →     exceptMatch T
  /// ```
  package mutating func recognizeErrorState(_ facts: any ModuleFacts) {
    for block in reversePostorder() {
      var cleared: Instruction.ID?
      for id in self[block].instructions {
        switch self[id].operation {
        case .call where Self.matchingFunctions.contains(callee(of: id, facts)?.name ?? ""):
          guard let error = argument(0, of: id), isPendingError(error, facts),
            let type = argument(1, of: id)
          else { continue }
          var types = [type]
          if callee(of: id, facts)?.name == "__Pyx_PyErr_GivenExceptionMatches2" {
            guard let second = argument(2, of: id) else { continue }
            types.append(second)
          }
          replace(id, with: .python(.exceptMatch), types)
        case .machine(.store) where constant(operand(1, of: id)) == 0:
          let state = offset(operand(0, of: id)).base
          guard isThreadState(state, facts) else { continue }
          if cleared == state {
            remove(id)
          } else {
            replace(id, with: .python(.clearError), [])
            cleared = state
          }
        default: continue
        }
      }
    }
  }
}
