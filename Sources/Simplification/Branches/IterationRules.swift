import Basics
package import IR
import RuntimeModel

extension BranchRule {
  /// An iterator that ends does so without a pending `StopIteration`.
  ///
  /// ```c
  /// if (PyErr_Occurred()) { if (PyErr_ExceptionMatches(StopIteration)) PyErr_Clear(); else goto bad; }
  /// ```
  /// becomes nothing.
  package static let iterationEnd = BranchRule("iteration-end") { site, function, context in
    guard let error = site.valueComparedWithNull(in: function),
      function.isPendingError(error, context.facts),
      function.asksForStopIteration(site.otherTarget, context.facts)
    else { return nil }
    return site.formHolds(true)
  }

  /// An iterator is asked by its own function; there is none only for lists and tuples, which are
  /// taken for any other.
  ///
  /// ```c
  /// iternext = Py_TYPE(it)->tp_iternext; … if (!iternext) { x = PyList_GET_ITEM(it, i++); … }
  /// ```
  /// Generators keep the function over suspensions, so that null may come back from the arm itself.
  package static let iterationFunction = BranchRule("iteration-function") {
    site, function, context in
    guard let value = site.valueComparedWithNull(in: function), function.isPhi(value),
      let nulls = function.nullEdges(ofSlot: .iterateNext, mergedIn: value), !nulls.isEmpty,
      !function.reaches(nulls, avoiding: site.target)
    else { return nil }
    return site.formHolds(false)
  }

  /// A tuple or list of the right size is unpacked by taking its items.
  ///
  /// ```c
  /// if (PyTuple_CheckExact(o)) { if (size != 2) goto bad; a = items[0]; b = items[1]; }
  /// else { it = PyObject_GetIter(o); a = next(it); b = next(it); … }
  /// ```
  /// becomes the first arm, which says all there is to say. A source may iterate what is no tuple by itself:
  /// only what is unpacked asks its iterator for one item more than once.
  package static let unpackItems = BranchRule("unpack-items") { site, function, context in
    guard let (object, types) = function.exactTypes(site.condition, context.facts),
      types.allSatisfy(["PyTuple_Type", "PyList_Type"].contains),
      let call = function.firstStep(from: site.otherTarget, testing: object, context.facts),
      function.nameOfOperation(call, context.facts) == "PyObject_GetIter",
      function.asksAgain(call, context.facts),
      function.checksSize(of: object, from: site.target, context.facts)
        || function.takesItems(of: object, from: site.target)
    else { return nil }
    return site.formHolds(true)
  }

  /// What is unpacked is a tuple rather than a list; either way its items are taken.
  ///
  /// ```c
  /// if (PyTuple_CheckExact(o)) { a = PyTuple_GET_ITEM(o, 0); } else { a = PyList_GET_ITEM(o, 0); }
  /// ```
  /// The first item of a tuple stands where a list keeps the place of its items, so that compilers read it in
  /// front of the question, and there may be nothing else to do; the list's first item may be read there, too.
  package static let unpackTuple = BranchRule("unpack-tuple") { site, function, context in
    guard let (object, types) = function.exactTypes(site.condition, context.facts),
      types == ["PyTuple_Type"] || types == ["PyList_Type"]
    else { return nil }
    let isTuple = types == ["PyTuple_Type"]
    let (tuples, lists) =
      isTuple ? (site.target, site.otherTarget) : (site.otherTarget, site.target)
    guard let (end, takesItems) = function.destinationBehindLoads(lists, of: object) else {
      return nil
    }
    let other = function.destinationBehindLoads(tuples, of: object)
    // Where an arm takes no item, the source may choose a value by the type of another one.
    guard
      end == other?.end && takesItems && other?.takesItems == true
        || (end == tuples || end == other?.end) && function.mergesFirstItem(of: object, at: end)
    else { return nil }
    return site.formHolds(isTuple)
  }

  /// A pair is unpacked by taking its items, whether it is a tuple or not.
  ///
  /// ```c
  /// if (PyTuple_Check(o)) { if (size != 2) goto bad; a = items[0]; b = items[1]; }
  /// else __Pyx_unpack_tuple2_generic(o, &a, &b)
  /// ```
  /// becomes the first arm (`__Pyx_unpack_tuple2` in `Cython/Utility/ObjectHandling.c`). The other one
  /// may stand here itself, and ask an iterator three times.
  package static let unpackPair = BranchRule("unpack-pair") { site, function, context in
    guard let (object, flag) = function.testedSubclass(site.condition),
      flag == ObjectLayout.subclassFlags["PyTuple_Type"],
      let call = function.firstStep(from: site.target, testing: object, context.facts),
      function.argument(0, of: call) == object,
      let general = function.nameOfOperation(call, context.facts)
    else { return nil }
    let isPair =
      general == "__Pyx_unpack_tuple2_generic"
      || general == "PyObject_GetIter" && function.asksAgain(call, context.facts)
        && (function.checksSize(of: object, from: site.otherTarget, context.facts)
          || function.takesItems(of: object, from: site.otherTarget))
    return isPair ? site.formHolds(false) : nil
  }

  /// A type is not among the bases of another one that only Cython knows.
  ///
  /// ```c
  /// for (i = 0; i < PyTuple_GET_SIZE(mro); i++) if (PyTuple_GET_ITEM(mro, i) == b) return 1;
  /// ```
  package static let basesWalk = BranchRule("bases-walk") { site, function, context in
    let holds: Bool
    switch site.condition.form {
    case .equal(let left, let right)
    where function.isBaseCount(left) || function.isBaseCount(right):
      holds = true
    case .lessOrEqual(let left, _) where function.isBaseCount(left): holds = true
    case .less(_, let right) where function.isBaseCount(right): holds = false
    default: return nil
    }
    // isinstance(o, SystemExit) walks the bases too, and so does that for a type of the source, unless an
    // argument must be of that.
    if function.testsExceptionTypes(context.facts) { return nil }
    let end = holds ? site.target : site.otherTarget
    guard context.errors.isFailing(end) || !function.testsExtensionTypes(context.facts) else {
      return nil
    }
    return site.formHolds(holds)
  }

  /// A type is no subclass of one that only Cython tests for.
  package static let internalSubtype = BranchRule("internal-subtype") { site, function, context in
    let tested: Instruction.ID
    switch site.condition.form {
    case .equal(let left, let right) where function.constant(right) == 0: tested = left
    default: return nil
    }
    let call = function.withoutExtract(tested)
    guard function.callee(of: call, context.facts)?.name == "PyType_IsSubtype",
      let type = function.argument(1, of: call),
      function.isInternalType(type, context.facts)
    else { return nil }
    return site.formHolds(true)
  }
}

extension Function {
  /// The blocks from which null comes into a value that is a slot of a type otherwise; nil if it is
  /// anything else as well.
  fileprivate func nullEdges(ofSlot slot: TypeSlot, mergedIn value: Instruction.ID) -> Set<
    Block.ID
  >? {
    var edges: Set<Block.ID> = []
    var seen: Set<Instruction.ID> = [value]
    var pending = [value]
    while let phi = pending.popLast() {
      guard let block = self[phi].block, seen.count < 32 else { return nil }
      for (index, operand) in operands(of: phi).enumerated() {
        if isPhi(operand) {
          if seen.insert(operand).inserted { pending.append(operand) }
        } else if constant(operand) == 0 {
          guard index < self[block].predecessors.count else { return nil }
          edges.insert(self[block].predecessors[index])
        } else if typeSlot(operand) != slot {
          return nil
        }
      }
    }
    return edges
  }

  /// Whether control gets to any of some blocks without passing another one.
  fileprivate func reaches(_ targets: Set<Block.ID>, avoiding avoided: Block.ID) -> Bool {
    var seen: Set<Block.ID> = [entry, avoided]
    var pending = [entry]
    while let block = pending.popLast() {
      if targets.contains(block) { return true }
      for next in successors(of: block) where seen.insert(next).inserted { pending.append(next) }
    }
    return false
  }

  /// Whether a value is the error that is pending, or its type.
  func isPendingError(_ id: Instruction.ID, _ facts: any ModuleFacts) -> Bool {
    if callee(of: id, facts)?.name == "PyErr_Occurred" { return true }
    guard self[id].operation == .machine(.load) else { return false }
    let base = offset(operand(0, of: id)).base
    if isThreadState(base, facts) { return true }
    return type(id, isThatOf: base) && isPendingError(base, facts)
  }

  /// Whether a value is the type of an object.
  package func type(_ id: Instruction.ID, isThatOf object: Instruction.ID) -> Bool {
    guard isLoad(id, at: layout.type) else { return false }
    return offset(operand(0, of: id)).base == object
  }

  func isThreadState(_ id: Instruction.ID, _ facts: any ModuleFacts) -> Bool {
    let name = callee(of: id, facts)?.name
    return name == "_PyThreadState_UncheckedGet" || name == "PyThreadState_GetUnchecked"
  }

  /// Whether control compares something with `StopIteration` before it has any other choice.
  func asksForStopIteration(_ start: Block.ID, _ facts: any ModuleFacts) -> Bool {
    var block = start
    for _ in 0..<4 {
      for id in self[block].instructions {
        let first: Int
        switch self[id].operation {
        case .call: first = 1
        case .python(.exceptMatch): first = 0
        default: continue
        }
        for index in first..<max(first, operandCount(of: id))
        where exceptionName(operand(index, of: id), facts) == "PyExc_StopIteration" {
          return true
        }
      }
      if let site = BranchSite(block, in: self) {
        guard case .equal(let left, let right) = site.condition.form else { return false }
        return exceptionName(left, facts) == "PyExc_StopIteration"
          || exceptionName(right, facts) == "PyExc_StopIteration"
      }
      guard case .jump(let next) = self[block].terminator else { return false }
      block = next
    }
    return false
  }

  /// Whether a value is the number of types in a type's `tp_mro`.
  func isBaseCount(_ id: Instruction.ID) -> Bool {
    guard isLoad(id, at: layout.size) else { return false }
    return isLoad(offset(operand(0, of: id)).base, at: layout.typeResolutionOrder)
  }

  /// Whether an object's type is compared with that of an exception.
  fileprivate func testsExceptionTypes(_ facts: some ModuleFacts) -> Bool {
    for block in reversePostorder() {
      guard let site = BranchSite(block, in: self),
        case .equal(let left, let right) = site.condition.form
      else { continue }
      for (type, other) in [(left, right), (right, left)] where isLoad(type, at: layout.type) {
        if exceptionName(other, facts)?.hasPrefix("PyExc_") == true { return true }
      }
    }
    return false
  }

  /// Whether an object's type is compared with one that the source defines.
  fileprivate func testsExtensionTypes(_ facts: some ModuleFacts) -> Bool {
    for block in reversePostorder() {
      guard let site = BranchSite(block, in: self),
        case .equal(let left, let right) = site.condition.form
      else { continue }
      for (type, other) in [(left, right), (right, left)] where isLoad(type, at: layout.type) {
        if let address = constant(other), facts.isExtensionType(at: address) { return true }
      }
    }
    return false
  }

  /// A value without the step that takes its low half.
  package func withoutExtract(_ id: Instruction.ID) -> Instruction.ID {
    guard let (opcode, inner, position) = machine(id), opcode == .extract,
      constant(position) == 0
    else { return id }
    return inner
  }

  /// Whether control meets a comparison of an object's size with a number before any call.
  func checksSize(
    of object: Instruction.ID, from start: Block.ID, _ facts: any ModuleFacts
  ) -> Bool {
    var block = start
    for _ in 0..<4 {
      for id in self[block].instructions where self[id].operation == .call { return false }
      switch self[block].terminator {
      case .jump(let next): block = next
      case .branch:
        guard let site = BranchSite(block, in: self) else { return false }
        if case .equal(let size, let number) = site.condition.form, constant(number) != nil,
          self[size].operation == .machine(.load)
        {
          let (base, offset) = self.offset(operand(0, of: size))
          return base == object && offset == layout.size
        }
        guard let (tested, _) = exactTypes(site.condition, facts), tested == object else {
          return false
        }
        block = site.target
      default: return false
      }
    }
    return false
  }

  /// Whether an iterator is asked for items in more than one place, soon after it was made.
  fileprivate func asksAgain(_ iterator: Instruction.ID, _ facts: any ModuleFacts) -> Bool {
    guard let start = self[iterator].block else { return false }
    var count = 0
    var pending = [start]
    var seen: Set<Block.ID> = [start]
    while !pending.isEmpty, seen.count < 96 {
      let block = pending.removeFirst()
      for id in self[block].instructions where self[id].operation == .call {
        guard argument(0, of: id) == iterator, callee(of: id, facts) == nil else { continue }
        let slot = typeSlot(operand(0, of: id))
        if slot == nil || slot == .iterateNext { count += 1 }
        if count > 1 { return true }
      }
      for next in successors(of: block) where seen.insert(next).inserted { pending.append(next) }
    }
    return false
  }

  /// Whether an arm takes several items of a tuple from fixed places, as it does behind a test of the
  /// tuple's size.
  func takesItems(of object: Instruction.ID, from start: Block.ID) -> Bool {
    var places: Set<UInt64> = []
    var block = start
    for _ in 0..<4 {
      for id in self[block].instructions {
        if self[id].operation == .call { return false }
        guard self[id].operation == .machine(.load), isWord(id) else { continue }
        let (base, distance) = offset(operand(0, of: id))
        if base == object, distance >= layout.tupleItems { places.insert(distance) }
      }
      if places.count > 1 { return true }
      guard case .jump(let next) = self[block].terminator else { return false }
      block = next
    }
    return false
  }

  /// Where a block leads that does nothing but load and count references, and others like it behind it; and
  /// whether items of a tuple or list are among what is loaded or counted.
  fileprivate func destinationBehindLoads(
    _ start: Block.ID, of object: Instruction.ID
  ) -> (end: Block.ID, takesItems: Bool)? {
    var block = start
    var takesItems = false
    for _ in 0..<16 {
      for id in self[block].instructions {
        switch self[id].operation {
        case .machine(.load): takesItems = takesItems || isLoad(id, behindItemsOf: object)
        case .referenceCount, .machine(.store), .phi: break
        default: return nil
        }
      }
      guard case .jump(let next) = self[block].terminator else { return nil }
      guard self[next].predecessors.count == 1, onlyLoads(next) else { return (next, takesItems) }
      block = next
    }
    return nil
  }

  /// Whether a value is loaded from where a tuple or list has its items, or through such a value.
  private func isLoad(_ id: Instruction.ID, behindItemsOf object: Instruction.ID) -> Bool {
    var value = id
    for _ in 0..<3 where self[value].operation == .machine(.load) {
      let (base, distance) = offset(operand(0, of: value))
      if base == object { return distance >= layout.listItems }
      value = base
    }
    return false
  }

  /// Whether the first item of a tuple or of a list comes to a block, whichever of them an object is.
  fileprivate func mergesFirstItem(of object: Instruction.ID, at block: Block.ID) -> Bool {
    self[block].instructions.contains { phi in
      guard isPhi(phi), case let items = operands(of: phi), items.count == 2 else { return false }
      return [(items[0], items[1]), (items[1], items[0])].contains { first, second in
        isLoad(first, at: layout.listItems) && offset(operand(0, of: first)).base == object
          && isLoad(second, at: 0) && operand(0, of: second) == first
      }
    }
  }

  /// Whether a block loads and counts references, does nothing else, and has one way on.
  private func onlyLoads(_ block: Block.ID) -> Bool {
    guard case .jump = self[block].terminator else { return false }
    return self[block].instructions.allSatisfy { id in
      switch self[id].operation {
      case .referenceCount, .machine(.load), .machine(.store): true
      default: false
      }
    }
  }
}
