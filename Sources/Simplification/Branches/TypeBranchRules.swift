import Basics
package import IR
package import RuntimeModel

extension BranchRule {
  /// A slot of a type is filled.
  ///
  /// ```c
  /// tp->tp_getattro ? tp->tp_getattro(o, n) : PyObject_GetAttr(o, n)
  /// ```
  /// becomes the call through the slot; a method table that is not there means the same for
  /// `tp_as_mapping` and its kin. An empty `tp_call` must lead to the general call of that object, for
  /// `callable(o)` asks the same.
  package static let typeSlot = BranchRule("type-slot") { site, function, context in
    guard let value = site.valueComparedWithNull(in: function),
      function.typeSlot(value) != nil || function.isMethodOfTypeSlot(value)
    else { return nil }
    if function.typeSlot(value) == .call {
      guard
        let general = function.leadingCall(of: site.target, "PyObject_Call", context.facts),
        let callee = function.argument(0, of: general),
        function.isCallSlot(value, of: function.resolve(callee))
      else { return nil }
    }
    return site.formHolds(false)
  }

  /// An attribute of an object that is a constant is looked up by the general call.
  ///
  /// ```c
  /// tp->tp_getattro ? tp->tp_getattro(__pyx_b, n) : PyObject_GetAttr(__pyx_b, n)
  /// ```
  /// `__Pyx_GetBuiltinName` in `Cython/Utility/ObjectHandling.c`.
  package static let constantOwner = BranchRule("constant-owner") { site, function, context in
    guard let value = site.valueComparedWithNull(in: function),
      function[value].operation == .machine(.load)
    else { return nil }
    let (type, place) = function.offset(function.operand(0, of: value))
    guard function.layout.slot(at: place) == .getAttribute,
      let address = function.loadedAddress(type),
      let call = function.leadingCall(of: site.target, "PyObject_GetAttr", context.facts),
      let owner = function.argument(0, of: call).flatMap({ function.constant($0) }),
      owner &+ function.layout.type == address
    else { return nil }
    return site.formHolds(true)
  }

  /// An item is asked for by the general call, whatever slot of the type is filled.
  ///
  /// ```c
  /// m = Py_TYPE(o)->tp_as_sequence;
  /// m && m->sq_item ? m->sq_item(o, i < 0 ? i + m->sq_length(o) : i) : __Pyx_GetItemInt_Generic(o, i)
  /// ```
  /// becomes the call (`__Pyx_GetItemInt_Fast` in `Cython/Utility/ObjectHandling.c`).
  package static let sequenceItem = BranchRule("sequence-item") { site, function, context in
    guard let value = site.valueComparedWithNull(in: function),
      let object = function.objectOfSequenceSlot(value),
      let general = function.firstCall(from: site.target, testing: object, context.facts),
      itemFunctions.contains(general),
      function.isQuiet(site.otherTarget, about: object, besides: general, context.facts)
    else { return nil }
    return site.formHolds(true)
  }

  /// An object is not of a type that Python code cannot name.
  ///
  /// ```c
  /// if (PyMethod_Check(func) && (self = PyMethod_GET_SELF(func))) …
  /// ```
  /// Cython tests for bound methods, functions and generators only to call them faster.
  package static let internalType = BranchRule("internal-type") { site, function, context in
    guard case .equal(let left, let right) = site.condition.form,
      [left, right].contains(where: { function[$0].operation == .machine(.load) }),
      [left, right].contains(where: { function.isInternalType($0, context.facts) })
    else { return nil }
    return site.formHolds(false)
  }

  fileprivate static let internalTypes: Set<String> = [
    "PyMethod_Type", "PyFunction_Type", "PyCFunction_Type", "PyGen_Type", "PyCoro_Type",
    "PyAsyncGen_Type", "PyMethodDescr_Type",
  ]

  /// A method is looked up as an attribute, bound to its object.
  ///
  /// ```c
  /// __Pyx_PyObject_GetMethod(o, n, &f) ? call(f, o, …) : call(f, …)
  /// ```
  /// becomes the second call.
  package static let unboundMethod = BranchRule("unbound-method") { site, function, context in
    guard case .equal(let left, let right) = site.condition.form, function.constant(right) == 0,
      function.callee(of: function.withoutExtract(left), context.facts)?.name
        == "__Pyx_PyObject_GetMethod"
    else { return nil }
    return site.formHolds(true)
  }

  /// A truth test is made by asking the object.
  ///
  /// ```c
  /// x == Py_True || x == Py_False || x == Py_None ? x == Py_True : PyObject_IsTrue(x)
  /// ```
  /// becomes the call, if each of the three gets to the same place whichever way it takes.
  package static let truthOfSingleton = BranchRule("truth-of-singleton") {
    site, function, context in
    guard let (object, singletons) = function.comparedWithSingletons(site.condition, context.facts),
      function.asksForTruth(of: object, from: site.block, to: site.otherTarget, context.facts)
    else { return nil }
    let readers = SingletonWalk.Readers(function)
    for (address, name) in singletons {
      var walk = SingletonWalk(
        object, is: address, truth: name == "_Py_TrueStruct", readers, context.facts)
      let short = walk.run(from: site.block, to: site.target, function)
      let long = walk.run(from: site.block, to: site.otherTarget, function)
      guard walk.meet(short, long, function) else { return nil }
    }
    return site.formHolds(false)
  }

  /// What can be `None` is compared with a text.
  ///
  /// ```c
  /// if (op1 == Py_None) return op2 == Py_None; if (op1 == op2) return 1; return compare(op1, op2);
  /// ```
  /// becomes the comparison, where `None` gets to the same place (`__Pyx_PyObject_CompareBoolEq_str_str`
  /// of Cython 3.3).
  package static let noneText = BranchRule("none-text") { site, function, context in
    guard let object = function.comparedWithNone(site, context.facts),
      case .equal(_, let none) = site.condition.form, let address = function.constant(none),
      function.firstCall(from: site.otherTarget, testing: object, context.facts)
        == "PyObject_RichCompare"
    else { return nil }
    var walk = SingletonWalk(
      object, is: address, truth: false, .init(function), context.facts)
    let short = walk.run(from: site.block, to: site.target, function)
    let long = walk.run(from: site.block, to: site.otherTarget, function)
    guard walk.hasCompared, short.agrees(with: long) else { return nil }
    return site.formHolds(false)
  }
}

extension Function {
  /// Whether a value is a type that Python code cannot name.
  func isInternalType(_ id: Instruction.ID, _ facts: any ModuleFacts) -> Bool {
    guard let address = constant(id) else { return false }
    if let name = facts.variable(at: address) { return BranchRule.internalTypes.contains(name) }
    return facts.isInternalType(at: address)
  }

  /// Whether a slot was loaded from the type of an object.
  func isCallSlot(_ slot: Instruction.ID, of object: Instruction.ID) -> Bool {
    let type = offset(operand(0, of: slot)).base
    guard self[type].operation == .machine(.load) else { return false }
    return offset(operand(0, of: type)).base == object
  }

  /// The slot, if a value is loaded from a slot of an object's type.
  package func typeSlot(_ id: Instruction.ID) -> TypeSlot? {
    guard self[id].operation == .machine(.load), isWord(id) else { return nil }
    let (base, offset) = self.offset(operand(0, of: id))
    guard isLoad(base, at: layout.type) else { return nil }
    return layout.slot(at: offset)
  }

  /// The object whose table of sequence methods a value is, or a method in it.
  fileprivate func objectOfSequenceSlot(_ id: Instruction.ID) -> Instruction.ID? {
    guard self[id].operation == .machine(.load), isWord(id) else { return nil }
    let table = typeSlot(id) == .sequenceMethods ? id : offset(operand(0, of: id)).base
    guard typeSlot(table) == .sequenceMethods else { return nil }
    let type = offset(operand(0, of: table)).base
    return offset(operand(0, of: type)).base
  }

  /// Whether a value is loaded from a table of methods in an object's type, such as `tp_as_mapping`.
  func isMethodOfTypeSlot(_ id: Instruction.ID) -> Bool {
    guard self[id].operation == .machine(.load), isWord(id),
      let slot = typeSlot(offset(operand(0, of: id)).base)
    else { return false }
    return slot.isTable
  }

  /// The object that a condition compares with `True`, `False` and `None`, and nothing else, and
  /// those among the three, if some values are 0.
  func comparedWithSingletons(
    _ condition: Condition, _ facts: any ModuleFacts, zeros: Set<Instruction.ID> = []
  ) -> (object: Instruction.ID, singletons: [(address: UInt64, name: String)])? {
    switch condition.form {
    case .equal(let object, let singleton):
      let names = ["_Py_TrueStruct", "_Py_FalseStruct", "_Py_NoneStruct"]
      guard let name = variable(singleton, facts), names.contains(name),
        let address = constant(singleton)
      else { return nil }
      return (object, [(address, name)])
    case .either(let left, let right):
      if isFalse(right, zeros) {
        return comparedWithSingletons(Condition(left, in: self), facts, zeros: zeros)
      }
      guard let first = comparedWithSingletons(Condition(left, in: self), facts),
        let second = comparedWithSingletons(Condition(right, in: self), facts),
        first.object == second.object
      else { return nil }
      return (first.object, first.singletons + second.singletons)
    default: return nil
    }
  }

  /// Whether a condition does not hold if some values are 0.
  private func isFalse(_ condition: Instruction.ID, _ zeros: Set<Instruction.ID>) -> Bool {
    guard let (opcode, value, number) = machine(condition) else { return false }
    return opcode == .notEqual && constant(number) == 0 && zeros.contains(value)
  }

  /// Whether a block does nothing but compare an object with singletons until it is asked for its
  /// truth.
  func asksForTruth(
    of object: Instruction.ID, from source: Block.ID, to start: Block.ID,
    _ facts: any ModuleFacts
  ) -> Bool {
    // Phis stand for the object on this way.
    var names: Set<Instruction.ID> = [object]
    var zeros: Set<Instruction.ID> = []
    var (previous, block) = (source, start)
    for _ in 0..<4 {
      let edge = self[block].predecessors.firstIndex(of: previous)
      for id in self[block].instructions {
        if isPhi(id), let edge, names.contains(operand(edge, of: id)) { names.insert(id) }
        if isPhi(id), let edge, constant(operand(edge, of: id)) == 0 { zeros.insert(id) }
        guard self[id].operation == .call else { continue }
        return callee(of: id, facts)?.name == "PyObject_IsTrue"
          && argument(0, of: id).map(names.contains) ?? false
      }
      previous = block
      switch self[block].terminator {
      case .jump(let next): block = next
      case .branch:
        guard let site = BranchSite(block, in: self),
          let compared = comparedWithSingletons(site.condition, facts, zeros: zeros)?.object,
          names.contains(compared)
        else { return false }
        block = site.otherTarget
      default: return false
      }
    }
    return false
  }
}
