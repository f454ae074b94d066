import Basics
import BigInt
import BinaryFormats
import RuntimeModel

extension Interpreter {
  /// Puts what the imported variables hold into memory.
  func populateExternals() {
    world.threadState = memory.allocate(1024) ?? 0
    if let item = memory.allocate(64), let interpreter = memory.allocate(64) {
      store(item, world.threadState + world.layout.handledError)
      store(interpreter, world.threadState + world.layout.threadInterpreter)
    }
    _ = type(named: Self.functionType)
    for name in image.imports.names {
      guard let address = image.imports.existingAddress(of: name) else { continue }
      switch name {
      case "_Py_NoneStruct": placeSingleton(.none, "PyNone_Type", address)
      case "_Py_TrueStruct": placeSingleton(.boolean(true), "PyBool_Type", address)
      case "_Py_FalseStruct": placeSingleton(.boolean(false), "PyBool_Type", address)
      case "_Py_EllipsisObject": placeSingleton(.ellipsis, "PyEllipsis_Type", address)
      case "_Py_NotImplementedStruct":
        placeSingleton(.notImplemented, "PyNotImplemented_Type", address)
      case "Py_Version":
        // Of the latest release: `__Pyx_PyImport_AddModuleRef` makes up for mistakes of the first ones.
        let version = world.layout.version
        store(UInt64(version.major) << 24 | UInt64(version.minor) << 16 | 0xfff0, address, size: 4)
      default: placeNamed(name, address)
      }
    }
  }

  private func placeNamed(_ name: String, _ address: UInt64) {
    if name.hasPrefix("PyExc_") {
      store(exceptionType(String(name.dropFirst(6))), address)
    } else if name.hasSuffix("_Type") {
      _ = type(named: name)
    }
  }

  private func placeSingleton(_ value: PythonValue, _ type: String, _ address: UInt64) {
    world.values[address] = value
    world.singletons[value] = address
    setReferences(of: address, to: 1 << 20)
    store(self.type(named: type), address + world.layout.type)
  }

  /// The object of a builtin exception type.
  func exceptionType(_ name: String) -> UInt64 {
    if let known = world.singletons[.builtin(name)] { return known }
    guard let address = memory.allocate(world.layout.typeSize) else { return 0 }
    world.values[address] = .builtin(name)
    world.singletons[.builtin(name)] = address
    setReferences(of: address, to: 1 << 20)
    store(type(named: "PyType_Type"), address + world.layout.type)
    store(ObjectLayout.exceptionFlags, address + world.layout.typeFlags)
    store(deallocator, address + world.layout.typeDeallocate)
    return address
  }

  /// The object of a name of the `builtins` module.
  func builtin(_ name: String) -> UInt64 {
    if let type = Self.builtinTypes[name] { return self.type(named: type) }
    if Self.isException(name) { return exceptionType(name) }
    switch name {
    case "None": return none
    case "True": return boolean(true)
    case "False": return boolean(false)
    case "Ellipsis": return singleton(.builtin(name), type: "PyEllipsis_Type")
    case "NotImplemented": return singleton(.notImplemented, type: "PyNotImplemented_Type")
    default: return singleton(.builtin(name), type: "PyCFunction_Type")
    }
  }

  /// The type of builtin functions, where analyses read it: none that code compares with.
  package static var functionType: String { "decython_BuiltinFunction_Type" }

  /// Whether a name of the `builtins` module is one of an exception's class.
  package static func isException(_ name: String) -> Bool {
    name.hasSuffix("Error") || name.hasSuffix("Warning") || name.hasSuffix("Exception")
      || [
        "StopIteration", "StopAsyncIteration", "KeyboardInterrupt", "SystemExit", "GeneratorExit",
      ]
      .contains(name)
  }

  var none: UInt64 { singleton(.none, type: "PyNone_Type") }

  func boolean(_ value: Bool) -> UInt64 { singleton(.boolean(value), type: "PyBool_Type") }

  /// The C names of the types that `builtins` offers.
  package static var builtinTypes: [String: String] {
    [
      "bool": "PyBool_Type", "bytearray": "PyByteArray_Type", "bytes": "PyBytes_Type",
      "classmethod": "PyClassMethod_Type", "complex": "PyComplex_Type", "dict": "PyDict_Type",
      "enumerate": "PyEnum_Type", "filter": "PyFilter_Type", "float": "PyFloat_Type",
      "frozenset": "PyFrozenSet_Type", "int": "PyLong_Type", "list": "PyList_Type",
      "map": "PyMap_Type", "memoryview": "PyMemoryView_Type", "object": "PyBaseObject_Type",
      "property": "PyProperty_Type", "range": "PyRange_Type", "reversed": "PyReversed_Type",
      "set": "PySet_Type", "slice": "PySlice_Type", "staticmethod": "PyStaticMethod_Type",
      "str": "PyUnicode_Type", "super": "PySuper_Type", "tuple": "PyTuple_Type",
      "type": "PyType_Type", "zip": "PyZip_Type",
    ]
  }
}
