import Basics
import BinaryFormats
import RuntimeModel

// What modules offer to each other in C: functions and variables in capsules, types as attributes.
//
// Source: `Cython/Utility/ImportExport.c`.
extension CAPI {
  /// The attribute with a module's functions and variables, `Naming.pyx_capi_name` of Cython.
  static let exportTable = "__pyx_capi__"
  /// The entry of a type's dictionary with the C methods of a `cdef class`.
  static let methodTable = "__pyx_vtable__"

  static let exports: [String: Model] = [
    "__Pyx_Get_CyFunction_Type": { $0.finishFunctionType("cython_function_or_method") },
    "__Pyx_Get_FusedFunction_Type": { $0.finishFunctionType("fusedfunction") },
  ]

  /// Cython's helpers that initialisation calls, where a module takes them from one that several share:
  /// the parts `.export` of `Cython/Utility/*.c` since Cython 3.2.
  static let sharedHelpers: [String: Model] = [
    "__Pyx_PyType_Ready": { machine in
      machine.makeReady(machine.argument(0))
      machine.finish(0)
    },
    "__Pyx_SetVtable": { machine in
      let (type, table) = (machine.argument(0), machine.argument(1))
      let capsule = machine.make(.capsule(name: "", pointer: table), type: "PyCapsule_Type")
      let dictionary = machine.load(type &+ machine.world.layout.typeDict)
      machine.setItem(of: dictionary, machine.internString(Text(CAPI.methodTable)), capsule)
      machine.finish(0)
    },
    "__Pyx_setup_reduce": { $0.finish(0) },
    "__Pyx_validate_extern_base": { $0.finish(0) },
    "__Pyx__SetItemOnTypeDict": { $0.finish(0) },
    "__Pyx__DelItemOnTypeDict": { $0.finish(0) },
    "__Pyx_TryUnpackUnboundCMethod": { $0.finish(0) },
  ]
}

extension Interpreter {
  /// A type that another module offers; nil if the object is no such module.
  ///
  /// Only C code imports types by the address of their name. Nobody knows how large such a type's
  /// objects are; `__Pyx_ImportType` takes those that are larger than it expects with a warning.
  func foreignType(named name: String, in module: UInt64) -> UInt64? {
    guard case .module(let owner)? = world.values[module], module != world.currentModule,
      owner != "builtins", !owner.hasPrefix("_cython_"), owner != "cython_runtime",
      !name.hasPrefix("__"), attribute(of: module, Text(name)) != nil
    else { return nil }
    let key = PythonValue.type("\(owner).\(name)")
    if let known = world.singletons[key] { return known }
    let type = make(key, type: "PyType_Type", size: world.layout.typeSize)
    world.singletons[key] = type
    store(UInt64(world.layout.typeSize), type + world.layout.typeBasicSize)
    makeReady(type)
    return type
  }

  /// Whether an object is what a module offers to others.
  func isExportTable(_ object: UInt64) -> Bool {
    if case .attribute(_, CAPI.exportTable)? = world.values[object] { true } else { false }
  }

  /// A function or variable of another module, in a capsule.
  ///
  /// Its address is that of an import, by whose name calls of it are known.
  func exportedFunction(named name: String) -> UInt64 {
    let address = image.address(ofImport: name)
    return make(.capsule(name: "", pointer: address), type: "PyCapsule_Type")
  }

  /// More bytes than the C methods of a type take.
  package static let foreignTableSize: UInt64 = 4096

  /// The C methods of a type of another module, which nobody knows.
  ///
  /// Each entry is its own address, so that types which extend that one tell whose methods they take over.
  func foreignMethodTable(ofTypeWith dictionary: UInt64) -> UInt64 {
    guard let table = memory.allocate(Int(Self.foreignTableSize)) else { return 0 }
    for offset in stride(from: 0, to: Self.foreignTableSize, by: world.layout.pointerSize) {
      store(table + offset, table + offset)
    }
    let typeDict = world.layout.typeDict
    if let type = world.readyTypes.first(where: { load($0 &+ typeDict) == dictionary }) {
      world.foreignMethodTables[type] = table
    }
    return make(.capsule(name: "", pointer: table), type: "PyCapsule_Type")
  }

  fileprivate func finishFunctionType(_ name: String) {
    let key = PythonValue.type("_cython.\(name)")
    if let known = world.singletons[key] { return finish(known) }
    let type = make(key, type: "PyType_Type", size: world.layout.typeSize)
    world.singletons[key] = type
    store(world.layout.sharedFunctionSize, type + world.layout.typeBasicSize)
    makeReady(type)
    finish(type)
  }
}
