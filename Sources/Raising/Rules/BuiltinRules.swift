import Basics
import BinaryFormats
import IR
import Interpretation
import ModuleRecovery
import RuntimeModel
import Simplification

extension CallRule {
  /// `PyObject_Str(o)` → `str(o)`.
  static let builtins: [String: CallRule] = [
    "PyObject_Str": .builtin("str", 0),
    "PyObject_Repr": .builtin("repr", 0),
    "PyObject_ASCII": .builtin("ascii", 0),
    "PyObject_Dir": .builtin("dir", 0),
    "PyObject_Type": .builtin("type", 0),
    "PySequence_List": .builtin("list", 0),
    "PySequence_Tuple": .builtin("tuple", 0),
    "PyList_AsTuple": .builtin("tuple", 0),
    "PyFrozenSet_New": CallRule { raiser, call, arguments in
      guard let items = arguments.first else { return false }
      return raiser.becomeBuiltinCall(call, "frozenset", raiser.isNull(items) ? [] : [items])
    },
    "PyNumber_Long": .builtin("int", 0),
    // Texts are no numbers to these.
    "__Pyx_PyNumber_IntOrLong": .method("__int__"),
    "__Pyx_PyNumber_Long": .method("__int__"),
    "PyNumber_Float": .builtin("float", 0),
    "__Pyx__PyNumber_Float": .builtin("float", 0),
    "PyNumber_Absolute": .builtin("abs", 0),
    "PyNumber_ToBase": CallRule { raiser, call, arguments in
      guard arguments.count >= 2, let base = raiser.int32(arguments[1]),
        let name = [2: "bin", 8: "oct", 16: "hex"][base]
      else { return false }
      return raiser.becomeBuiltinCall(call, name, [arguments[0]])
    },
    "PyMemoryView_FromObject": .builtin("memoryview", 0),
    "PyUnicode_FromObject": .builtin("str", 0),
    "__Pyx_PyIter_Next2": CallRule { raiser, call, arguments in
      guard arguments.count >= 2 else { return false }
      // A clone without a default may get anything for it; others count the reference that they return.
      let hasDefault =
        !raiser.isNull(arguments[1]) && raiser.function[arguments[1]].operation != .undefined
        && raiser.function.constant(raiser.function.operand(0, of: call))
          .flatMap { raiser.program.certainParameterCount(of: $0) } != 1
      return raiser.becomeBuiltinCall(call, "next", Array(arguments.prefix(hasDefault ? 2 : 1)))
    },
    "__Pyx_PyIter_Next2Default": .builtin("next", 0),
    "PyObject_IsInstance": .simple(.isInstance, 0, 1),
    "PyType_IsSubtype": CallRule { raiser, call, arguments in
      guard arguments.count >= 2, let object = raiser.ownerOfType(arguments[0]),
        raiser.function.variable(arguments[1], raiser.view)?.hasSuffix("_Type") == true
      else { return false }
      raiser.typeTests.insert(call)
      return raiser.become(call, .isInstance, [object, arguments[1]])
    },
    "PyObject_IsSubclass": .simple(.isSubclass, 0, 1),
    "PyCallable_Check": .simple(.isCallable, 0),
    "PyObject_Size": .simple(.length, 0),
    "PyObject_Length": .simple(.length, 0),
    "PySequence_Size": .simple(.length, 0),
    "PyDict_Size": CallRule { $0.countEntries($1, $2) },
    "PySet_Size": CallRule { $0.countEntries($1, $2) },
    "PyUnicode_GetLength": .simple(.length, 0),
  ]

  /// `PyDict_Keys(d)` → `d.keys()`.
  static let methods: [String: CallRule] = [
    "PyDict_Keys": .method("keys"),
    "PyDict_Values": .method("values"),
    "PyDict_Items": .method("items"),
    "PyDict_Copy": CallRule { raiser, call, arguments in
      guard let dictionary = arguments.first else { return false }
      raiser.dictionaryCopies.insert(call)
      return raiser.becomeMethodCall(call, dictionary, "copy", [])
    },
    "PyDict_Clear": .method("clear"),
    "PyList_Sort": CallRule { raiser, call, arguments in
      raiser.sortNewList(call) || raiser.becomeMethodCall(call, arguments[0], "sort", [])
    },
    "PyList_Reverse": .method("reverse"),
    "PyList_Insert": CallRule { raiser, call, arguments in
      guard arguments.count >= 3 else { return false }
      let index = raiser.boxed(arguments[1], before: call)
      return raiser.becomeMethodCall(call, arguments[0], "insert", [index, arguments[2]])
    },
    "PyUnicode_Split": CallRule { raiser, call, arguments in
      guard arguments.count >= 3 else { return false }
      var given = raiser.isNull(arguments[1]) ? [] : [arguments[1]]
      if raiser.integer(arguments[2]) != -1 {
        given.append(raiser.boxed(arguments[2], before: call))
      }
      return raiser.becomeMethodCall(call, arguments[0], "split", given)
    },
    "PyUnicode_Splitlines": CallRule { raiser, call, arguments in
      guard arguments.count >= 2, raiser.int32(arguments[1]) == 0 else { return false }
      return raiser.becomeMethodCall(call, arguments[0], "splitlines", [])
    },
    "PyUnicode_Join": .method("join", 1),
    "PyUnicode_Tailmatch": CallRule { $0.matchTail($1, $2) },
    "__Pyx_PyDict_GetItemDefault": CallRule { raiser, call, arguments in
      guard arguments.count >= 3 else { return false }
      let isDefault = raiser.isNone(arguments[2])
      return raiser.becomeMethodCall(
        call, arguments[0], "get", isDefault ? [arguments[1]] : [arguments[1], arguments[2]])
    },
    "PyDict_SetDefault": CallRule { raiser, call, arguments in
      guard arguments.count >= 3 else { return false }
      return raiser.becomeMethodCall(
        call, arguments[0], "setdefault",
        raiser.isNone(arguments[2]) ? [arguments[1]] : Array(arguments[1...2]))
    },
    "_PyDict_Pop": CallRule { raiser, call, arguments in
      guard arguments.count >= 3 else { return false }
      return raiser.becomeMethodCall(
        call, arguments[0], "pop",
        raiser.isNull(arguments[2]) ? [arguments[1]] : Array(arguments[1...2]))
    },
    // `__Pyx_PyDict_Pop_ignore`, which has forgotten the default.
    "PyDict_Pop": CallRule { raiser, call, arguments in
      guard arguments.count >= 3, raiser.isNull(arguments[2]), raiser.readers(of: call).isEmpty,
        let none = raiser.program.image.imports.existingAddress(of: "_Py_NoneStruct")
      else { return false }
      let object = raiser.function.constant(none, width: raiser.function.pointerSize)
      return raiser.becomeMethodCall(call, arguments[0], "pop", [arguments[1], object])
    },
    "PyCallIter_New": .builtin("iter", 0, 1),
    "PyNumber_Divmod": .builtin("divmod", 0, 1),
    "_PyList_Extend": CallRule { $0.extend($1, $2, "extend") },
    "PyList_Extend": CallRule { $0.extend($1, $2, "extend") },
    "_PySet_Update": CallRule { $0.extend($1, $2, "update") },
    "_PyBytes_Join": .method("join", 1),
    "__Pyx_PyObject_CallMethod0": CallRule { raiser, call, arguments in
      guard arguments.count >= 2, let name = raiser.text(arguments[1])?.string else { return false }
      return raiser.becomeMethodCall(call, arguments[0], name, [])
    },
    "__Pyx_PyObject_CallMethod1": CallRule { raiser, call, arguments in
      guard arguments.count >= 3, let name = raiser.text(arguments[1])?.string else { return false }
      return raiser.becomeMethodCall(call, arguments[0], name, [arguments[2]])
    },
    "__Pyx_PyExecGlobals": .builtin("exec", 0),
    "__Pyx_PyExec3": CallRule { raiser, call, arguments in
      guard arguments.count >= 2 else { return false }
      let hasLocals =
        arguments.count > 2 && !raiser.isNull(arguments[2]) && !raiser.isNone(arguments[2])
      return raiser.becomeBuiltinCall(call, "exec", Array(arguments.prefix(hasLocals ? 3 : 2)))
    },
    "__Pyx_PyObject_Append": .method("append", 1),
    "PyList_Append": CallRule { raiser, call, arguments in
      guard arguments.count >= 2 else { return false }
      // Cython collects the functions that need the cell of their class.
      if case .function? = raiser.operation(arguments[1]), raiser.isUnread(call),
        raiser.isOnlyAppendedTo(arguments[0])
      {
        raiser.function.replace(call, with: .undefined, [])
        return true
      }
      return raiser.isDisplay(arguments[0], addedBy: call, as: "append")
        ? raiser.become(call, .appendToList, Array(arguments.prefix(2)))
        : raiser.becomeMethodCall(call, arguments[0], "append", [arguments[1]])
    },
    "PySet_Add": CallRule { raiser, call, arguments in
      guard arguments.count >= 2 else { return false }
      return raiser.isDisplay(arguments[0], addedBy: call, as: "add")
        ? raiser.become(call, .addToSet, Array(arguments.prefix(2)))
        : raiser.becomeMethodCall(call, arguments[0], "add", [arguments[1]])
    },
    "PySet_Discard": CallRule { raiser, call, arguments in
      guard arguments.count >= 2 else { return false }
      let name = raiser.removals.contains(call) ? "remove" : "discard"
      return raiser.becomeMethodCall(call, arguments[0], name, [arguments[1]])
    },
    "PySet_Clear": .method("clear"),
    "PySet_Pop": .method("pop"),
    "__Pyx__PyObject_Pop": .method("pop"),
    "__Pyx_PyList_Pop": .method("pop"),
    "__Pyx__PyObject_PopNewIndex": .method("pop", 1),
    "__Pyx__PyObject_PopIndex": .method("pop", 1),
    "__Pyx__PyList_PopIndex": .method("pop", 1),
    "__Pyx__CallUnboundCMethod0": CallRule { $0.callUnbound($1, $2, 0) },
    "__Pyx__CallUnboundCMethod1": CallRule { $0.callUnbound($1, $2, 1) },
    "__Pyx__CallUnboundCMethod2": CallRule { $0.callUnbound($1, $2, 2) },
  ]
}

extension Raiser {
  /// `PyUnicode_Tailmatch(s, part, 0, PY_SSIZE_T_MAX, -1)` → the truth of `s.startswith(part)`.
  func matchTail(_ call: Instruction.ID, _ arguments: [Instruction.ID]) -> Bool {
    guard arguments.count >= 5, integer(arguments[2]) == 0, integer(arguments[3]) == Int.max,
      let direction = int32(arguments[4])
    else { return false }
    let method = symbols.intern(direction < 0 ? "startswith" : "endswith")
    let answer = function.insert(
      .python(.callMethod(method, function.appendShape(.positional(1)))),
      Array(arguments.prefix(2)), width: function.pointerSize, before: call)
    return become(call, .truth, [answer])
  }

  /// A method that Cython keeps with its type, in a `__Pyx_CachedCFunction`.
  ///
  /// Its second field points at the name (`Cython/Utility/ObjectHandling.c`).
  func callUnbound(_ call: Instruction.ID, _ arguments: [Instruction.ID], _ count: Int) -> Bool {
    if arguments.count >= count + 2, let record = function.constant(arguments[0]),
      let method = unboundMethod(at: record)
    {
      return becomeMethodCall(call, arguments[1], method, Array(arguments[2..<(count + 2)]))
    }
    // A clone for one method has no parameter for it, and looks the same for one argument less.
    let target = function.operand(0, of: call)
    // Each of them fills a tuple with what it takes, so that calls by pointers in it say nothing more.
    let taken = function.constant(target).flatMap { program.likelyParameterCount(of: $0) }
    let count = min(count, taken.map { $0 - 1 } ?? count)
    guard count >= 0, arguments.count >= count + 1, function.constant(arguments[0]) == nil,
      let method = unboundMethod(calledBy: target)
    else { return false }
    return becomeMethodCall(call, arguments[0], method, Array(arguments[1..<(count + 1)]))
  }

  /// The name in a `__Pyx_CachedCFunction`.
  private func unboundMethod(at record: UInt64) -> String? {
    guard view.unboundMethod(at: record) != nil,
      let slot = program.word(at: record &+ function.layout.words(1)),
      let name = program.word(at: slot),
      case .string(let text)? = program.object(at: name)
    else { return nil }
    return text.string
  }

  /// The only method that a helper works on: it reads the fields of one `__Pyx_CachedCFunction`.
  private func unboundMethod(calledBy target: Instruction.ID) -> String? {
    guard let address = function.constant(target), let code = program.function(at: address) else {
      return nil
    }
    var records: Set<UInt64> = []
    for transfer in code.blocks.flatMap(\.transfers) {
      for input in [transfer.input0, transfer.input1] where input.space == .constant {
        for field in 0..<5 {
          let record = input.offset &- function.layout.words(field)
          if view.unboundMethod(at: record) != nil { records.insert(record) }
        }
      }
    }
    guard records.count == 1, let record = records.first else { return nil }
    return unboundMethod(at: record)
  }
}

extension Raiser {
  /// `PyDict_Size(d)` → `len(d)`; a loop asks for it to notice changes, and never for an error.
  fileprivate func countEntries(_ call: Instruction.ID, _ arguments: [Instruction.ID]) -> Bool {
    guard let container = arguments.first else { return false }
    let isStep = (sites[call] != nil || errorWays[call]?.handler != nil) && !isUnread(call)
    return become(call, isStep ? .length : .entryCount, [container])
  }

  /// `_PyList_Extend(l, x)` → `l.extend(x)`, or `*x` in a display.
  fileprivate func extend(
    _ call: Instruction.ID, _ arguments: [Instruction.ID], _ method: String
  ) -> Bool {
    guard arguments.count >= 2 else { return false }
    return isDisplay(arguments[0], addedBy: call, as: method)
      ? become(call, .addItems, Array(arguments.prefix(2)))
      : becomeMethodCall(call, arguments[0], method, [arguments[1]])
  }

  func isNone(_ id: Instruction.ID) -> Bool { function.variable(id, view) == "_Py_NoneStruct" }

  /// The object whose type a value is, loaded as by `Py_TYPE`.
  func ownerOfType(_ id: Instruction.ID) -> Instruction.ID? {
    guard function[id].operation == .machine(.load), function.isWord(id) else { return nil }
    let (object, offset) = function.offset(function.operand(0, of: id))
    return offset == function.layout.type ? object : nil
  }

  /// Whether nothing is done with a list but to append to it and to count it.
  fileprivate func isOnlyAppendedTo(_ list: Instruction.ID) -> Bool {
    for block in function.reversePostorder() {
      for id in function[block].instructions where function.operands(of: id).contains(list) {
        switch function[id].operation {
        case .referenceCount, .after, .machine: continue
        case .call where function.callee(of: id, view)?.name == "PyList_Append": continue
        default: return false
        }
      }
      if let value = function[block].terminator.value, function.resolve(value) == list {
        return false
      }
    }
    return true
  }
}
