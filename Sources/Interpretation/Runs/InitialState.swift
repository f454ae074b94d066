import Basics
package import RuntimeModel

/// A module after its constants were made and before its own code runs.
package struct InitialState: Sendable {
  package let definition: ModuleDefinition
  /// The module's name with the packages that it is in.
  package let qualifiedName: String
  package let layout: ObjectLayout
  /// The writable memory of the module.
  package let memory: [(address: UInt64, bytes: [UInt8])]
  /// The objects that exist, by address.
  package let values: [UInt64: PythonValue]
  /// The items of tuples and lists.
  package let items: [UInt64: [UInt64]]
  /// The types that were made ready, in order.
  package let readyTypes: [UInt64]
  /// Where tables with the C methods of types of other modules are taken to lie, by type.
  package let foreignMethodTables: [UInt64: UInt64]
  /// The code objects, in the order of their creation.
  package let codeObjects: [UInt64]
  package let attributes: [ObjectWorld.Attribute]
  /// The module object and its dictionary.
  package let module: UInt64
  package let moduleDictionary: UInt64
  /// Where the module's own code starts.
  package let boundary: MachineSnapshot
  /// What the run met first of the module's own code, for people.
  package let event: String

  /// What a word of writable memory holds.
  package func word(at address: UInt64, size: Int) -> UInt64? {
    for region in memory where address >= region.address {
      let offset = address - region.address
      guard offset + UInt64(size) <= UInt64(region.bytes.count) else { continue }
      let bytes = region.bytes[Int(offset)..<(Int(offset) + size)]
      return bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
    return nil
  }
}

/// Why the state of a module before its own code could not be found.
package enum InitializationError: Error, Hashable, Sendable {
  /// The module has no `PyInit_` function, or it does not return a definition.
  case noModuleDefinition
  /// The run ended before the module's own code.
  case stopped(Interpreter.Outcome)
}
