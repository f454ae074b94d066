import Basics
import IR
import RuntimeModel

// Branches of the helpers that make a class.
extension BranchRule {
  /// A namespace is a dictionary; what `__prepare__` makes is the metaclass's business.
  ///
  /// ```c
  /// prep = __Pyx_PyObject_GetAttrStrNoError(metaclass, "__prepare__");
  /// ns = prep ? call(prep, name, bases, mkw) : PyDict_New();
  /// ```
  /// becomes the dictionary (`__Pyx_Py3MetaclassPrepare` in `Cython/Utility/ObjectHandling.c`). Where
  /// the lookup was inlined, the first test asks for the error, which is passed by.
  package static let prepare = BranchRule("prepare") { site, function, context in
    guard let value = site.valueComparedWithNull(in: function),
      function.looksUp("__prepare__", value, context.facts)
    else { return nil }
    let asksForError = function.quietBlocks(from: site.target).contains(site.otherTarget)
    return site.formHolds(!asksForError)
  }

  /// A module that is loaded already is imported like any other.
  ///
  /// ```c
  /// m = PyImport_GetModule(name); if (m) { … return m; }
  /// return PyImport_ImportModuleLevelObject(name, …);
  /// ```
  /// becomes the last line (`__Pyx__Import` in `Cython/Utility/ImportExport.c`).
  package static let loadedModule = BranchRule("loaded-module") { site, function, context in
    guard let value = site.valueComparedWithNull(in: function) else { return nil }
    switch function.callee(of: value, context.facts)?.name {
    case "PyImport_GetModule": return site.formHolds(true)
    // That there is none is no error.
    case "PyErr_Occurred"
    where function.follows(
      value, { function.callee(of: $0, context.facts)?.name == "PyImport_GetModule" }):
      return site.formHolds(true)
    default: return nil
    }
  }

  /// The bases of a class are classes; a `class` statement asks others for theirs by itself.
  ///
  /// ```c
  /// if (PyType_Check(base)) continue;
  /// meth = __Pyx_PyObject_GetAttrStrNoError(base, "__mro_entries__");
  /// ```
  /// becomes the first line (`__Pyx_PEP560_update_bases` in `Cython/Utility/ObjectHandling.c`).
  package static let baseIsClass = BranchRule("base-is-class") { site, function, context in
    guard function.readsTypeFlags(site.condition) else { return nil }
    let name = "__mro_entries__"
    let first = function.startsLookup(name, site.target, besides: site.block, context.facts)
    let second = function.startsLookup(name, site.otherTarget, besides: site.block, context.facts)
    return first == second ? nil : site.formHolds(second)
  }

  /// A tuple that was packed here is a tuple.
  ///
  /// ```c
  /// if (PyTuple_Check(bases) && PyTuple_GET_SIZE(bases) > 0) …
  /// ```
  /// becomes what the test allows (`__Pyx_FindPy2Metaclass`).
  package static let packedTuple = BranchRule("packed-tuple") { site, function, context in
    guard case .equal(let flags, let zero) = site.condition.form, function.constant(zero) == 0,
      let (opcode, loaded, mask) = function.machine(function.withoutExtract(flags)),
      opcode == .and, let bits = function.constant(mask),
      function[loaded].operation == .machine(.load)
    else { return nil }
    let (type, offset) = function.offset(function.operand(0, of: loaded))
    let start = function.layout.typeFlags
    guard offset >= start, offset < start + UInt64(function.pointerSize),
      bits << ((offset - start) * 8) == ObjectLayout.subclassFlags["PyTuple_Type"],
      function.isLoad(type, at: function.layout.type),
      let name = function.callee(
        of: function.offset(function.operand(0, of: type)).base, context.facts)?.name,
      ["PyTuple_Pack", "__Pyx_PyTuple_FromArray", "__Pyx_PEP560_update_bases"].contains(name)
    else { return nil }
    return site.formHolds(false)
  }

  /// A metaclass that was named is a class.
  ///
  /// ```c
  /// if (PyType_Check(metaclass)) metaclass = __Pyx_CalculateMetaclass(metaclass, bases);
  /// ```
  /// becomes the call (`__Pyx_Py3ClassCreate`).
  package static let namedMetaclass = BranchRule("named-metaclass") { site, function, context in
    let isClass: Bool
    switch site.condition.form {
    case .equal(let flags, let zero)
    where function.constant(zero) == 0
      && function.machine(function.withoutExtract(flags))?.opcode == .and:
      isClass = false
    // The flag is the sign of its byte.
    case .less(let flags, let zero)
    where function.constant(zero) == 0 && function.size(flags) == 1:
      isClass = true
    case .lessOrEqual(let zero, let flags)
    where function.constant(zero) == 0 && function.size(flags) == 1:
      isClass = false
    default: return nil
    }
    let arm = isClass ? site.target : site.otherTarget
    let call = function.leadingCall(of: arm, "__Pyx_CalculateMetaclass", context.facts)
    return call == nil ? nil : site.formHolds(isClass)
  }
}

extension Function {
  /// Takes lookups of `__prepare__` and of loaded modules away whose result nobody asks for any more,
  /// and what asks for the class of the error that they passed by.
  package mutating func forgetLookups(_ facts: some ModuleFacts) {
    var used: Set<Instruction.ID> = []
    var lookups: [Instruction.ID] = []
    for block in reversePostorder() {
      for id in self[block].instructions {
        used.formUnion(operands(of: id))
        let name = callee(of: id, facts)?.name
        if looksUp("__prepare__", id, facts) || name == "PyImport_GetModule"
          || name.map(Self.errorTests.contains) == true
            && follows(id, { looksUp("__prepare__", $0, facts) })
        {
          lookups.append(id)
        }
      }
    }
    for id in lookups where !used.contains(id) { remove(id) }
  }

  private static let errorTests: Set = [
    "PyErr_ExceptionMatches", "__Pyx_PyErr_ExceptionMatchesInState",
  ]

  /// Whether a lookup stands right before a step.
  fileprivate func follows(
    _ step: Instruction.ID, _ isLookup: (Instruction.ID) -> Bool
  ) -> Bool {
    guard var block = self[step].block else { return false }
    for _ in 0..<4 {
      if self[block].instructions.contains(where: isLookup) { return true }
      guard self[block].predecessors.count == 1 else { return false }
      block = self[block].predecessors[0]
    }
    return false
  }

  /// Whether a value is an attribute of that name, looked up in whatever way.
  fileprivate func looksUp(
    _ name: String, _ value: Instruction.ID, _ facts: any ModuleFacts, depth: Int = 0
  ) -> Bool {
    if isPhi(value), depth < 3 {
      return operands(of: value).allSatisfy { looksUp(name, $0, facts, depth: depth + 1) }
    }
    // What `PyObject_GetOptionalAttr` found, since CPython 3.13.
    if case .after = self[value].operation, depth < 3 {
      return looksUp(name, operand(0, of: value), facts, depth: depth + 1)
    }
    guard self[value].operation == .call, let argument = argument(1, of: value) else {
      return false
    }
    return constant(argument).flatMap { facts.text(at: $0) } == name
  }

  /// Whether the first thing that is called from a block on is the lookup of an attribute.
  fileprivate func startsLookup(
    _ name: String, _ start: Block.ID, besides other: Block.ID, _ facts: any ModuleFacts
  ) -> Bool {
    for block in quietBlocks(from: start, besides: other) {
      for id in self[block].instructions where self[id].operation == .call {
        if looksUp(name, id, facts) { return true }
        break
      }
    }
    return false
  }

  /// A few blocks that follow on each other without a call; the last ones may hold one.
  fileprivate func quietBlocks(from start: Block.ID, besides other: Block.ID? = nil) -> [Block.ID] {
    var result = [start]
    var index = 0
    while index < result.count, result.count < 24 {
      let block = result[index]
      index += 1
      guard !self[block].instructions.contains(where: { self[$0].operation == .call }) else {
        continue
      }
      for next in successors(of: block) where next != other && !result.contains(next) {
        result.append(next)
      }
    }
    return result
  }

  /// Whether a condition asks for flags of a type.
  fileprivate func readsTypeFlags(_ condition: Condition) -> Bool {
    let values: [Instruction.ID] =
      switch condition.form {
      case .equal(let left, let right), .less(let left, let right),
        .lessOrEqual(let left, let right):
        [left, right]
      case .either, .holds: []
      }
    return values.contains { value in
      var inner = withoutExtract(value)
      if let (opcode, flags, _) = machine(inner), opcode == .and { inner = flags }
      guard self[inner].operation == .machine(.load) else { return false }
      let distance = offset(operand(0, of: inner)).offset
      return distance >= layout.typeFlags && distance < layout.typeFlags + UInt64(pointerSize)
    }
  }
}
