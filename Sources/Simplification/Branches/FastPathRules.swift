import Basics
package import IR
import RuntimeModel

extension BranchRule {
  /// A builtin type is handled faster than others, to the same effect.
  ///
  /// ```c
  /// PyList_CheckExact(o) ? PyList_GET_ITEM(o, i) : PyObject_GetItem(o, i)
  /// ```
  /// becomes the general call. The other arm may do nothing that a program could notice.
  package static let fastPath = BranchRule("fast-path") { site, function, context in
    guard let (object, types) = function.exactTypes(site.condition, context.facts),
      let call = function.firstStep(from: site.otherTarget, testing: object, context.facts)
        ?? function.firstComparison(from: site.otherTarget, testing: object, context.facts),
      let general = function.nameOfOperation(call, context.facts),
      let handled = generalOperations[general],
      types.allSatisfy(handled.contains),
      // What is unpacked is no faster loop: the source asks for the type itself.
      general != "PyObject_GetIter"
        || !function.checksSize(of: object, from: site.target, context.facts)
          && !function.takesItems(of: object, from: site.target),
      function.isFasterWay(
        site, about: object, than: general, of: Array(function.operands(of: call).dropFirst()),
        context.facts)
    else { return nil }
    return site.formHolds(false)
  }

  /// `None` is equal to no text, which a comparison would find out as well.
  ///
  /// ```c
  /// if (PyUnicode_CheckExact(s1) && PyUnicode_CheckExact(s2)) … else if (s1 == Py_None) return 0;
  /// else PyObject_RichCompare(s1, s2, Py_EQ)
  /// ```
  /// becomes the comparison (`__Pyx_PyUnicode_Equals` in `Cython/Utility/StringTools.c`).
  package static let noneComparison = BranchRule("none-comparison") { site, function, context in
    guard let object = function.comparedWithNone(site, context.facts),
      function[site.block].predecessors.count == 1,
      let outer = BranchSite(function[site.block].predecessors[0], in: function),
      let (tested, types) = function.exactTypes(outer.condition, context.facts),
      tested == object, types == ["PyUnicode_Type"] || types == ["PyBytes_Type"],
      outer.otherTarget == site.block,
      function.firstCall(from: site.otherTarget, testing: object, context.facts)?
        .hasPrefix("PyObject_RichCompare") == true
    else { return nil }
    return site.formHolds(false)
  }

  /// A list has room for another item, or would not become much too large without one.
  ///
  /// ```c
  /// L->allocated > len ? (PyList_SET_ITEM(L, len, x), Py_SET_SIZE(L, len + 1)) : PyList_Append(L, x)
  /// Py_SIZE(L) > (L->allocated >> 1) ? (Py_SET_SIZE(L, len - 1), PyList_GET_ITEM(L, len)) : L.pop()
  /// ```
  /// becomes the call.
  package static let listResize = BranchRule("list-resize") { site, function, context in
    for (arm, other, holds) in [
      (site.target, site.otherTarget, false), (site.otherTarget, site.target, true),
    ] {
      guard let list = function.resizedList(arm, context.facts),
        function.reads(site.condition, [function.layout.listCapacity], of: list),
        function.hands(list, toCallFrom: other)
      else { continue }
      return site.formHolds(holds)
    }
    return nil
  }

  /// An item of a list or tuple is taken from where it lies if the index is in bounds.
  ///
  /// ```c
  /// i < PyList_GET_SIZE(L) ? PyList_GET_ITEM(L, i) : __Pyx_GetItemInt_Generic(L, i)
  /// ```
  /// becomes the call, which finds out the bounds as well.
  package static let bounds = BranchRule("bounds") { site, function, context in
    for (arm, other, holds) in [
      (site.target, site.otherTarget, false), (site.otherTarget, site.target, true),
    ] {
      let containers = function.containersOfItem(arm, from: site.block)
      guard
        let container = containers.first(where: {
          function.reads(site.condition, [function.layout.size], of: $0)
        }),
        let general = function.firstCall(from: other, testing: container, context.facts),
        itemFunctions.contains(general)
      else { continue }
      return site.formHolds(holds)
    }
    return nil
  }

  /// An empty frozen set is the one that there is.
  ///
  /// ```c
  /// PySet_GET_SIZE(result) ? result : __Pyx_tp_new(&PyFrozenSet_Type, empty_tuple)
  /// ```
  /// becomes the result (`__Pyx_PyFrozenSet_New` in `Cython/Utility/Builtins.c`, before CPython 3.10).
  package static let emptySet = BranchRule("empty-set") { site, function, context in
    guard let size = site.valueComparedWithNull(in: function),
      function.isLoad(size, at: function.layout.setUsed),
      function.callee(
        of: function.offset(function.operand(0, of: size)).base, context.facts)?.name
        == "PyFrozenSet_New",
      let call = function.leadingCall(of: site.target),
      let type = function.argument(0, of: call),
      function.variable(type, context.facts) == "PyFrozenSet_Type"
    else { return nil }
    return site.formHolds(false)
  }

  /// A dict that lacks what is looked up in it is an error.
  ///
  /// ```c
  /// if (PyDict_GetItemRef(d, k, &r) == 0)
  ///   PyErr_SetObject(PyExc_KeyError, PyTuple_Check(k) ? PyTuple_Pack(1, k) : k);
  /// ```
  /// becomes the call (`__Pyx_PyDict_GetItem` in `Cython/Utility/ObjectHandling.c`, since CPython 3.13).
  package static let missingItem = BranchRule("missing-item") { site, function, context in
    guard let tested = site.valueComparedWithNull(in: function),
      case let call = function.withoutExtract(tested),
      function.callee(of: call, context.facts)?.name == "PyDict_GetItemRef",
      let key = function.argument(1, of: call),
      let answer = function.firstCall(
        from: site.target, testing: key, flags: ObjectLayout.subclassFlags["PyTuple_Type"],
        context.facts),
      answer == "PyErr_SetObject" || answer == "PyTuple_Pack" || answer == "PyTuple_New"
    else { return nil }
    return site.formHolds(false)
  }

  /// What is hashed as it is needs no copy that can be hashed.
  ///
  /// ```c
  /// found = PySet_Contains(set, key);
  /// if (found < 0 && PySet_Check(key) && PyErr_ExceptionMatches(PyExc_TypeError))
  ///   found = PySet_Contains(set, PyFrozenSet_New(key));
  /// ```
  /// becomes the first call, which is what `in` and `discard` do themselves (`__Pyx_PySet_Contains` and
  /// `__Pyx_PySet_Discard` in `Cython/Utility/Builtins.c`).
  package static let unhashableEntry = BranchRule("unhashable-entry") { site, function, context in
    guard case .less(let result, let zero) = site.condition.form, function.constant(zero) == 0,
      case let call = function.withoutExtract(result),
      let name = function.callee(of: call, context.facts)?.name,
      name == "PySet_Contains" || name == "PySet_Discard",
      let key = function.argument(1, of: call),
      function.copiesToFrozenSet(key, from: site.target, context.facts)
    else { return nil }
    return site.formHolds(false)
  }

  static let itemFunctions: Set<String> = [
    "PyObject_GetItem", "PySequence_GetItem", "__Pyx_GetItemInt_Generic", "PyObject_SetItem",
    "PySequence_SetItem", "__Pyx_SetItemInt_Generic", "__Pyx_PyObject_GetItem", "PyObject_DelItem",
    "__Pyx_DelItem_Generic",
  ]

  /// A number that is used as an index is an integer already.
  ///
  /// ```c
  /// x = PyNumber_Index(o); if (!x) return -1;
  /// ```
  package static let index = BranchRule("index") { site, function, context in
    guard let value = site.valueComparedWithNull(in: function),
      function.callee(of: value, context.facts)?.name == "PyNumber_Index"
    else { return nil }
    return site.formHolds(false)
  }

  /// The general operations, and the types for which Cython has a faster way.
  private static let generalOperations: [String: Set<String>] = {
    let sequences: Set<String> = ["PyList_Type", "PyTuple_Type"]
    let numbers: Set<String> = ["PyLong_Type", "PyFloat_Type"]
    var result: [String: Set<String>] = [
      "PyObject_GetIter": sequences,
      "PyIter_Next": sequences,
      "PyObject_GetItem": sequences.union(["PyDict_Type", "PyUnicode_Type"]),
      "__Pyx_PyObject_GetItem": sequences.union(["PyDict_Type"]),
      "__Pyx_GetItemInt_Generic": sequences,
      "PySequence_GetItem": sequences,
      "PyObject_SetItem": sequences.union(["PyDict_Type"]),
      "PySequence_SetItem": sequences,
      "PyObject_Format": numbers.union(["PyUnicode_Type"]),
      "PyObject_Str": ["PyUnicode_Type"],
      "PyObject_RichCompare": numbers.union([
        "PyUnicode_Type", "PyBytes_Type", "PyByteArray_Type",
      ]),
      "PySequence_Tuple": ["PyTuple_Type"],
      "PySequence_List": ["PyList_Type"],
      "PyNumber_Float": numbers.union(["PyUnicode_Type", "PyBytes_Type"]),
      "__Pyx__PyNumber_Float": numbers,
      "__Pyx__PyObject_AsDouble": numbers,
      "PyFloat_AsDouble": numbers,
      "PyNumber_Long": ["PyLong_Type"],
      "__Pyx_PyNumber_IntOrLong": ["PyLong_Type"],
      "PyObject_Size": sequences,
      "PyNumber_Absolute": numbers,
      "PyNumber_Index": ["PyLong_Type"],
      "PyObject_DelItem": sequences,
      "PyFrozenSet_New": ["PyFrozenSet_Type"],
      "__Pyx_PyObject_CallMethod0": ["PyList_Type", "PySet_Type", "PyDict_Type"],
      "__Pyx_PyObject_CallMethod1": ["PyList_Type", "PyDict_Type", "PyByteArray_Type"],
      "__Pyx_CallUnboundCMethod0": ["PyDict_Type"],
      "PyNumber_Negative": numbers,
      "PyNumber_Power": ["PyLong_Type"],
      "PyNumber_InPlacePower": ["PyLong_Type"],
    ]
    for name in [
      "Add", "Subtract", "Multiply", "TrueDivide", "FloorDivide", "Remainder",
      "Lshift", "Rshift", "And", "Or", "Xor",
    ] {
      result["PyNumber_" + name] = numbers.union(["PyUnicode_Type", "PyBytes_Type"])
      result["PyNumber_InPlace" + name] = numbers.union(["PyUnicode_Type", "PyBytes_Type"])
    }
    for name in [
      "PyObject_GetAttr", "__Pyx_PyObject_GetAttrStr", "__Pyx_PyObject_GetMethod",
      "PyObject_VectorcallMethod", "__Pyx__PyObject_Pop", "__Pyx__PyObject_PopIndex",
      "__Pyx__PyObject_PopNewIndex",
    ] {
      result[name] = ["PyList_Type", "PySet_Type", "PyByteArray_Type", "PyDict_Type"]
    }
    return result
  }()
}

extension Function {
  /// Whether a set is made a frozen one behind an error.
  fileprivate func copiesToFrozenSet(
    _ key: Instruction.ID, from start: Block.ID, _ facts: any ModuleFacts
  ) -> Bool {
    var pending = [start]
    var seen: Set<Block.ID> = [start]
    while let block = pending.popLast(), seen.count < 16 {
      for id in self[block].instructions {
        guard let name = callee(of: id, facts)?.name else { continue }
        switch name {
        case "PyFrozenSet_New": return argument(0, of: id) == key
        case "PyErr_ExceptionMatches", "PyType_IsSubtype", "PyErr_GivenExceptionMatches",
          "__Pyx_PyErr_ExceptionMatchesInState", "PyErr_Clear", "_PyThreadState_UncheckedGet":
          continue
        default: return false
        }
      }
      for next in successors(of: block) where seen.insert(next).inserted {
        pending.insert(next, at: 0)
      }
    }
    return false
  }

  /// The object and the builtin types, if a condition asks whether it is exactly of one of them.
  package func exactTypes(
    _ condition: Condition, _ facts: any ModuleFacts
  ) -> (object: Instruction.ID, types: [String])? {
    switch condition.form {
    case .equal(let left, let right):
      for (loaded, type) in [(left, right), (right, left)] {
        guard let name = variable(type, facts), name.hasSuffix("_Type"),
          self[loaded].operation == .machine(.load), isWord(loaded)
        else { continue }
        let (object, distance) = offset(operand(0, of: loaded))
        if distance == layout.type { return (object, [name]) }
      }
      return nil
    case .either(let left, let right):
      guard let first = exactTypes(Condition(left, in: self), facts),
        let second = exactTypes(Condition(right, in: self), facts), first.object == second.object
      else { return nil }
      return (first.object, first.types + second.types)
    default: return nil
    }
  }

  /// The name of the first call that is made with an object, behind tests of its type only.
  ///
  /// - Parameters:
  ///   - start: where the way starts.
  ///   - object: the object.
  ///   - flags: flags of its type that may be asked for as well, and do not hold.
  ///   - facts: what is known of the module.
  /// - Returns: the name; nil if control goes elsewhere.
  func firstCall(
    from start: Block.ID, testing object: Instruction.ID, flags: UInt64? = nil,
    _ facts: any ModuleFacts
  ) -> String? {
    firstStep(from: start, testing: object, flags: flags, facts).flatMap {
      nameOfOperation($0, facts)
    }
  }

  /// The function that a call calls, or the one that does what the slot does that it calls.
  package func nameOfOperation(_ call: Instruction.ID, _ facts: any ModuleFacts) -> String? {
    callee(of: call, facts)?.name ?? slotFunction(operand(0, of: call))
  }

  /// The first call that is made with an object, behind tests of its type only.
  func firstStep(
    from start: Block.ID, testing object: Instruction.ID, flags: UInt64? = nil,
    _ facts: any ModuleFacts
  ) -> Instruction.ID? {
    var block = start
    for _ in 0..<8 {
      for id in self[block].instructions where self[id].operation == .call {
        guard operands(of: id).dropFirst().contains(object) else {
          // The index may be made an object first.
          if Self.boxes.contains(callee(of: id, facts)?.name ?? "") { continue }
          return nil
        }
        return id
      }
      switch self[block].terminator {
      case .jump(let next): block = next
      case .branch:
        guard let site = BranchSite(block, in: self) else { return nil }
        if let value = site.valueComparedWithNull(in: self),
          Self.boxes.contains(callee(of: value, facts)?.name ?? "")
        {
          block = site.otherTarget
        } else if let (tested, _) = exactTypes(site.condition, facts), tested == object {
          block = site.otherTarget
        } else if comparedWithNone(site, facts) == object {
          block = site.otherTarget
        } else if let value = site.valueComparedWithNull(in: self),
          let (tested, bits) = testedTypeFlags(value), tested == object, bits == flags
        {
          block = site.target
        } else if let value = site.valueComparedWithNull(in: self),
          typeSlot(value) != nil || isMethodOfTypeSlot(value)
        {
          block = site.otherTarget
        } else {
          return nil
        }
      default: return nil
      }
    }
    return nil
  }

  /// The comparison of an object with another one that is made behind tests of the two only:
  /// `__Pyx_PyUnicode_Equals` in `Cython/Utility/StringTools.c`.
  fileprivate func firstComparison(
    from start: Block.ID, testing object: Instruction.ID, _ facts: any ModuleFacts
  ) -> Instruction.ID? {
    var block = start
    var tested: Set<Instruction.ID> = [object]
    for _ in 0..<8 {
      for id in self[block].instructions where self[id].operation == .call {
        guard callee(of: id, facts)?.name.hasPrefix("PyObject_RichCompare") == true,
          let left = argument(0, of: id), let right = argument(1, of: id)
        else { return nil }
        return tested.isSubset(of: [left, right]) ? id : nil
      }
      switch self[block].terminator {
      case .jump(let next): block = next
      case .branch:
        guard let site = BranchSite(block, in: self),
          let other = exactTypes(site.condition, facts)?.object ?? comparedWithNone(site, facts)
        else { return nil }
        tested.insert(other)
        block = site.otherTarget
      default: return nil
      }
    }
    return nil
  }

  /// The object that a branch compares with `None`.
  package func comparedWithNone(_ site: BranchSite, _ facts: any ModuleFacts) -> Instruction.ID? {
    guard case .equal(let object, let none) = site.condition.form,
      variable(none, facts) == "_Py_NoneStruct"
    else { return nil }
    return object
  }

  /// The function of CPython's that does what a slot of an object's type does.
  func slotFunction(_ target: Instruction.ID) -> String? {
    if let slot = typeSlot(target) {
      return switch slot {
      case .getAttribute: "PyObject_GetAttr"
      case .call: "PyObject_Call"
      case .iterate: "PyObject_GetIter"
      default: nil
      }
    }
    guard self[target].operation == .machine(.load) else { return nil }
    let (table, distance) = offset(operand(0, of: target))
    let field = Int(clamping: distance) / pointerSize
    return switch (typeSlot(table), field) {
    case (.mappingMethods, 1): "PyObject_GetItem"
    case (.mappingMethods, 2): "PyObject_SetItem"
    case (.sequenceMethods, 3): "PySequence_GetItem"
    case (.sequenceMethods, 5): "PySequence_SetItem"
    case (.numberMethods, _) where distance == layout.floatSlot: "PyNumber_Float"
    default: nil
    }
  }

  /// The lists or tuples from one of which an arm takes or in which it replaces an item, and nothing
  /// else.
  fileprivate func containersOfItem(
    _ arm: Block.ID, from source: Block.ID
  ) -> [Instruction.ID] {
    guard self[arm].predecessors == [source] else { return [] }
    for id in self[arm].instructions {
      switch self[id].operation {
      case .call, .python: return []
      case .machine(.load) where isWord(id):
        let (base, distance) = offset(operand(0, of: id))
        // A tuple holds its items itself, behind where a list keeps the place of them, and how many there
        // is room for.
        if distance >= layout.listItems, distance < 1 << 16 {
          return isMeasured(id, behind: arm) ? [] : [base]
        }
        let terms = terms(of: base)
        guard terms.count > 1 else { continue }
        return terms.map { term in
          isLoad(term, at: layout.listItems) ? offset(operand(0, of: term)).base : offset(term).base
        }
      default: continue
      }
    }
    return []
  }

  /// Whether a block ends with a test of how large a value is, as no object is tested.
  private func isMeasured(_ value: Instruction.ID, behind block: Block.ID) -> Bool {
    guard let site = BranchSite(block, in: self) else { return false }
    var pending: [Instruction.ID]
    switch site.condition.form {
    case .less(let left, let right), .lessOrEqual(let left, let right): pending = [left, right]
    default: return false
    }
    for _ in 0..<16 {
      guard let id = pending.popLast() else { return false }
      if id == value { return true }
      if let (_, left, right) = machine(id) { pending += [left, right] }
    }
    return false
  }

  /// What a sum is made of.
  private func terms(of sum: Instruction.ID) -> [Instruction.ID] {
    guard let (opcode, left, right) = machine(sum), opcode == .add, constant(right) == nil else {
      return [sum]
    }
    return [left, right]
  }

  /// The list whose size an arm changes by hand before it calls anything.
  fileprivate func resizedList(
    _ start: Block.ID, _ facts: any ModuleFacts
  ) -> Instruction.ID? {
    var block = start
    for _ in 0..<4 {
      for id in self[block].instructions {
        if self[id].operation == .call { return nil }
        guard self[id].operation == .machine(.store) else { continue }
        let (list, field) = offset(operand(0, of: id))
        if field == layout.size { return list }
      }
      guard case .jump(let next) = self[block].terminator else { return nil }
      block = next
    }
    return nil
  }

  /// Whether the first call behind a place is made with an object.
  fileprivate func hands(_ object: Instruction.ID, toCallFrom start: Block.ID) -> Bool {
    var pending = [start]
    var seen: Set<Block.ID> = []
    while let block = pending.popLast(), seen.count < 16 {
      guard seen.insert(block).inserted else { continue }
      if let call = firstCall(of: block) {
        if operands(of: call).dropFirst().contains(object) { return true }
        // A tuple for the arguments is made first.
        guard self[block].instructions.contains(where: { self[$0].operation == .call }) else {
          return false
        }
      }
      pending += successors(of: block)
    }
    return false
  }

  private static let boxes: Set<String> = [
    "PyLong_FromSsize_t", "PyLong_FromLong", "PyLong_FromSize_t", "PyLong_FromLongLong",
  ]

  /// The call of a function with which a block starts, as far as calls go.
  func leadingCall(
    of block: Block.ID, _ name: String, _ facts: any ModuleFacts
  ) -> Instruction.ID? {
    guard let call = leadingCall(of: block), callee(of: call, facts)?.name == name else {
      return nil
    }
    return call
  }

  /// The call with which a block starts, as far as calls go.
  func leadingCall(of block: Block.ID) -> Instruction.ID? {
    var block = block
    for _ in 0..<4 {
      if let call = firstCall(of: block) { return call }
      guard case .jump(let next) = self[block].terminator, self[next].predecessors.count == 1 else {
        return nil
      }
      block = next
    }
    return nil
  }

  /// Whether a condition depends on certain fields of an object.
  func reads(_ condition: Condition, _ fields: Set<UInt64>, of object: Instruction.ID) -> Bool {
    var pending: [Instruction.ID] =
      switch condition.form {
      case .equal(let a, let b), .less(let a, let b), .lessOrEqual(let a, let b),
        .either(let a, let b):
        [a, b]
      case .holds(let a): [a]
      }
    var count = 0
    while let id = pending.popLast(), count < 64 {
      count += 1
      if self[id].operation == .machine(.load) {
        let (base, offset) = self.offset(operand(0, of: id))
        if base == object, fields.contains(offset) { return true }
      } else {
        switch self[id].operation {
        case .machine, .phi: pending += operands(of: id)
        default: break
        }
      }
    }
    return false
  }
}
