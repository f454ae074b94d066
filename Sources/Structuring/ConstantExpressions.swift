import Basics
import BigInt
import Interpretation
package import ModuleRecovery
package import PythonSyntax

/// Objects that the module's initialisation made, as expressions.
package struct ConstantExpressions {
  private let program: Program

  package init(_ program: Program) { self.program = program }

  /// The expression for the object at an address; nil if there is none.
  package func expression(_ address: UInt64, depth: Int = 0) -> Expression? {
    guard depth < 50 else { return nil }
    if let name = program.variable(at: address) { return Self.variables[name] ?? Self.named(name) }
    if let type = program.extensionTypes.type(at: address), !type.isForeign {
      return .name(type.name)
    }
    guard let value = program.object(at: address) else { return nil }
    switch value {
    case .none: return .constant(.none)
    case .boolean(let value): return .constant(value ? .true : .false)
    case .ellipsis: return .constant(.ellipsis)
    case .notImplemented: return .name("NotImplemented")
    case .integer(let value): return .constant(.integer(value))
    case .float(let bits): return .constant(.float(Double(bitPattern: bits)))
    case .complex(let real, let imaginary):
      let second = Expression.constant(.imaginary(Double(bitPattern: imaginary)))
      let first = Double(bitPattern: real)
      return first == 0 ? second : .binary(.constant(.float(first)), .add, second)
    case .string(let text): return .constant(.string(text))
    case .bytes(let bytes): return .constant(.bytes(bytes))
    case .tuple: return items(program.state.items[address], depth).map { .tuple($0) }
    case .list: return items(program.state.items[address], depth).map { .list($0) }
    case .set(let members): return items(members, depth).map { .set($0) }
    case .frozenSet(let members):
      return items(members, depth).map {
        .call(.name("frozenset"), $0.isEmpty ? [] : [.set($0)], [])
      }
    case .slice(let start, let stop, let step):
      return slice(start, stop, step, depth)
    case .builtin(let name): return .name(name)
    case .type(let name): return Self.named(name)
    case .moduleDictionary: return .call(.name("globals"), [], [])
    case .dictionary(let entries):
      var result: [Expression.DictionaryEntry] = []
      for entry in entries {
        guard let key = expression(entry.key, depth: depth + 1),
          let value = expression(entry.value, depth: depth + 1)
        else { return nil }
        result.append(.init(key, value))
      }
      return .dictionary(result)
    default: return nil
    }
  }

  private func items(_ addresses: [UInt64]?, _ depth: Int) -> [Expression]? {
    guard let addresses else { return nil }
    let result = addresses.compactMap { expression($0, depth: depth + 1) }
    return result.count == addresses.count ? result : nil
  }

  private func slice(
    _ start: UInt64, _ stop: UInt64, _ step: UInt64, _ depth: Int
  ) -> Expression? {
    func part(_ address: UInt64) -> Expression?? {
      guard let value = expression(address, depth: depth + 1) else { return nil }
      return value == .none ? .some(nil) : value
    }
    guard let first = part(start), let last = part(stop), let stride = part(step) else {
      return nil
    }
    return .slice(first, last, stride)
  }

  private static let variables: [String: Expression] = [
    "_Py_NoneStruct": .none, "_Py_TrueStruct": .constant(.true),
    "_Py_FalseStruct": .constant(.false), "_Py_EllipsisObject": .constant(.ellipsis),
    "_Py_NotImplementedStruct": .name("NotImplemented"),
  ]

  /// The builtin that a type or exception of CPython is, by its C name.
  private static func named(_ name: String) -> Expression? {
    if let builtin = types[name] { return .name(builtin) }
    if let value = namelessTypes[name] { return .call(.name("type"), [value], []) }
    return name.hasPrefix("PyExc_") ? .name(String(name.dropFirst(6))) : nil
  }

  /// Values of types that no builtin name stands for.
  private static let namelessTypes: [String: Expression] = [
    "PyNone_Type": .none, "PyEllipsis_Type": .name("Ellipsis"),
    "PyNotImplemented_Type": .name("NotImplemented"), "PyCFunction_Type": .name("len"),
    Interpreter.functionType: .name("len"),
  ]

  private static let types: [String: String] = [
    "PyLong_Type": "int", "PyFloat_Type": "float", "PyUnicode_Type": "str", "PyBytes_Type": "bytes",
    "PyByteArray_Type": "bytearray", "PyList_Type": "list", "PyTuple_Type": "tuple",
    "PyDict_Type": "dict", "PySet_Type": "set", "PyFrozenSet_Type": "frozenset",
    "PyBool_Type": "bool", "PyType_Type": "type", "PyBaseObject_Type": "object",
    "PyComplex_Type": "complex", "PySlice_Type": "slice", "PyProperty_Type": "property",
    "PySuper_Type": "super", "PyRange_Type": "range", "PyEnum_Type": "enumerate",
    "PyReversed_Type": "reversed", "PyZip_Type": "zip", "PyMap_Type": "map",
    "PyFilter_Type": "filter", "PyMemoryView_Type": "memoryview",
    "PyStaticMethod_Type": "staticmethod", "PyClassMethod_Type": "classmethod",
  ]
}
