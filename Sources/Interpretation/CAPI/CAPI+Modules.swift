import Basics
import BinaryFormats
internal import CSleighShim

extension CAPI {
  static let modules: [String: Model] = [
    "PyModule_GetDict": { $0.finish($0.dictionary(ofModule: $0.argument(0))) },
    "PyModule_GetName": { machine in
      guard case .module(let name)? = machine.value(of: machine.argument(0)),
        let copy = machine.memory.allocate(name.utf8.count + 1)
      else { return machine.fail("SystemError") }
      _ = machine.memory.write(Array(name.utf8), at: copy)
      machine.finish(copy)
    },
    "PyModule_GetState": { $0.finish($0.world.moduleState) },
    "PyModule_AddObject": { $0.finish(0) },
    "PyModule_NewObject": { machine in
      let name = machine.text(of: machine.argument(0))?.string ?? ""
      machine.finishNew(machine.module(name))
    },
    "PyState_FindModule": { $0.finish($0.world.currentModule) },
    "PyState_AddModule": { $0.finish(0) },
    "PyUnstable_Module_SetGIL": { $0.finish(0) },
    "PyCapsule_New": { machine in
      let name = machine.argument(1) == 0 ? "" : machine.cString(machine.argument(1))
      machine.finish(
        machine.make(
          .capsule(name: name, pointer: machine.argument(0)), type: "PyCapsule_Type"))
    },
    "PyCapsule_GetPointer": { machine in
      guard case .capsule(_, let pointer)? = machine.value(of: machine.argument(0)) else {
        return machine.fail("ValueError")
      }
      machine.finish(pointer)
    },
    "PyCapsule_IsValid": { machine in
      if case .capsule? = machine.value(of: machine.argument(0)) { return machine.finish(1) }
      machine.finish(0)
    },
    "PyCapsule_GetName": { machine in
      guard case .capsule(let name, _)? = machine.value(of: machine.argument(0)),
        let copy = machine.memory.allocate(name.utf8.count + 1)
      else { return machine.fail("ValueError") }
      _ = machine.memory.write(Array(name.utf8), at: copy)
      machine.finish(copy)
    },
  ]

  static let loadedModules = PythonValue.opaque("sys.modules")

  static let imports: [String: Model] = [
    "PyImport_AddModule": { $0.finish($0.module($0.cString($0.argument(0)))) },
    "PyImport_AddModuleRef": { $0.finishNew($0.module($0.cString($0.argument(0)))) },
    "PyImport_GetModuleDict": { machine in
      machine.finish(machine.singleton(CAPI.loadedModules, type: "PyDict_Type"))
    },
    "PyImport_GetModule": { machine in
      machine.finish(0)
    },
    "PyImport_ImportModule": { $0.finishNew($0.module($0.cString($0.argument(0)))) },
    "PyImport_Import": { machine in
      machine.finishNew(machine.module(machine.text(of: machine.argument(0))?.string ?? ""))
    },
    // `__Pyx_patch_abc` runs a line of Python that registers Cython's types.
    "PyRun_StringFlags": { machine in
      machine.finishNew(machine.image.imports.existingAddress(of: "_Py_NoneStruct") ?? 0)
    },
    "PyObject_GetItem": { machine in
      if machine.text(of: machine.argument(1))?.string == CAPI.methodTable {
        let (dictionary, key) = (machine.argument(0), machine.argument(1))
        if let known = machine.item(of: dictionary, key) { return machine.finishNew(known) }
        let table = machine.foreignMethodTable(ofTypeWith: dictionary)
        machine.setItem(of: dictionary, key, table)
        return machine.finishNew(table)
      }
      // Only `__debug__` is asked for otherwise, which is set: assertions are code.
      machine.finishNew(machine.boolean(true))
    },
    "PyEval_GetBuiltins": { machine in
      machine.finish(machine.dictionary(ofModule: machine.module("builtins")))
    },
  ]
}

extension Interpreter {
  func module(_ name: String) -> UInt64 { singleton(.module(name), type: "PyModule_Type") }

  /// The dictionary of a module; that of the module under initialisation is told apart.
  func dictionary(ofModule module: UInt64) -> UInt64 {
    if module == world.currentModule {
      return singleton(.moduleDictionary, type: "PyDict_Type")
    }
    if let known = world.moduleDictionaries[module] { return known }
    let dictionary = makeDictionary([])
    world.moduleDictionaries[module] = dictionary
    return dictionary
  }

  /// `zlib.decompress(memoryview)`, as Cython 3.2 unpacks its strings.
  func decompress(_ view: UInt64, with module: String) {
    var bytes: [UInt8] = []
    switch world.values[view] {
    case .memoryView(let address, let count)?:
      bytes = Array(memory.bytes(at: address, count: count) ?? [])
    case .bytes(let data)?: bytes = data
    default: break
    }
    guard module == "zlib" else { return stop(.unmodelled("\(module).decompress")) }
    guard let result = Self.inflate(bytes) else { return fail("ValueError") }
    finish(makeBytes(result))
  }

  private static func inflate(_ bytes: [UInt8]) -> [UInt8]? {
    var size = max(1 << 16, bytes.count * 8)
    while size <= 1 << 26 {
      var output = [UInt8](repeating: 0, count: size)
      let count = unsafe csleigh_inflate(bytes, bytes.count, &output, size)
      if count >= 0 { return Array(output.prefix(Int(count))) }
      size *= 4
    }
    return nil
  }
}

extension Interpreter {
  /// Keeps the name under which the module enters itself into `sys.modules`.
  func noteModuleName() {
    guard argument(2) == world.currentModule, value(of: argument(0)) == CAPI.loadedModules else {
      return
    }
    world.qualifiedName = cString(argument(1))
  }
}
