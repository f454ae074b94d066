import Basics
import BinaryFormats
package import IR
import Interpretation
package import RuntimeModel

/// A type that a module writes in C: `cdef class`, or a class with a `.pxd` beside it.
package struct ExtensionType: Sendable {
  /// Where its `PyTypeObject` lies.
  package let address: UInt64
  package let name: String
  /// The name with that of the module in front.
  package let path: String
  /// The size of an object, in bytes.
  package let size: UInt64
  /// The type that it extends, `object` for most.
  package let base: UInt64
  /// Where the table of its C methods lies, if it has any.
  package let methodTable: UInt64?
  /// The attributes that are fields of the object's structure, by their distance from its start.
  package var fields: [UInt64: Field] = [:]
  /// Whether another module defines it.
  package let isForeign: Bool

  package init(
    address: UInt64, name: String, path: String, size: UInt64, base: UInt64, methodTable: UInt64?,
    isForeign: Bool = false
  ) {
    self.address = address
    self.name = name
    self.path = path
    self.size = size
    self.base = base
    self.methodTable = methodTable
    self.isForeign = isForeign
  }

  /// An attribute that lies in an object itself (`generate_objstruct_definition` in
  /// `Cython/Compiler/ModuleNode.py`).
  package struct Field: Hashable, Sendable {
    package let name: String
    package let kind: Kind
    /// The extension type of the object in it, where that is known.
    package var type: UInt64?

    package init(_ name: String, _ kind: Kind) {
      self.name = name
      self.kind = kind
    }

    package enum Kind: Hashable, Sendable {
      case object
      /// `bint`, a C `int`.
      case truth
      /// A C integer of so many bytes.
      case integer(Int)
      case double
    }
  }
}

/// The extension types of a module.
package struct ExtensionTypeTable {
  private var types: [UInt64: ExtensionType] = [:]
  /// The types by the dictionaries in which their methods lie.
  private var byDictionary: [UInt64: UInt64] = [:]
  /// The types that the module takes from other modules, with the paths of their names.
  package private(set) var foreign: [(address: UInt64, path: String)] = []
  private var foreignTables: [UInt64: UInt64] = [:]
  /// The types of objects in fields of closure scopes.
  package var ofCells: [ScopeField: UInt64] = [:]

  init(_ image: BinaryImage, _ state: InitialState) {
    let layout = state.layout
    func word(_ address: UInt64) -> UInt64 {
      state.word(at: address, size: layout.pointerSize) ?? 0
    }
    for address in state.readyTypes {
      let nameAddress = word(address &+ layout.typeName)
      if nameAddress == 0, case .type(let path)? = state.values[address],
        path.contains("."), !path.hasPrefix("_cython")
      {
        foreign.append((address, path))
        foreignTables[address] = state.foreignMethodTables[address]
      }
      guard let bytes = image.cString(at: nameAddress) else { continue }
      let path = String(decoding: bytes, as: UTF8.self).split(separator: ".")
      // Cython's own types of functions and generators stand in a module `_cython_VERSION`.
      guard path.count > 1, let first = path.first, !first.hasPrefix("_cython"),
        let name = path.last, !name.hasPrefix("__pyx_")
      else { continue }
      types[address] = ExtensionType(
        address: address, name: String(name), path: path.joined(separator: "."),
        size: word(address &+ layout.typeBasicSize),
        base: word(address &+ layout.typeBase),
        methodTable: Self.methodTable(word(address &+ layout.typeDict), state))
      byDictionary[word(address &+ layout.typeDict)] = address
    }
    byDictionary[0] = nil
  }

  /// What a type's dictionary says of its C methods (`__Pyx_SetVtable` in `Cython/Utility/ImportExport.c`).
  private static func methodTable(_ dictionary: UInt64, _ state: InitialState) -> UInt64? {
    guard case .dictionary(let entries)? = state.values[dictionary] else { return nil }
    for entry in entries {
      guard case .string(let key)? = state.values[entry.key], key.string == "__pyx_vtable__",
        case .capsule(_, let pointer)? = state.values[entry.value]
      else { continue }
      return pointer
    }
    return nil
  }

  /// Whether the first field of some type may be a number: a load from there tells nothing of sizes then.
  package func hasNumberFirst(_ layout: ObjectLayout) -> Bool {
    types.values.contains { type in
      guard !type.isForeign, type.methodTable == nil, type.size > layout.fields else {
        return false
      }
      return field(at: layout.fields, of: type.address)?.kind != .object
    }
  }

  /// The types that the module defines, in the order of their addresses.
  package var all: [ExtensionType] {
    types.values.filter { !$0.isForeign }.sorted { $0.address < $1.address }
  }

  /// Adds a type of another module.
  package mutating func add(_ type: ExtensionType) { types[type.address] = type }

  /// Where the table of methods of a type of another module would lie, if the module asked for it.
  package func methodTable(ofForeign type: UInt64) -> UInt64? { foreignTables[type] }

  /// Whether a word stands for an entry in the table of methods of a type of another module.
  package func isEntryOfForeign(_ word: UInt64) -> Bool {
    foreignTables.values.contains { word >= $0 && word < $0 &+ Interpreter.foreignTableSize }
  }

  /// The fields of a type and of those that it extends.
  package func allFields(of type: UInt64) -> [UInt64: ExtensionType.Field] {
    var result: [UInt64: ExtensionType.Field] = [:]
    var next: UInt64? = type
    for _ in 0..<32 {
      guard let found = next.flatMap({ types[$0] }) else { break }
      result.merge(found.fields) { first, _ in first }
      next = found.base
    }
    return result
  }

  package var isEmpty: Bool { types.isEmpty }

  package func type(at address: UInt64) -> ExtensionType? { types[address] }

  /// The type whose methods lie in a dictionary.
  package func type(withDictionary address: UInt64) -> ExtensionType? {
    byDictionary[address].flatMap { types[$0] }
  }

  /// The field at a distance from the start of an object, which may be one of a type that it extends.
  package func field(at offset: UInt64, of type: UInt64) -> ExtensionType.Field? {
    var next: UInt64? = type
    for _ in 0..<32 {
      guard let found = next.flatMap({ types[$0] }) else { return nil }
      if let field = found.fields[offset] { return field }
      next = found.base
    }
    return nil
  }

  package mutating func setField(
    _ field: ExtensionType.Field, at offset: UInt64, of type: UInt64
  ) {
    types[type]?.fields[offset] = field
  }

  /// Says what a field is known to hold from what is stored into it.
  package mutating func setType(_ held: UInt64, ofFieldAt offset: UInt64, of type: UInt64) {
    var next: UInt64? = type
    for _ in 0..<32 {
      guard let address = next, let found = types[address] else { return }
      if let field = found.fields[offset] {
        if field.type == nil { types[address]?.fields[offset]?.type = held }
        return
      }
      next = found.base
    }
  }
}
