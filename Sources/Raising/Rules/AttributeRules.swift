import Basics
import IR
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
      "__Pyx_GetAttr3": .builtin("getattr", 0, 1, 2),
      "__Pyx_HasAttr": .simple(.hasAttribute, 0, 1),
      "PyObject_HasAttr": .simple(.hasAttribute, 0, 1),
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
    result["PyObject_DelAttr"] = CallRule { raiser, call, arguments in
      raiser.setAttribute(call, arguments + [raiser.null])
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

  func getAttribute(_ call: Instruction.ID, _ arguments: [Instruction.ID]) -> Bool {
    guard arguments.count >= 2 else { return false }
    guard let name = name(arguments[1]) else {
      return becomeBuiltinCall(call, "getattr", Array(arguments.prefix(2)))
    }
    return become(call, .attribute(name), [arguments[0]])
  }

  func setAttribute(_ call: Instruction.ID, _ arguments: [Instruction.ID]) -> Bool {
    guard arguments.count >= 3 else { return false }
    let deletes = isNull(arguments[2])
    guard let name = name(arguments[1]) else {
      return becomeBuiltinCall(
        call, deletes ? "delattr" : "setattr", Array(arguments.prefix(deletes ? 2 : 3)))
    }
    return deletes
      ? become(call, .deleteAttribute(name), [arguments[0]])
      : become(call, .storeAttribute(name), [arguments[0], arguments[2]])
  }

  /// A call through a slot of an operand's type.
  ///
  /// ```c
  /// Py_TYPE(o)->tp_getattro(o, n)     →     o.n
  /// ```
  func raiseSlotCall(_ call: Instruction.ID, _ arguments: [Instruction.ID]) -> Bool {
    let target = function.operand(0, of: call)
    guard let path = slotPath(target), let object = arguments.first, path.object == object else {
      return false
    }
    switch path.offsets {
    case [0x90]: return getAttribute(call, arguments)
    case [0x98]: return setAttribute(call, arguments)
    case [0x80]: return arguments.count >= 3 && raiseCall(call, object, arguments[1], arguments[2])
    case [0xE0]: return become(call, .next, [object])
    case [0xD8]: return become(call, .iterator, [object])
    case [0x70, 8]:
      return arguments.count >= 2 && become(call, .item, [object, arguments[1]])
    case [0x70, 16]:
      guard arguments.count >= 3 else { return false }
      return isNull(arguments[2])
        ? become(call, .deleteItem, [object, arguments[1]])
        : become(call, .storeItem, [object, arguments[1], arguments[2]])
    default: return false
    }
  }

  /// The object, and the offsets of the slots, through which a function was found.
  private func slotPath(
    _ target: Instruction.ID
  ) -> (object: Instruction.ID, offsets: [UInt64])? {
    var id = target
    var offsets: [UInt64] = []
    while function[id].operation == .machine(.load), offsets.count < 4 {
      let (base, offset) = function.offset(function.operand(0, of: id))
      offsets.insert(offset, at: 0)
      id = base
    }
    guard offsets.count >= 2, offsets[0] == 8 else { return nil }
    return (id, Array(offsets.dropFirst()))
  }
}
