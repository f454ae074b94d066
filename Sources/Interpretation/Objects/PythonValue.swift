package import Basics
package import BigInt

/// What an object of the modelled world is.
///
/// Contents of tuples and lists lie in memory, where
/// compiled code writes them.
package indirect enum PythonValue: Hashable, Sendable {
  case none
  case boolean(Bool)
  case ellipsis
  case notImplemented
  case integer(BigInt)
  case float(bits: UInt64)
  case complex(real: UInt64, imaginary: UInt64)
  case string(Text)
  case bytes([UInt8])
  case tuple
  case list
  /// Keys and values, in the order of insertion.
  case dictionary([DictionaryEntry])
  case set([UInt64])
  case frozenSet([UInt64])
  case slice(start: UInt64, stop: UInt64, step: UInt64)
  case code(CodeObject)
  /// A name of the `builtins` module.
  case builtin(String)
  /// A type that CPython or the module defines, by its C or Python name.
  case type(String)
  case module(String)
  /// The dictionary of the module that is being initialised.
  case moduleDictionary
  /// An attribute of an object whose value nobody knows.
  case attribute(of: UInt64, String)
  case capsule(name: String, pointer: UInt64)
  /// A function object over a `PyMethodDef`.
  case builtinFunction(definition: UInt64)
  /// The memory that a memoryview shows.
  case memoryView(address: UInt64, count: Int)
  /// Something that the model only passes around.
  case opaque(String)

  package struct DictionaryEntry: Hashable, Sendable {
    package let key: UInt64
    package var value: UInt64
  }
}

extension PythonValue {
  /// The number that an `int` is, if a C integer of eight bytes holds it.
  package var integer: Int64? {
    if case .integer(let number) = self { Int64(exactly: number) } else { nil }
  }
}

/// A code object, as the module's initialisation makes it.
package struct CodeObject: Hashable, Sendable {
  package var name = Text("")
  package var qualifiedName: Text?
  package var fileName = Text("")
  package var firstLine = 0
  package var argumentCount = 0
  package var positionalOnlyCount = 0
  package var keywordOnlyCount = 0
  package var localCount = 0
  package var flags = 0
  /// Arguments first, then locals.
  package var variableNames: [Text] = []
  /// The location table, where the module has one.
  package var lineTable: [UInt8] = []

  package init() {}
}
