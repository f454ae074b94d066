import Basics
import IR
import RuntimeModel

extension Function {
  /// Whether the blocks that only one arm of a branch leads to call nothing that is noticed.
  func isQuiet(
    _ start: Block.ID, about object: Instruction.ID, besides general: String? = nil,
    _ facts: any ModuleFacts
  ) -> Bool {
    guard let region = blocksOnlyReached(through: start, testing: object, facts) else {
      return false
    }
    return callsNothingNoticed(region, about: [object], besides: general, facts)
  }

  /// Whether an arm of a branch does by hand what a general operation does with an object: it calls
  /// nothing that is noticed, and it works with the object or hands on what it found in it.
  ///
  /// ```c
  /// if (PyList_CheckExact(o)) x = PyList_GET_ITEM(o, 0); else x = PyObject_GetItem(o, zero);
  /// ```
  /// An arm that has nothing to do with the object is a decision of the program's own:
  /// `if type(o) is list: return None`.
  func isFasterWay(
    _ site: BranchSite, about object: Instruction.ID, than general: String,
    of operands: [Instruction.ID], _ facts: any ModuleFacts
  ) -> Bool {
    if iteratesInPlace(site.target, over: object, general, facts)
      || formats(site, as: general, facts)
    {
      return true
    }
    guard let region = blocksOnlyReached(through: site.target, testing: object, facts) else {
      return false
    }
    guard callsNothingNoticed(region, about: [object] + operands, besides: general, facts) else {
      return false
    }
    if region.contains(where: { worksWith(object, in: $0, facts) }) { return true }
    let ways = region.isEmpty ? [site.block] : region
    return ways.contains { source in
      if case .return(let value) = self[source].terminator, region.contains(source) {
        return depends(resolve(value), on: object)
      }
      return successors(of: source).contains { next in
        guard !region.contains(next), !region.isEmpty || next == site.target else { return false }
        return phis(of: next, from: source).contains { depends($0, on: object) }
      }
    }
  }

  /// Whether an arm starts to take the items of a list or tuple from where they lie.
  ///
  /// The loop that goes on with it may be a copy of the one over an iterator, its body included. Which of the
  /// two it is may be asked again where a reference is taken first, unless that is to an immortal object.
  private func iteratesInPlace(
    _ arm: Block.ID, over object: Instruction.ID, _ general: String, _ facts: any ModuleFacts,
    isAskedAgain: Bool = false
  ) -> Bool {
    guard general == "PyObject_GetIter" else { return false }
    var block = arm
    for _ in 0..<4 where firstCall(of: block) == nil {
      if worksWith(object, in: block, facts) { return true }
      if !isAskedAgain, let site = BranchSite(block, in: self),
        let (tested, types) = exactTypes(site.condition, facts), tested == object,
        types == ["PyList_Type"] || types == ["PyTuple_Type"]
      {
        return [site.target, site.otherTarget].allSatisfy {
          iteratesInPlace($0, over: object, general, facts, isAskedAgain: true)
        }
      }
      guard case .jump(let next) = self[block].terminator else { return false }
      block = next
    }
    return false
  }

  /// Whether both arms of a branch format a text, one of them for all kinds of operands.
  ///
  /// ```c
  /// (PyUnicode_Check(b) && !PyUnicode_CheckExact(b)) ? PyNumber_Remainder(a, b) : PyUnicode_Format(a, b)
  /// ```
  /// is `__Pyx_PyUnicode_FormatSafe` in `Cython/Utility/ModuleSetupCode.c`.
  private func formats(
    _ site: BranchSite, as general: String, _ facts: any ModuleFacts
  ) -> Bool {
    // `__Pyx_PyObject_Format` in `Cython/Utility/StringTools.c` writes numbers on its own.
    if general == "PyObject_Format" {
      if leadingCall(of: site.target, "_PyUnicodeWriter_Init", facts) != nil { return true }
      if representsFirst(site.target, facts) { return true }
    }
    guard general == "PyNumber_Remainder" || general == "PyNumber_InPlaceRemainder",
      let fast = leadingCall(of: site.target, "PyUnicode_Format", facts),
      let slow = leadingCall(of: site.otherTarget, general, facts)
    else { return false }
    return operands(of: fast).dropFirst().prefix(2) == operands(of: slow).dropFirst().prefix(2)
  }

  /// Whether the first call from a place on, which others may lead to as well, is one of `tp_repr`.
  private func representsFirst(_ start: Block.ID, _ facts: any ModuleFacts) -> Bool {
    var block = start
    for _ in 0..<4 {
      if let call = firstCall(of: block) { return represents(call, facts) }
      guard case .jump(let next) = self[block].terminator else { return false }
      block = next
    }
    return false
  }

  /// Whether a call is one of `PyLong_Type.tp_repr` or its like, of which nothing is known but that they
  /// are there: `__Pyx_PyObject_FormatSimple` in `Cython/Utility/StringTools.c`.
  private func represents(_ call: Instruction.ID, _ facts: any ModuleFacts) -> Bool {
    let target = operand(0, of: call)
    if constant(target) == 0 { return true }
    guard self[target].operation == .machine(.load) else { return false }
    let place = operand(0, of: target)
    if let address = constant(place) {
      let type = facts.variable(at: address &- layout.offset(of: .representation))
      return type?.hasSuffix("_Type") == true
    }
    let (type, distance) = offset(place)
    return distance == layout.offset(of: .representation)
      && roots(of: type).allSatisfy { variable($0, facts)?.hasSuffix("_Type") == true }
  }

  /// The blocks that are reached through one block only, the block itself first; none if the block
  /// has other ways in than tests of an object's type, and nil if they are too many to look at.
  private func blocksOnlyReached(
    through start: Block.ID, testing object: Instruction.ID, _ facts: any ModuleFacts
  ) -> [Block.ID]? {
    let start = behindEmptyBlocks(start)
    let ways = self[start].predecessors
    let areTests = ways.allSatisfy { leads(from: $0, testing: object, facts) }
    guard ways.count == 1 || areTests else { return [] }
    var region = [start]
    var index = 0
    while index < region.count {
      guard region.count < 200 else { return nil }
      for next in successors(of: region[index])
      where !region.contains(next) && self[next].predecessors.allSatisfy(region.contains) {
        region.append(next)
      }
      index += 1
    }
    return region
  }

  /// Whether a block ends with a test of an object's type, or only such blocks lead to it and it is empty.
  private func leads(
    from block: Block.ID, testing object: Instruction.ID, _ facts: any ModuleFacts, depth: Int = 0
  ) -> Bool {
    if let site = BranchSite(block, in: self) {
      return exactTypes(site.condition, facts)?.object == object
    }
    return depth < 4 && isEmpty(block) && !self[block].predecessors.isEmpty
      && self[block].predecessors.allSatisfy {
        leads(from: $0, testing: object, facts, depth: depth + 1)
      }
  }

  /// The first block from one on that does anything.
  private func behindEmptyBlocks(_ start: Block.ID) -> Block.ID {
    var block = start
    for _ in 0..<4 where isEmpty(block) {
      guard case .jump(let next) = self[block].terminator,
        !self[next].instructions.contains(where: { isPhi($0) })
      else { break }
      block = next
    }
    return block
  }

  /// Whether a block does nothing before it goes on, but keep values in the frame.
  private func isEmpty(_ block: Block.ID) -> Bool {
    guard case .jump = self[block].terminator else { return false }
    return self[block].instructions.allSatisfy { id in
      switch self[id].operation {
      case .undefined, .after: return true
      case .machine(.store):
        if case .entry = self[offset(operand(0, of: id)).base].operation { return true }
        return false
      default: return false
      }
    }
  }

  /// Whether blocks call nothing that is noticed, besides what an operation does with the first of its
  /// operands.
  private func callsNothingNoticed(
    _ region: [Block.ID], about operands: [Instruction.ID], besides general: String?,
    _ facts: any ModuleFacts
  ) -> Bool {
    guard let object = operands.first else { return false }
    var results: Set<Instruction.ID> = []
    let callsKept = region.contains { block in
      self[block].instructions.contains { isKeptMethod(calledBy: $0, facts) }
    }
    for id in region.flatMap({ self[$0].instructions }) where self[id].operation == .call {
      // The general way may stand here once more, for what the faster one does not do.
      let isGeneral =
        general != nil && self.operands(of: id).dropFirst().contains(object)
        && nameOfOperation(id, facts) == general
      if isGeneral { results.insert(id) }
      // `__Pyx_PyNumber_Absolute` in Cython/Utility/Builtins.c
      let isNegated =
        general == "PyNumber_Absolute" && argument(0, of: id) == object
        && callee(of: id, facts)?.name == "PyNumber_Negative"
      // `1 << x` of `__Pyx__PyNumber_PowerOf2` in Cython/Utility/Optimize.c
      let isShifted =
        general?.hasSuffix("Power") == true && argument(1, of: id) == object
        && callee(of: id, facts)?.name == "PyNumber_Lshift"
      guard
        isGeneral || isNegated || isShifted || asksForTruth(id, ofOneOf: results, facts)
          || callsKept && Self.callParts.contains(callee(of: id, facts)?.name ?? "")
          || isQuiet(call: id, about: operands, facts)
      else { return false }
    }
    return true
  }

  /// Whether a call asks one of the results for its truth, as `__Pyx_PyObject_RichCompareBool` does
  /// on the general way, too.
  private func asksForTruth(
    _ call: Instruction.ID, ofOneOf results: Set<Instruction.ID>, _ facts: any ModuleFacts
  ) -> Bool {
    guard let object = argument(0, of: call), results.contains(object) else { return false }
    return [
      "PyObject_IsTrue", "__Pyx_PyObject_IsTrue", "__Pyx_PyObject_IsTrueAndDecref",
    ].contains(callee(of: call, facts)?.name)
  }

  /// Whether a block looks into an object, changes it or hands it to a call, reference counts aside.
  private func worksWith(
    _ object: Instruction.ID, in block: Block.ID, _ facts: any ModuleFacts
  ) -> Bool {
    self[block].instructions.contains { id in
      switch self[id].operation {
      case .machine(.load), .machine(.store):
        let (base, distance) = offset(operand(0, of: id))
        return base == object && distance != 0
      case .call:
        return callee(of: id, facts)?.name != "_Py_Dealloc"
          && operands(of: id).dropFirst().contains(object)
      default: return false
      }
    }
  }

  /// The values that a block's phis take over from one of its predecessors.
  private func phis(of block: Block.ID, from source: Block.ID) -> [Instruction.ID] {
    guard let index = self[block].predecessors.firstIndex(of: source) else { return [] }
    return self[block].instructions.filter { isPhi($0) }.map { operand(index, of: $0) }
  }

  /// Whether a value is an object or was read from it.
  private func depends(_ value: Instruction.ID, on object: Instruction.ID) -> Bool {
    var pending = [value]
    var seen: Set<Instruction.ID> = []
    while let id = pending.popLast(), seen.count < 64 {
      guard seen.insert(id).inserted else { continue }
      if id == object { return true }
      if case .machine = self[id].operation { pending += operands(of: id) }
    }
    return false
  }

  private func isQuiet(
    call: Instruction.ID, about objects: [Instruction.ID], _ facts: any ModuleFacts
  ) -> Bool {
    if isKeptMethod(calledBy: call, facts) { return true }
    if let name = callee(of: call, facts)?.name { return Self.quietCalls.contains(name) }
    // What an empty slot leads to.
    if self[operand(0, of: call)].operation == .undefined { return true }
    // A slot of a static type, all of which are taken for empty.
    if isInEmptySlot(operand(0, of: call)) { return true }
    // A slot of an operand's own type, such as `tp_str` or `nb_add`.
    let target = operand(0, of: call)
    return operands(of: call).dropFirst().contains(where: objects.contains)
      && (typeSlot(target) != nil || isMethodOfTypeSlot(target))
  }

  /// Whether a call is one of a builtin type's method that Cython keeps (`__Pyx_CallUnboundCMethod0`).
  private func isKeptMethod(calledBy call: Instruction.ID, _ facts: any ModuleFacts) -> Bool {
    guard self[call].operation == .call, let method = argument(0, of: call),
      let place = loadedAddress(method)
    else { return false }
    return facts.unboundMethod(at: place &- layout.words(3)) != nil
  }

  /// What a call is made of where it was compiled in place.
  private static let callParts: Set<String> = [
    "PyTuple_New", "Py_EnterRecursiveCall", "Py_LeaveRecursiveCall",
  ]

  /// Whether a function is found through an empty slot, as in `PyLong_Type.tp_as_number->nb_add`.
  private func isInEmptySlot(_ target: Instruction.ID) -> Bool {
    if constant(target) == 0 { return true }
    guard self[target].operation == .machine(.load), let place = constant(operand(0, of: target))
    else { return false }
    return place < 0x1000
  }

  private static let quietCalls: Set<String> = [
    "_Py_Dealloc", "PyDict_Size", "PyLong_FromLong", "PyLong_FromLongLong", "PyLong_FromSsize_t",
    "PyFloat_FromDouble", "PyList_Append", "PyDict_SetItem", "_PyDict_SetItem_KnownHash",
    "PyDict_GetItemWithError",
    "PyUnicode_Compare", "PyUnicode_Equal", "PyUnicode_FromOrdinal", "PyErr_Format",
    "PyErr_SetString",
    "PyErr_SetObject", "PyTuple_Pack", "PyErr_Occurred", "PyUnicode_Concat", "PyUnicode_Append",
    "PySet_Pop", "PySet_Add", "PyErr_SetNone", "memcmp", "memmove", "fmod", "floor", "pow",
    "PyList_SetSlice",
    "_PyList_Extend", "PyDict_GetItemRef", "PyLong_AsLong", "_PyLong_Copy", "PyUnicode_Substring",
    "__Pyx_AddTraceback", "PyFloat_AsDouble", "PyLong_AsDouble", "_PyUnicode_Ready",
    "__Pyx_GetItemInt_Generic", "PyList_AsTuple", "__Pyx_PyList_Pop", "PyUnicode_FromStringAndSize",
    "PyErr_ExceptionMatches", "PyErr_Clear", "__Pyx_PyErr_GivenExceptionMatches",
    "PyLong_AsSsize_t", "PyLong_FromUnsignedLong", "PyLong_FromUnsignedLongLong",
    "PyLong_FromSize_t", "PyDict_Copy", "PyList_GetItemRef",
    "PyDict_GetItemRef",
    "__Pyx_PyObject_CallMethod0", "__Pyx__PyList_PopIndex", "__Pyx_PyList_PopIndex",
    "__Pyx__CallUnboundCMethod0", "__Pyx__CallUnboundCMethod1", "__Pyx__CallUnboundCMethod2",
  ]
}
