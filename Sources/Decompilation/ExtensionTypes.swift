import Basics
import BinaryFormats
import Interpretation
import ModuleRecovery
import PythonSyntax
import RuntimeModel
import Simplification
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
    /// Those that its slots name, and those of its table.
    let specialMethods: [NativeFunction]
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
      specialMethods: specialMethods(of: address, named: name),
      methods: tables.table(at: word(address &+ layout.typeMethods) ?? 0)
        .filter { !Self.added.contains($0.name) })
  }

  /// The methods that a type has in slots of its own (`Include/cpython/object.h`).
  private func specialMethods(of type: UInt64, named name: String) -> [NativeFunction] {
    Self.slots.compactMap { slot in
      let table = slot.table == 0 ? type : word(type &+ layout.field(slot.table)) ?? 0
      let place = slot.table == 0 ? layout.field(slot.place) : layout.words(slot.place)
      guard table != 0, let function = word(table &+ place), function != 0,
        image.isExecutable(function), tables.isStart(function)
      else { return nil }
      return NativeFunction(
        name: "\(name).\(slot.name)", address: function, type: type, parameters: slot.parameters,
        result: slot.result)
    }
  }

  /// A slot that holds the wrapper of a special method itself (`Cython/Compiler/TypeSlots.py`).
  private struct Slot {
    let name: String
    /// The place of the pointer to its table among the words behind `ob_size`; 0 if the type is its table.
    var table = 0
    /// Its place in the table.
    let place: Int
    var parameters = NativeFunction.Arguments.fixed(["self"])
    var result = NativeResult.object
  }

  private static let slots = [
    Slot(name: "__init__", place: 35, parameters: .packed, result: .status),
    Slot(name: "__repr__", place: 9), Slot(name: "__str__", place: 15),
    Slot(name: "__hash__", place: 13, result: .number),
    Slot(name: "__call__", place: 14, parameters: .packed),
    Slot(name: "__iter__", place: 25), Slot(name: "__next__", place: 26),
    Slot(name: "__bool__", table: 10, place: 9, result: .truth),
    Slot(name: "__len__", table: 11, place: 0, result: .number),
    Slot(
      name: "__contains__", table: 11, place: 7, parameters: .fixed(["self", "item"]),
      result: .truth),
    Slot(name: "__getitem__", table: 12, place: 1, parameters: .fixed(["self", "key"])),
  ]

  private func word(_ address: UInt64) -> UInt64? { image.pointer(at: address) }
}

extension ExtensionTypes.ExtensionType {
  static let comment =
    "decython: an extension type: some special methods and the defaults of attributes are missing"

  /// Adds to a class what the module's own code does not tell of it.
  ///
  /// - Parameters:
  ///   - definition: the class as far as it was written.
  ///   - base: the name of the type that it extends.
  ///   - known: the C functions that came back.
  ///   - more: other methods that came back.
  /// - Returns: what is reported of the methods of which nothing else is known.
  func complete(
    _ definition: inout ClassDefinition, base: String?, besides known: Set<UInt64>,
    with more: [FunctionDefinition]
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
    for function in more where written.insert(function.name).inserted {
      definition.body.insertByLine(Statement(.function(function)))
    }
    let (rest, reports) = outlines(of: methods.map(\.outline), besides: known, written)
    definition.body = rest + definition.body
    return reports
  }

  /// The type as a class whose methods have no bodies.
  func definition() -> (statement: Statement, reports: [FunctionReport]) {
    let (body, reports) = outlines(
      of: specialMethods.map(\.outline) + methods.map(\.outline), besides: [], [])
    let definition = ClassDefinition(
      name: name, docstring: documentation.map { .string($0) },
      body: body.isEmpty ? [Statement(.pass)] : body)
    return (Statement(.class(definition), comments: [Self.comment]), reports)
  }

  /// Methods without their bodies.
  ///
  /// - Parameters:
  ///   - methods: where they start, and what is written of them.
  ///   - known: the C functions that came back otherwise.
  ///   - written: the names of the methods that did.
  /// - Returns: their definitions, and what is reported of them.
  private func outlines(
    of methods: [(address: UInt64, make: (NotUnderstood) -> FunctionDefinition)],
    besides known: Set<UInt64>, _ written: Set<String>
  ) -> (body: [Statement], reports: [FunctionReport]) {
    let reason = NotUnderstood("a method of an extension type")
    var body: [Statement] = []
    var reports: [FunctionReport] = []
    for method in methods where !known.contains(method.address) {
      let definition = method.make(reason)
      guard !written.contains(definition.name) else { continue }
      body.append(Statement(.function(definition)))
      reports.append(
        FunctionReport(
          name: "\(name).\(definition.name)", line: nil, address: method.address, rung: .outline,
          reason: reason.reason, reasonAddress: nil))
    }
    return (body, reports)
  }
}

extension MethodDefinition {
  fileprivate var outline: (address: UInt64, make: (NotUnderstood) -> FunctionDefinition) {
    (function, { definition(isMethod: true, $0) })
  }
}

extension NativeFunction {
  fileprivate var outline: (address: UInt64, make: (NotUnderstood) -> FunctionDefinition) {
    (
      address,
      { reason in
        var result = Parameters()
        switch parameters {
        case .fixed(let names), .optional(let names, _): result.positional = names.map { .init($0) }
        case .packed:
          result.positional = [.init("self")]
          result.star = .init("args")
          result.doubleStar = .init("kwargs")
        }
        return FunctionDefinition(
          name: lastName, parameters: result, body: FunctionDecompiler.missingBody(reason))
      }
    )
  }
}
