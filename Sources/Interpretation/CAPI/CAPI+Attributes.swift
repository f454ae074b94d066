import Basics
import RuntimeModel

extension CAPI {
  static let attributes: [String: Model] = [
    "PyObject_GetAttr": { $0.finishAttribute($0.argument(0), $0.text(of: $0.argument(1))) },
    "_PyObject_GenericGetAttrWithDict": {
      $0.finishAttribute($0.argument(0), $0.text(of: $0.argument(1)), isOptional: true)
    },
    "PyObject_GenericGetAttr": { $0.finishAttribute($0.argument(0), $0.text(of: $0.argument(1))) },
    "PyObject_GetAttrString": { machine in
      let name = machine.cString(machine.argument(1))
      if let type = machine.foreignType(named: name, in: machine.argument(0)) {
        return machine.finishNew(type)
      }
      machine.finishAttribute(machine.argument(0), Text(name))
    },
    "PyObject_GetOptionalAttr": { machine in
      let name = machine.text(of: machine.argument(1)) ?? Text("")
      let found = machine.attribute(of: machine.argument(0), name)
      if let found { machine.addReference(found) }
      machine.store(found ?? 0, machine.argument(2))
      machine.finish(found == nil ? 0 : 1)
    },
    "PyObject_SetAttr": { machine in
      let name = machine.text(of: machine.argument(1)) ?? Text("")
      machine.setAttribute(of: machine.argument(0), name, machine.argument(2))
    },
    "PyObject_SetAttrString": { machine in
      let name = Text(machine.cString(machine.argument(1)))
      machine.setAttribute(of: machine.argument(0), name, machine.argument(2))
    },
    "PyObject_HasAttr": { machine in
      let name = machine.text(of: machine.argument(1)) ?? Text("")
      machine.finish(machine.attribute(of: machine.argument(0), name) == nil ? 0 : 1)
    },
    "_PyType_Lookup": { machine in
      let name = machine.text(of: machine.argument(1)) ?? Text("")
      machine.finish(machine.attribute(of: machine.argument(0), name) ?? 0)
    },
    "PyObject_Hash": { machine in
      machine.finish(machine.hash(of: machine.argument(0)))
    },
    // Only the names of methods are compared.
    "PyObject_RichCompareBool": { machine in
      let (left, right) = (machine.argument(0), machine.argument(1))
      guard machine.intArgument(2) == 2 else { return machine.stop(.unmodelled("comparison")) }
      let isSame = machine.text(of: left).map { $0 == machine.text(of: right) } ?? (left == right)
      machine.finish(isSame ? 1 : 0)
    },
    "PyObject_IsTrue": { $0.finish($0.isTrue($0.argument(0)) ? 1 : 0) },
    "PyObject_Call": { machine in
      machine.finishCall(
        machine.argument(0), machine.items(of: machine.argument(1)) ?? [], machine.argument(2))
    },
    "PyObject_CallObject": { machine in
      let arguments = machine.argument(1) == 0 ? [] : machine.items(of: machine.argument(1)) ?? []
      machine.finishCall(machine.argument(0), arguments, 0)
    },
    "PyObject_CallOneArg": { $0.finishCall($0.argument(0), [$0.argument(1)], 0) },
    "PyObject_CallNoArgs": { $0.finishCall($0.argument(0), [], 0) },
    "PyObject_CallFunctionObjArgs": { machine in
      var arguments: [UInt64] = []
      while arguments.count < 64, machine.argument(arguments.count + 1) != 0 {
        arguments.append(machine.argument(arguments.count + 1))
      }
      machine.finishCall(machine.argument(0), arguments, 0)
    },
    "PyObject_Vectorcall": { $0.finishVectorcall(keywords: $0.argument(3)) },
    "PyObject_VectorcallDict": { $0.finishVectorcall(keywords: $0.argument(3)) },
    "PyObject_VectorcallMethod": { machine in
      let count = Int(machine.argument(2) & 0xFFFF)
      let arguments = (0..<count).map {
        machine.load(machine.argument(1) &+ machine.world.layout.words($0))
      }
      guard let receiver = arguments.first, let name = machine.text(of: machine.argument(0)),
        let method = machine.attribute(of: receiver, name)
      else { return machine.fail("AttributeError") }
      machine.finishCall(method, Array(arguments.dropFirst()), machine.argument(3))
    },
  ]
}

extension Interpreter {
  /// An attribute of an object; nil if there is none.
  func attribute(of object: UInt64, _ name: Text) -> UInt64? {
    if let set = world.attributes.last(where: { $0.object == object && $0.name == name }) {
      return set.value
    }
    guard let string = name.string else { return nil }
    switch world.values[object] {
    case .module("builtins"): return builtin(string)
    case .module(let module)
    where module.hasPrefix("_cython_") || module == "cython_runtime":
      return nil
    case .type where string == "__setstate__": return nil
    case .type where string.hasPrefix("__reduce") || string.hasPrefix("__setstate"):
      // Types of the module inherit them from `object`.
      let owner = string.contains("cython") ? object : type(named: "PyBaseObject_Type")
      return singleton(.attribute(of: owner, string), type: "PyMethodDescr_Type")
    // `object` has no `__setstate__`, and no method a `__set_name__`.
    case .type where string == "__getstate__": return nil
    case _ where string == "__set_name__": return nil
    default: return singleton(.attribute(of: object, string), type: "PyBaseObject_Type")
    }
  }

  fileprivate func finishAttribute(_ object: UInt64, _ name: Text?, isOptional: Bool = false) {
    guard let name, let found = attribute(of: object, name) else {
      return isOptional ? finish(0) : fail("AttributeError")
    }
    finishNew(found)
  }

  fileprivate func setAttribute(of object: UInt64, _ name: Text, _ value: UInt64) {
    addReference(value)
    world.attributes.append(ObjectWorld.Attribute(object: object, name: name, value: value))
    finish(0)
  }

  /// A hash that depends on the value only, for objects that have one.
  fileprivate func hash(of object: UInt64) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    func mix(_ value: UInt64) { hash = (hash ^ value) &* 0x100_0000_01b3 }
    switch world.values[object] {
    case .string(let text): for point in text.codePoints { mix(UInt64(point)) }
    case .bytes(let bytes): for byte in bytes { mix(UInt64(byte)) }
    default: mix(object)
    }
    hash &= UInt64.max >> UInt64(65 - world.layout.wordBits)
    if case .string = world.values[object] { store(hash, object + world.layout.textHash) }
    return hash
  }

  func isTrue(_ object: UInt64) -> Bool {
    switch world.values[object] {
    case .some(.none), .boolean(false): false
    case .integer(let value): value != 0
    case .string(let text): !text.codePoints.isEmpty
    case .tuple, .list: !(items(of: object) ?? []).isEmpty
    case .dictionary(let entries): !entries.isEmpty
    default: true
    }
  }

  fileprivate func finishVectorcall(keywords: UInt64) {
    let count = Int(argument(2) & 0xFFFF)
    let arguments = (0..<count).map { load(argument(1) &+ world.layout.words($0)) }
    finishCall(argument(0), arguments, keywords)
  }

  /// Calls of the few objects that module initialisation calls.
  func finishCall(_ callee: UInt64, _ arguments: [UInt64], _ keywords: UInt64) {
    guard case .attribute(let owner, let name)? = world.values[callee] else {
      return stop(.unmodelled("call of an object"))
    }
    switch (world.values[owner], name) {
    case (.code(let code)?, "replace"): finish(replaceCode(code, entries(of: keywords)))
    case (.module(let module)?, "decompress"):
      decompress(arguments.first ?? 0, with: module)
    default: stop(.unmodelled("call of \(name)"))
    }
  }
}
