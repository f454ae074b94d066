import Basics
import IR
import RuntimeModel

extension BranchRule {
  /// The functions of a class that need its cell get it without a loop.
  ///
  /// ```c
  /// for (i = 0; i < PyList_GET_SIZE(functions); i++) functions[i]->func_classobj = cls;
  /// ```
  /// becomes nothing (`__Pyx_CyFunction_InitClassCell` in `Cython/Utility/CythonFunction.c`).
  package static let classCell = BranchRule("class-cell") { site, function, context in
    switch site.condition.form {
    case .less(_, let size) where function.isCountOfFunctions(size, context.facts):
      return site.formHolds(false)
    case .lessOrEqual(let size, _) where function.isCountOfFunctions(size, context.facts):
      return site.formHolds(true)
    case .equal(let size, _) where function.isCountOfFunctions(size, context.facts):
      return site.formHolds(true)
    case .equal(_, let size) where function.isCountOfFunctions(size, context.facts):
      return site.formHolds(true)
    default: return nil
    }
  }

  /// What a class body binds hears its name.
  ///
  /// ```c
  /// if (PyObject_HasAttr(v, "__set_name__")) PyObject_CallMethodObjArgs(v, "__set_name__", type, k, NULL);
  /// ```
  /// becomes nothing: a `class` statement does that by itself (`__Pyx__SetItemOnTypeDict` in
  /// `Cython/Utility/ExtensionTypes.c`).
  package static let nameAnnouncement = BranchRule("name-announcement") { site, function, context in
    guard let value = site.valueComparedWithNull(in: function),
      function.callee(of: function.withoutExtract(value), context.facts)?.name
        == "PyObject_HasAttr",
      let call = function.leadingCall(
        of: site.otherTarget, "PyObject_CallMethodObjArgs", context.facts),
      let name = function.argument(1, of: call).flatMap({ function.constant($0) }),
      context.facts.text(at: name) == "__set_name__",
      function.argument(1, of: function.withoutExtract(value))
        == function.argument(1, of: call)
    else { return nil }
    return site.formHolds(true)
  }

  /// The bases of a class are classes; a `class` statement remembers others by itself.
  ///
  /// ```c
  /// if (bases != original) PyDict_SetItemString(ns, "__orig_bases__", original);
  /// ```
  package static let originalBases = BranchRule("original-bases") { site, function, context in
    guard case .equal(let left, let right) = site.condition.form else { return nil }
    for (call, bases) in [(left, right), (right, left)]
    where function.callee(of: call, context.facts)?.name == "__Pyx_PEP560_update_bases" {
      return function.argument(0, of: call) == bases ? site.formHolds(true) : nil
    }
    return nil
  }

  /// What Cython does once in a process has been done.
  ///
  /// ```c
  /// static int inspect_patched = 0;
  /// if (!inspect_patched) …
  /// ```
  /// Python code has no static variables.
  package static let onceOnly = BranchRule("once-only") { site, function, context in
    guard let address = function.staticFlag(site, context.facts),
      function.sets(address, from: site.target, upTo: site.otherTarget)
    else { return nil }
    return site.formHolds(false)
  }

  /// Assertions are made.
  ///
  /// ```c
  /// if (!Py_OptimizeFlag) { if (!x) { PyErr_SetNone(PyExc_AssertionError); goto bad; } }
  /// ```
  /// becomes what the flag switches off; some versions keep the opposite in a static variable. Around
  /// `if __debug__:` of the source stands the same test, but no error of an assertion that has no test of
  /// its own.
  package static let assertions = BranchRule("assertions") { site, function, context in
    guard let flag = function.assertionFlag(site, context.facts),
      !context.debugTests.contains(flag.load)
    else { return nil }
    let (start, end) =
      flag.isOff ? (site.otherTarget, site.target) : (site.target, site.otherTarget)
    guard function.asserts(from: start, upTo: end, of: flag.load, context.facts) else { return nil }
    return site.formHolds(!flag.isOff)
  }

  /// The stack does not overflow.
  ///
  /// ```c
  /// if (Py_EnterRecursiveCall(" while calling a Python object")) return NULL;
  /// ```
  package static let recursionLimit = BranchRule("recursion-limit") { site, function, context in
    guard case .equal(let left, let right) = site.condition.form, function.constant(right) == 0,
      function.callee(of: function.withoutExtract(left), context.facts)?.name
        == "Py_EnterRecursiveCall"
    else { return nil }
    return site.formHolds(true)
  }

  /// A new tuple has as many items as it was made for.
  ///
  /// ```c
  /// PyTuple_GET_SIZE(bases) > 0 ? __Pyx_CalculateMetaclass(…) : &PyType_Type
  /// ```
  package static let sizeOfNewTuple = BranchRule("size-of-new-tuple") { site, function, context in
    let size: Instruction.ID
    switch site.condition.form {
    case .lessOrEqual(let left, let right) where function.constant(right) == 0: size = left
    case .less(let left, let right) where function.constant(left) == 0:
      return function.sizeOfNewTuple(right, context.facts).map { site.formHolds($0 > 0) }
    case .equal(let left, let right) where function.constant(right) == 0: size = left
    default: return nil
    }
    return function.sizeOfNewTuple(size, context.facts).map { site.formHolds($0 == 0) }
  }

  /// The keywords of a class name no metaclass; one that is named is handed over apart.
  ///
  /// ```c
  /// PyDict_GetItem(mkw, "metaclass") ? … : __Pyx_CalculateMetaclass(NULL, bases)
  /// ```
  package static let classKeywords = BranchRule("class-keywords") { site, function, context in
    guard let found = site.valueComparedWithNull(in: function),
      let name = function.callee(of: found, context.facts)?.name, name.hasPrefix("_PyDict_GetItem"),
      let argument = function.argument(1, of: found), let key = function.constant(argument),
      context.facts.text(at: key) == "metaclass"
    else { return nil }
    return site.formHolds(true)
  }
}

extension Function {
  /// The address of a static variable of the module that a branch compares with 0.
  fileprivate func staticFlag(_ site: BranchSite, _ facts: any ModuleFacts) -> UInt64? {
    guard case .equal(let left, let right) = site.condition.form, constant(right) == 0,
      size(left) == 4, let address = loadedAddress(left), facts.isMapped(address),
      facts.variable(at: address) == nil
    else { return nil }
    return address
  }

  /// The load of what may be the flag of assertions, if a branch compares that with 0, and whether 0
  /// switches them off.
  func assertionFlag(
    _ site: BranchSite, _ facts: any ModuleFacts
  ) -> (load: Instruction.ID, isOff: Bool)? {
    guard case .equal(let left, let right) = site.condition.form, constant(right) == 0,
      let address = loadedAddress(left)
    else { return nil }
    if facts.variable(at: address) == "Py_OptimizeFlag" { return (left, false) }
    return staticFlag(site, facts) == nil ? nil : (left, true)
  }

  /// Whether the error of an assertion is raised between two blocks, other than one behind a test of the
  /// flag of its own.
  fileprivate func asserts(
    from start: Block.ID, upTo end: Block.ID, of flag: Instruction.ID, _ facts: any ModuleFacts
  ) -> Bool {
    var pending = [start]
    var seen: Set<Block.ID> = [start, end]
    while let block = pending.popLast(), seen.count < 200 {
      if self[block].instructions.contains(where: { raisesAssertionError($0, facts) }) {
        return true
      }
      if let site = BranchSite(block, in: self), let test = assertionFlag(site, facts),
        loadedAddress(test.load) == loadedAddress(flag)
      {
        continue
      }
      for next in successors(of: block) where seen.insert(next).inserted { pending.append(next) }
    }
    return false
  }

  /// Whether a static variable is set on a way from one block that does not get to another.
  fileprivate func sets(_ address: UInt64, from start: Block.ID, upTo end: Block.ID) -> Bool {
    var pending = [start]
    var seen: Set<Block.ID> = [start, end]
    while let block = pending.popLast(), seen.count < 200 {
      let isSet = self[block].instructions.contains {
        self[$0].operation == .machine(.store) && constant(operand(0, of: $0)) == address
      }
      if isSet { return true }
      for next in successors(of: block) where seen.insert(next).inserted { pending.append(next) }
    }
    return false
  }

  /// Whether a step raises `AssertionError`, which Cython 3.0 reads from where it keeps builtins.
  private func raisesAssertionError(_ id: Instruction.ID, _ facts: any ModuleFacts) -> Bool {
    guard let name = callee(of: id, facts)?.name, let type = argument(0, of: id) else {
      return false
    }
    if exceptionName(type, facts) == "PyExc_AssertionError" { return true }
    return name == "__Pyx_Raise" && exceptionName(type, facts) == nil
      && (constant(type) != nil || loadedAddress(type) != nil)
  }
}

extension Function {
  /// The number of items of a new tuple, if a value is that.
  func sizeOfNewTuple(_ id: Instruction.ID, _ facts: any ModuleFacts) -> UInt64? {
    guard isLoad(id, at: layout.size) else { return nil }
    let tuple = offset(operand(0, of: id)).base
    let count: Instruction.ID? =
      switch callee(of: tuple, facts)?.name {
      case "PyTuple_New", "PyTuple_Pack": argument(0, of: tuple)
      case "__Pyx_PyTuple_FromArray": argument(1, of: tuple)
      default: nil
      }
    // Only classes with bases have them looked at.
    if callee(of: tuple, facts)?.name == "__Pyx_PEP560_update_bases" { return 1 }
    return count.flatMap { constant($0) }
  }

  /// Whether a value is the number of items of a list to which functions are appended.
  func isCountOfFunctions(_ id: Instruction.ID, _ facts: any ModuleFacts) -> Bool {
    guard isLoad(id, at: layout.size) else { return false }
    let list = offset(operand(0, of: id)).base
    guard callee(of: list, facts)?.name == "PyList_New" else { return false }
    for call in instructionIDs where self[call].operation == .call && self[call].block != nil {
      guard callee(of: call, facts)?.name == "PyList_Append", argument(0, of: call) == list,
        let item = argument(1, of: call)
      else { continue }
      return callee(of: item, facts)?.name == "__Pyx_CyFunction_New"
    }
    return false
  }
}
