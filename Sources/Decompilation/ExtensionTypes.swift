import Basics
import BinaryFormats
import Interpretation
import ModuleRecovery
import PythonSyntax
import RuntimeModel
import Structuring

/// The types that a module writes in C: `cdef class`, or a class with a `.pxd` beside it.
///
/// Their code objects and their place in the module's code are often missing, but Cython writes a
/// static `PyTypeObject` for each (`generate_typeobj_definition` in Cython/Compiler/ModuleNode.py),
/// whose name is the module's and the type's, and a table of the methods.
struct ExtensionTypes {
  private let image: BinaryImage
  private let layout: ObjectLayout
  /// The last part of the module's name.
  private let moduleName: String
  private let tables: MethodTables
  /// Methods that Cython adds for `pickle` (Cython/Utility/ExtensionTypes.c).
  private static let added: Set<String> = ["__reduce_cython__", "__setstate_cython__"]
  /// More types than anybody writes.
  private static let limit = 4096

  struct ExtensionType {
    let name: String
    let documentation: Text?
    let methods: [MethodDefinition]
  }

  init(_ module: OpenedModule) {
    let name = module.state.definition.name.split(separator: ".").last.map(String.init)
    self.init(module.image, module.state.layout, moduleName: name ?? "")
  }

  init(_ image: BinaryImage, _ layout: ObjectLayout, moduleName: String) {
    self.image = image
    self.layout = layout
    self.moduleName = moduleName
    tables = MethodTables(image, layout)
  }

  /// The types, in the order in which they lie in memory.
  func find() -> [ExtensionType] {
    var result: [ExtensionType] = []
    let step = UInt64(layout.pointerSize)
    for segment in image.segments where !segment.isExecutable {
      var address = segment.address &+ (step &- segment.address % step) % step
      while address < segment.end, result.count < Self.limit {
        if let type = type(at: address) { result.append(type) }
        address &+= step
      }
    }
    return result
  }

  private func type(at address: UInt64) -> ExtensionType? {
    // Before the module is loaded, nobody has said what the type's own type is.
    guard word(address &+ layout.type) == 0, word(address &+ layout.size) == 0,
      let path = tables.text(at: address &+ layout.typeName)?.string,
      let size = word(address &+ layout.field(2)), size >= layout.field(0), size < 1 << 20
    else { return nil }
    let parts = path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard parts.count > 1, let name = parts.last, parts.dropLast().last == moduleName,
      Identifiers.isValid(name),
      !name.hasPrefix("__pyx_")
    else { return nil }
    return ExtensionType(
      name: name, documentation: tables.text(at: address &+ layout.field(20)),
      methods: tables.table(at: word(address &+ layout.typeMethods) ?? 0)
        .filter { !Self.added.contains($0.name) })
  }

  private func word(_ address: UInt64) -> UInt64? { image.pointer(at: address) }
}

extension ExtensionTypes.ExtensionType {
  /// The type as a class whose methods have no bodies.
  ///
  /// - Parameter known: the C functions that came back otherwise.
  /// - Returns: the class, and what is reported of its methods.
  func definition(
    besides known: Set<UInt64>
  ) -> (statement: Statement, reports: [FunctionReport]) {
    let reason = NotUnderstood("a method of an extension type")
    let missing = methods.filter { !known.contains($0.function) }
    let body = missing.map { Statement(.function($0.definition(isMethod: true, reason))) }
    let definition = ClassDefinition(
      name: name, docstring: documentation.map { .string($0) },
      body: body.isEmpty ? [Statement(.pass)] : body)
    let reports = missing.map { method in
      FunctionReport(
        name: "\(name).\(method.name)", line: nil, address: method.function, rung: .outline,
        reason: reason.reason, reasonAddress: nil)
    }
    let comment =
      "decython: an extension type: its bases, attributes and special methods are missing"
    return (Statement(.class(definition), comments: [comment]), reports)
  }
}
