import BinaryFormats
import Interpretation
import ModuleRecovery
import RuntimeModel

/// Finds out what is in objects of types that other modules of the package define in C (`cimport`).
///
/// ```
/// %5 = load %s + 232        →     %5 = attribute(sy) %s
/// ```
/// A module that is compiled with such a type takes attributes from the object's memory, and methods from a
/// table, without a name (`__Pyx_ImportType` and `__Pyx_GetVtable` in `Cython/Utility/ImportExport.c`). The
/// names are in the module that defines the type, if that lies beside this one.
struct ForeignTypes {
  private let module: OpenedModule
  /// Reads a module's extension types and their fields.
  private let neighbour: (String) -> FunctionDecompiler?
  private let layout: ObjectLayout
  /// More entries than a table of methods has.
  private static let limit: UInt64 = 512

  init(_ module: OpenedModule, _ neighbour: @escaping (String) -> FunctionDecompiler?) {
    self.module = module
    self.neighbour = neighbour
    layout = module.state.layout
  }

  /// Adds the types that are found to those of the module.
  func find() {
    let program = module.program
    let foreign = program.extensionTypes.foreign
    for (address, path) in foreign {
      let parts = path.split(separator: ".")
      guard parts.count > 1, let name = parts.last.map(String.init),
        let home = neighbour(parts.dropLast().joined(separator: "."))
      else { continue }
      let types = home.module.program.extensionTypes
      guard let type = types.all.first(where: { $0.path == path }) else { continue }
      let table = program.extensionTypes.methodTable(ofForeign: address)
      var found = ExtensionType(
        address: address, name: name, path: path, size: type.size, base: 0, methodTable: table,
        isForeign: true)
      for (offset, field) in types.allFields(of: type.address) {
        found.fields[offset] = translated(field, from: types, foreign)
      }
      program.extensionTypes.add(found)
      if let table, let own = type.methodTable { addMethods(of: own, in: home.module, to: table) }
    }
  }

  /// A field whose type, if the other module knows it, is one that this module knows by the same name.
  private func translated(
    _ field: ExtensionType.Field, from types: ExtensionTypeTable,
    _ foreign: [(address: UInt64, path: String)]
  ) -> ExtensionType.Field {
    var result = field
    let path = field.type.flatMap { types.type(at: $0) }?.path
    result.type = path.flatMap { path in foreign.first { $0.path == path }?.address }
    return result
  }

  /// Tells the methods in the table of a type, by the addresses that stand for its entries.
  private func addMethods(of own: UInt64, in home: OpenedModule, to table: UInt64) {
    for index in 0..<Self.limit {
      let entry = index * UInt64(layout.pointerSize)
      guard let function = home.program.word(at: own &+ entry), function != 0 else { return }
      guard
        home.image.isExecutable(function) || home.program.extensionTypes.isEntryOfForeign(function)
      else { return }
      if let path = home.program.cFunctionPath(at: function) {
        module.program.foreignMethods[table &+ entry] = path
      }
    }
  }
}
