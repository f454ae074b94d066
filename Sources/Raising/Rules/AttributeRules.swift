import Basics
import IR
import Interpretation
import ModuleRecovery
import RuntimeModel
import Simplification

extension CallRule {
  /// `PyObject_GetAttr(o, 'name')` → `o.name`.
  static let attributes: [String: CallRule] = {
    var result: [String: CallRule] = [
      "__Pyx__GetModuleGlobalName": CallRule { raiser, call, arguments in
        raiser.nameOperation(call, arguments.first) { .global($0) }
      },
      "__Pyx_GetModuleGlobalName": CallRule { raiser, call, arguments in
        raiser.nameOperation(call, arguments.first) { .global($0) }
      },
      "__Pyx_GetBuiltinName": CallRule { raiser, call, arguments in
        raiser.nameOperation(call, arguments.first) { .global($0) }
      },
      "__Pyx_PyObject_GetMethod": CallRule { raiser, call, arguments in
        guard raiser.getAttribute(call, arguments) else { return false }
        raiser.forwardLeftovers(call, .stack)
        return true
      },
      "_PyType_Lookup": CallRule { $0.lookUpSpecialMethod($1, $2) },
      "_PyType_LookupRef": CallRule { $0.lookUpSpecialMethod($1, $2) },
      "__Pyx_GetAttr3": .builtin("getattr", 0, 1, 2),
      "__Pyx_HasAttr": .simple(.hasAttribute, 0, 1),
      "PyObject_HasAttr": .simple(.hasAttribute, 0, 1),
      "PyObject_HasAttrWithError": .simple(.hasAttribute, 0, 1),
      "__Pyx__GetNameInClass": CallRule { raiser, call, arguments in
        guard arguments.count > 1, let name = raiser.name(arguments[1]) else { return false }
        return raiser.become(call, .className(name), [arguments[0]])
      },
    ]
    for name in [
      "PyObject_GetAttr", "__Pyx_PyObject_GetAttrStr", "__Pyx_GetAttr",
      "PyObject_GenericGetAttr", "_PyObject_GenericGetAttrWithDict",
    ] {
      result[name] = CallRule { $0.getAttribute($1, $2) }
    }
    for name in ["PyObject_SetAttr", "__Pyx_PyObject_SetAttrStr"] {
      result[name] = CallRule { $0.setAttribute($1, $2) }
    }
    for name in ["PyObject_DelAttr", "__Pyx_PyObject_DelAttrStr"] {
      result[name] = CallRule { raiser, call, arguments in
        raiser.setAttribute(call, arguments.prefix(2) + [raiser.null])
      }
    }
    return result
  }()
}

extension Raiser {
  func nameOperation(
    _ call: Instruction.ID, _ argument: Instruction.ID?, _ operation: (Symbol) -> PythonOperation
  ) -> Bool {
    guard let argument, let name = name(argument) else { return false }
    return become(call, operation(name), [])
  }

  /// `_PyType_Lookup(Py_TYPE(o), '__enter__')` → the method of the type, marked as looked up there.
  func lookUpSpecialMethod(_ call: Instruction.ID, _ arguments: [Instruction.ID]) -> Bool {
    guard arguments.count >= 2, let text = text(arguments[1])?.string,
      ["__enter__", "__exit__", "__aenter__", "__aexit__"].contains(text),
      function[arguments[0]].operation == .machine(.load)
    else { return false }
    let (object, offset) = function.offset(function.operand(0, of: arguments[0]))
    guard offset == function.layout.type else { return false }
    return become(call, .attribute(symbols.intern("\u{1}\(text)")), [object])
  }

  func getAttribute(_ call: Instruction.ID, _ arguments: [Instruction.ID]) -> Bool {
    guard arguments.count >= 2 else { return false }
    guard let name = name(arguments[1]) else {
      return becomeBuiltinCall(call, "getattr", Array(arguments.prefix(2)))
    }
    // `__Pyx_GetBuiltinName` in `Cython/Utility/ObjectHandling.c`
    if object(arguments[0]) == .module("builtins") { return become(call, .global(name), []) }
    // What an import asks for by name is taken from the module that it returns.
    if case .importModule(_, _)? = operation(arguments[0]),
      imports(symbols[name], function.operands(of: arguments[0]))
    {
      return become(call, .importFrom(name), [arguments[0]])
    }
    return become(call, .attribute(name), [arguments[0]])
  }

  /// Whether an import statement names a name.
  private func imports(_ name: String, _ operands: [Instruction.ID]) -> Bool {
    guard let list = operands.first else { return false }
    if operation(list) == .list {
      return function.operands(of: list).contains { text($0)?.string == name }
    }
    return constantTuple(list)?.contains { address in
      if case .string(let text)? = program.object(at: address) {
        text.string == name
      } else {
        false
      }
    } ?? false
  }

  func setAttribute(_ call: Instruction.ID, _ arguments: [Instruction.ID]) -> Bool {
    guard arguments.count >= 3 else { return false }
    let deletes = isNull(arguments[2])
    guard let name = name(arguments[1]) else {
      return becomeBuiltinCall(
        call, deletes ? "delattr" : "setattr", Array(arguments.prefix(deletes ? 2 : 3)))
    }
    if deletes, function.constant(arguments[0]) == program.state.module {
      return become(call, .deleteGlobal(name), [])
    }
    return deletes
      ? become(call, .deleteAttribute(name), [arguments[0]])
      : become(call, .storeAttribute(name), [arguments[0], arguments[2]])
  }

  /// Writes `type(o)` where the type of an object is an argument itself.
  ///
  /// `_handle_simple_function_type` in `Cython/Compiler/Optimize.py` reads `Py_TYPE(o)`.
  func nameTypes(of call: Instruction.ID) {
    let name = function.callee(of: call, view)?.name
    if let name, Self.typeFunctions.contains(name) { return }
    var operands = function.operands(of: call)
    var changed = false
    for (index, operand) in operands.enumerated().dropFirst() {
      guard function[operand].operation == .machine(.load), function.isWord(operand) else {
        continue
      }
      let (object, offset) = function.offset(function.operand(0, of: operand))
      guard offset == function.layout.type, isPythonValue(object) else { continue }
      let shape = function.appendShape(.positional(1))
      let type = function.builtin(symbols.intern("type"))
      operands[index] = function.insert(
        .python(.call(shape)), [type, object], width: function.pointerSize, before: call)
      // Registers may hold a type that the call does not ask for.
      typeTests.insert(operands[index])
      changed = true
    }
    if changed { function.setOperands(of: call, operands) }
  }

  /// Makes the types of objects that variables hold calls of `type`.
  ///
  /// ```
  /// cls = load o + 8        →      cls = type(o)
  /// ```
  /// The variable has a reference to the type. What is loaded without one lies where an object keeps its
  /// type on a way that is not there any more, such as the second item of a list whose first is `o`.
  func nameTypesInVariables() {
    for value in locals.variables.flatMap(\.values).map({ function.resolve($0) }) {
      guard function[value].operation == .machine(.load), function.isWord(value) else { continue }
      let (object, offset) = function.offset(function.operand(0, of: value))
      guard offset == function.layout.type,
        isPythonValue(object) || function[object].operation == .call,
        isCounted(value)
      else {
        continue
      }
      becomeBuiltinCall(value, "type", [object])
    }
  }

  /// Makes what is read of `None` and its like calls of `type`; their types have no names of their own.
  ///
  /// ```
  /// %5 = load &_Py_NoneStruct + 8      →      %5 = type(None)
  /// ```
  func nameTypesOfSingletons() {
    for block in function.reversePostorder() {
      for id in function[block].instructions {
        guard function[id].operation == .machine(.load), function.isWord(id),
          let place = function.constant(function.operand(0, of: id))
        else { continue }
        let address = place &- function.layout.type
        switch program.object(at: address) {
        case PythonValue.none?, .ellipsis?, .notImplemented?: break
        case .builtin("Ellipsis")?: break
        default: continue
        }
        becomeBuiltinCall(id, "type", [function.constant(address, width: function.pointerSize)])
      }
    }
  }

  /// Whether a reference to a value is taken.
  private func isCounted(_ value: Instruction.ID) -> Bool {
    function.reversePostorder().contains { block in
      function[block].instructions.contains { id in
        guard case .referenceCount(let change) = function[id].operation else { return false }
        return change > 0 && function.operand(0, of: id) == value
      }
    }
  }

  private func isPythonValue(_ id: Instruction.ID) -> Bool {
    switch function[id].operation {
    case .python: true
    case .phi: function.isWord(id)
    default: false
    }
  }

  /// Functions that get the type of an object for reasons of their own.
  private static let typeFunctions: Set<String> = [
    "PyType_IsSubtype", "__Pyx_ArgTypeTest", "__Pyx__ArgTypeTest", "PyErr_Format", "_PyType_Lookup",
    "__Pyx_RaiseUnexpectedTypeError", "__Pyx_PyErr_GivenExceptionMatches",
    "PyErr_GivenExceptionMatches", "__Pyx_CalculateMetaclass",
  ]
}
