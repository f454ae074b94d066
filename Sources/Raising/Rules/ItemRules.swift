import BinaryFormats
import IR
import Interpretation
import ModuleRecovery
import RuntimeModel
import Simplification

extension CallRule {
  /// `PyObject_GetItem(o, i)` → `o[i]`.
  static let items: [String: CallRule] = {
    var result: [String: CallRule] = [
      "PyObject_SetItem": .simple(.storeItem, 0, 1, 2),
      "PyObject_DelItem": .simple(.deleteItem, 0, 1),
      "PyDict_DelItem": .simple(.deleteItem, 0, 1),
      "PyDict_SetItem": CallRule { $0.setDictionaryItem($1, $2) },
      "_PyDict_SetItem_KnownHash": CallRule { $0.setDictionaryItem($1, $2) },
      "PySlice_New": CallRule { raiser, call, arguments in
        guard arguments.count >= 3 else { return false }
        return raiser.become(call, .slice, Array(arguments.prefix(3)))
      },
      "__Pyx_GetItemInt_Generic": .simple(.item, 0, 1),
      "__Pyx_PyObject_GetSlice": CallRule { $0.getSlice($1, $2) },
      "PySequence_GetSlice": CallRule { raiser, call, arguments in
        guard arguments.count >= 3 else { return false }
        return raiser.slice(call, arguments[0], arguments[1], arguments[2])
      },
      "PySequence_SetItem": CallRule { raiser, call, arguments in
        guard arguments.count >= 3 else { return false }
        let index = raiser.boxed(arguments[1], before: call)
        return raiser.become(call, .storeItem, [arguments[0], index, arguments[2]])
      },
      "__Pyx_SetItemInt_Fast": CallRule { raiser, call, arguments in
        guard let arguments = raiser.withIndex(call, arguments), arguments.count >= 3 else {
          return false
        }
        let index = raiser.boxed(arguments[1], before: call)
        return raiser.become(call, .storeItem, [arguments[0], index, arguments[2]])
      },
      "__Pyx_DelItemInt_Fast": CallRule { raiser, call, arguments in
        guard let arguments = raiser.withIndex(call, arguments), arguments.count >= 2 else {
          return false
        }
        let index = raiser.boxed(arguments[1], before: call)
        return raiser.become(call, .deleteItem, [arguments[0], index])
      },
    ]
    for name in [
      "PyObject_GetItem", "__Pyx_PyObject_GetItem", "__Pyx_PyDict_GetItem",
      "__Pyx_PyObject_Dict_GetItem", "PyDict_GetItemWithError", "__Pyx_PyObject_GetItem_Slow",
    ] {
      result[name] = .simple(.item, 0, 1)
    }
    result["PyDict_GetItemRef"] = CallRule { raiser, call, arguments in
      guard arguments.count >= 3 else { return false }
      raiser.forwardLeftovers(call, .stack)
      return raiser.become(call, .item, Array(arguments[0...1]))
    }
    for name in [
      "__Pyx_GetItemInt_Fast", "__Pyx_GetItemInt_List_Fast", "__Pyx_GetItemInt_Tuple_Fast",
      "PySequence_GetItem",
    ] {
      result[name] = CallRule { raiser, call, arguments in
        guard let arguments = raiser.withIndex(call, arguments), arguments.count >= 2 else {
          return false
        }
        return raiser.become(
          call, .item, [arguments[0], raiser.boxed(arguments[1], before: call)])
      }
    }
    for name in ["PyList_GetSlice", "PyTuple_GetSlice", "PyUnicode_Substring"] {
      result[name] = result["PySequence_GetSlice"]
    }
    return result
  }()
}

extension Raiser {
  /// Whether the callee takes the index that all of its kin take; CPython's functions do.
  fileprivate func takesIndex(_ call: Instruction.ID) -> Bool {
    guard let callee = function.constant(function.operand(0, of: call)) else { return true }
    return program.importedFunction(at: callee) != nil || program.helpers.takesIndex(callee)
  }

  /// The arguments of a helper for items, with the index put back that a clone was made for; nil if
  /// nothing tells the index.
  ///
  /// ```
  /// call __Pyx_SetItemInt_Fast.constprop, o, v     →     o, -1, v
  /// ```
  func withIndex(_ call: Instruction.ID, _ arguments: [Instruction.ID]) -> [Instruction.ID]? {
    guard !takesIndex(call) else { return arguments }
    guard let target = function.constant(function.operand(0, of: call)),
      let object = arguments.first, let index = program.helpers.fixedIndex(of: target)
    else { return nil }
    return [object, function.constant(index, width: function.pointerSize)]
      + arguments.dropFirst()
  }

  /// A store into the module's dictionary binds a global; another one stores an item.
  func setDictionaryItem(_ call: Instruction.ID, _ arguments: [Instruction.ID]) -> Bool {
    guard arguments.count >= 3 else { return false }
    if isModuleDictionary(arguments[0]) {
      guard let name = name(arguments[1]) else { return false }
      return become(call, .storeGlobal(name), [arguments[2]])
    }
    if isDisplay(arguments[0], addedBy: call) {
      return become(call, .addEntry, Array(arguments.prefix(3)))
    }
    return become(call, .storeItem, Array(arguments.prefix(3)))
  }

  /// Whether a container is still under construction when a step adds to it.
  ///
  /// A display is a temporary, which is released if the step fails; a variable is not.
  /// An object that `list.append(self, x)` adds to is held meanwhile, too (3.2 on).
  func isDisplay(
    _ container: Instruction.ID, addedBy step: Instruction.ID, as method: String? = nil
  ) -> Bool {
    if let method, isTakenFromType(method, of: container) { return false }
    guard let site = sites[step] else { return isForKeywords(container) }
    // Handlers release temporaries themselves.
    return site.temporaries.contains { function.resolve($0) == container }
      || isForKeywords(container)
  }

  /// Whether a new dict gets some entries and is handed on as keyword arguments, all in one block.
  ///
  /// Where an error is handled, nothing says whether the dict is a variable; it makes no difference then.
  private func isForKeywords(_ container: Instruction.ID) -> Bool {
    guard let block = function[container].block, !locals.isVariable(container, function) else {
      return false
    }
    var calls = 0
    for other in function.reversePostorder() {
      for id in function[other].instructions where function.operands(of: id).contains(container) {
        if case .referenceCount = function[id].operation { continue }
        guard other == block else { return false }
        if operation(id) == .addEntry, function.operand(0, of: id) == container { continue }
        let name = function[id].operation == .call ? function.nameOfOperation(id, view) : nil
        if name?.hasPrefix("PyDict_SetItem") == true || name == "_PyDict_SetItem_KnownHash" {
          guard function.argument(0, of: id) == container,
            function.argument(1, of: id).map({ text($0) != nil }) == true
          else { return false }
          continue
        }
        guard name == "PyObject_Call" || name == "__Pyx_PyObject_Call" || callsSlot(id),
          function.argument(2, of: id) == container
        else { return false }
        calls += 1
      }
    }
    return calls == 1
  }

  /// Whether a call goes to `tp_call`, as where `__Pyx_PyObject_Call` was inlined.
  private func callsSlot(_ call: Instruction.ID) -> Bool {
    function[call].operation == .call && function.constant(function.operand(0, of: call)) == nil
      && function.operandCount(of: call) == 4
  }

  /// `__Pyx_PyObject_GetSlice(o, start, stop, &start, &stop, &slice, has_start, has_stop, …)`.
  func getSlice(_ call: Instruction.ID, _ arguments: [Instruction.ID]) -> Bool {
    // The slice stands there if both ends are constants, in another place of a clone.
    for argument in arguments.dropFirst() {
      guard let address = function.constant(argument),
        let slice = program.constant(at: address, size: function.pointerSize),
        case .slice? = program.object(at: slice)
      else { continue }
      return become(
        call, .item, [arguments[0], function.constant(slice, width: function.pointerSize)])
    }
    guard arguments.count >= 8 else { return false }
    func part(_ value: Int, _ pointer: Int, _ flag: Int) -> Instruction.ID?? {
      if let has = int32(arguments[flag]), has != 0 { return boxed(arguments[value], before: call) }
      if isNull(arguments[pointer]) { return .some(nil) }
      guard let address = function.constant(arguments[pointer]),
        let object = program.constant(at: address, size: function.pointerSize)
      else { return nil }
      return function.constant(object, width: function.pointerSize)
    }
    guard let start = part(1, 3, 6), let stop = part(2, 4, 7) else { return false }
    let slice = function.insert(
      .python(.slice), [start ?? null, stop ?? null, null], width: function.pointerSize,
      before: call)
    return become(call, .item, [arguments[0], slice])
  }

  /// `PyList_GetSlice(o, start, stop)` → `o[start:stop]`.
  func slice(
    _ call: Instruction.ID, _ object: Instruction.ID, _ start: Instruction.ID,
    _ stop: Instruction.ID
  ) -> Bool {
    let first = integer(start) == 0 ? null : boxed(start, before: call)
    let isOpen = integer(stop) == Int.max
    let last = isOpen ? null : boxed(stop, before: call)
    let slice = function.insert(
      .python(.slice), [first, last, null], width: function.pointerSize, before: call)
    return become(call, .item, [object, slice])
  }
}
