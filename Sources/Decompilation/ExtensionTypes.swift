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
  static let added: Set<String> = ["__reduce_cython__", "__setstate_cython__"]
  /// More types than anybody writes.
  private static let limit = 4096

  struct ExtensionType {
    /// Where the `PyTypeObject` lies.
    let address: UInt64
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
      address: address, name: name, documentation: tables.text(at: address &+ layout.field(20)),
      methods: specialMethods(of: address)
        + tables.table(at: word(address &+ layout.typeMethods) ?? 0)
        .filter { !Self.added.contains($0.name) })
  }

  /// The methods that a type has in slots of its own (`Include/cpython/object.h`).
  private func specialMethods(of type: UInt64) -> [MethodDefinition] {
    Self.slots.compactMap { name, field, flags in
      guard let function = word(type &+ layout.field(field)), image.isExecutable(function) else {
        return nil
      }
      return MethodDefinition(
        address: type &+ layout.field(field), name: name, function: function, flags: flags,
        documentation: nil)
    }
  }

  /// Names, places among the words behind `ob_size`, and what `METH_` flags say of their arguments.
  private static let slots: [(name: String, field: Int, flags: UInt64)] = [
    ("__init__", 35, 3), ("__repr__", 9, 4), ("__str__", 15, 4), ("__hash__", 13, 4),
    ("__call__", 14, 3), ("__iter__", 25, 4), ("__next__", 26, 4),
  ]

  private func word(_ address: UInt64) -> UInt64? { image.pointer(at: address) }
}

extension ExtensionTypes.ExtensionType {
  static let comment =
    "decython: an extension type: special methods, and those that only C code calls, are missing"

  /// Adds to a class what the module's own code does not tell of it.
  ///
  /// - Parameters:
  ///   - definition: the class as far as it was written.
  ///   - base: the name of the type that it extends.
  ///   - known: the C functions that came back.
  /// - Returns: what is reported of the methods that are added.
  func complete(
    _ definition: inout ClassDefinition, base: String?, besides known: Set<UInt64>
  ) -> [FunctionReport] {
    definition.docstring = definition.docstring ?? documentation.map { .string($0) }
    if let base, definition.bases.isEmpty { definition.bases = [.name(base)] }
    definition.body.removeAll { statement in
      guard case .function(let function) = statement.kind else { return false }
      return ExtensionTypes.added.contains(function.name)
    }
    var written: Set<String> = []
    for statement in definition.body {
      if case .function(let function) = statement.kind { written.insert(function.name) }
    }
    let (statement, reports) = self.definition(besides: known, written)
    if case .class(let rest) = statement.kind {
      definition.body = rest.body.filter { $0.kind != .pass } + definition.body
    }
    return reports
  }

  /// The type as a class whose methods have no bodies.
  ///
  /// - Parameters:
  ///   - known: the C functions that came back otherwise.
  ///   - written: the names of the methods that did.
  /// - Returns: the class, and what is reported of its methods.
  func definition(
    besides known: Set<UInt64>, _ written: Set<String> = []
  ) -> (statement: Statement, reports: [FunctionReport]) {
    let reason = NotUnderstood("a method of an extension type")
    let missing = methods.filter { !known.contains($0.function) && !written.contains($0.name) }
    let body = missing.map { Statement(.function($0.definition(isMethod: true, reason))) }
    let definition = ClassDefinition(
      name: name, docstring: documentation.map { .string($0) },
      body: body.isEmpty ? [Statement(.pass)] : body)
    let reports = missing.map { method in
      FunctionReport(
        name: "\(name).\(method.name)", line: nil, address: method.function, rung: .outline,
        reason: reason.reason, reasonAddress: nil)
    }
    return (Statement(.class(definition), comments: [Self.comment]), reports)
  }
}
