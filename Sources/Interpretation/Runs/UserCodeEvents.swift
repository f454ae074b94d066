import Basics

/// Tells calls that only a module's own code makes from those of Cython's initialisation.
struct UserCodeEvents {
  /// Whether an imported function is called by the module's own code.
  static func isEvent(_ name: String, _ machine: Interpreter) -> Bool {
    if always.contains(name) { return true }
    switch name {
    case "PyDict_SetItem", "_PyDict_SetItem_KnownHash", "PyDict_SetItemString", "PyDict_DelItem",
      "PyDict_GetItem", "PyDict_GetItemWithError", "_PyDict_GetItem_KnownHash", "PyDict_GetItemRef":
      // Initialisation asks for what the module offers to others in C, and makes it.
      return machine.value(of: machine.argument(0)) == .moduleDictionary
        && machine.text(of: machine.argument(1))?.string != CAPI.exportTable
    case "PyObject_GetAttr", "_PyObject_GenericGetAttrWithDict", "PyObject_GenericGetAttr":
      return isConstant(machine.argument(0), machine)
    case "PyObject_Call", "PyObject_CallOneArg", "PyObject_CallNoArgs", "PyObject_CallObject",
      "PyObject_CallFunctionObjArgs", "PyObject_Vectorcall", "PyObject_VectorcallDict":
      return !isCalledByInitialization(machine.argument(0), machine)
    // `__Pyx_init_assertions_enabled` asks for `__debug__` in CPython 3.12 and later, `__Pyx_GetVtable`
    // for the methods of a type.
    case "PyObject_GetItem":
      let key = machine.text(of: machine.argument(1))?.string
      return key != "__debug__" && key != CAPI.methodTable
    case "PyObject_VectorcallMethod":
      return isConstant(machine.load(machine.argument(1)), machine)
    default: return CAPI.models[name] == nil
    }
  }

  private static let always: Set<String> = [
    "PyImport_ImportModuleLevelObject", "PyCFunction_NewEx", "PyCMethod_New", "_PyObject_GC_New",
    "PyTraceBack_Here",
  ]

  private static func isConstant(_ object: UInt64, _ machine: Interpreter) -> Bool {
    switch machine.value(of: object) {
    case .string, .bytes, .integer, .float, .tuple, .list, .dictionary, .set: true
    default: false
    }
  }

  /// Initialisation calls `code.replace` and `zlib.decompress`.
  private static func isCalledByInitialization(_ object: UInt64, _ machine: Interpreter) -> Bool {
    guard case .attribute(_, let name)? = machine.value(of: object) else { return false }
    return name == "replace" || name == "decompress"
  }
}
