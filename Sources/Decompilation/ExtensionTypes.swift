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
  private let module: OpenedModule
  private let layout: ObjectLayout
  /// Methods that Cython adds for `pickle` (Cython/Utility/ExtensionTypes.c).
  private static let added: Set<String> = ["__reduce_cython__", "__setstate_cython__"]
  /// More types or methods than anybody writes.
  private static let limit = 4096

  struct ExtensionType {
    let name: String
    let documentation: Text?
    let methods: [Method]
  }

  struct Method {
    let name: String
    /// The C function.
    let function: UInt64
    let flags: UInt64
    let documentation: Text?
  }

  init(_ module: OpenedModule) {
    self.module = module
    layout = module.state.layout
  }

  /// The types, in the order in which they lie in memory.
  func find() -> [ExtensionType] {
    var result: [ExtensionType] = []
    let step = UInt64(layout.pointerSize)
    for segment in module.image.segments where !segment.isExecutable {
      var address = segment.address &+ (step &- segment.address % step) % step
      while address < segment.end, result.count < Self.limit {
        if let type = type(at: address) { result.append(type) }
        address &+= step
      }
    }
    return result
  }

  private func type(at address: UInt64) -> ExtensionType? {
    // Until the module is loaded, nobody has said what the type's own type is.
    guard word(address &+ layout.type) == 0, word(address &+ layout.size) == 0,
      let path = text(at: address &+ layout.typeName)?.string,
      let size = word(address &+ layout.field(2)), size >= layout.field(0), size < 1 << 20
    else { return nil }
    let parts = path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard parts.count > 1, let name = parts.last, parts.dropLast().last == shortName,
      Identifiers.isValid(name),
      !name.hasPrefix("__pyx_")
    else { return nil }
    return ExtensionType(
      name: name, documentation: text(at: address &+ layout.field(20)),
      methods: methods(at: word(address &+ layout.typeMethods) ?? 0))
  }

  /// The last part of the module's name.
  private var shortName: String? {
    module.state.definition.name.split(separator: ".").last.map(String.init)
  }

  private func methods(at table: UInt64) -> [Method] {
    guard table != 0 else { return [] }
    var result: [Method] = []
    var address = table
    while result.count < Self.limit, let name = text(at: address)?.string, Identifiers.isValid(name)
    {
      result.append(
        Method(
          name: name, function: word(address &+ layout.methodFunction) ?? 0,
          flags: word(address &+ layout.methodFlags).map { $0 & 0xFFFF_FFFF } ?? 0,
          documentation: text(at: address &+ layout.methodDocumentation)))
      address &+= layout.words(4)
    }
    return result.filter { !Self.added.contains($0.name) }
  }

  private func word(_ address: UInt64) -> UInt64? { module.program.word(at: address) }

  /// The text to which memory points.
  private func text(at address: UInt64) -> Text? {
    guard let pointer = word(address), pointer != 0, let bytes = module.image.cString(at: pointer)
    else { return nil }
    return Text(utf8: Array(bytes))
  }
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
    let body = missing.map { method in
      Statement(
        .function(
          FunctionDefinition(
            name: method.name, parameters: method.parameters, decorators: method.decorators,
            docstring: method.documentation.map { .string($0) },
            body: FunctionDecompiler.missingBody(reason))))
    }
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

extension ExtensionTypes.Method {
  /// What `METH_NOARGS`, `METH_O` and the other flags in CPython's Include/methodobject.h say.
  fileprivate var parameters: Parameters {
    var result = Parameters()
    if flags & 0x20 == 0 { result.positional = [.init(flags & 0x10 == 0 ? "self" : "cls")] }
    if flags & 0x8 != 0 {
      result.positional.append(.init("value"))
    } else if flags & 0x4 == 0 {
      result.star = .init("args")
      if flags & 0x2 != 0 { result.doubleStar = .init("kwargs") }
    }
    return result
  }

  fileprivate var decorators: [Expression] {
    if flags & 0x10 != 0 { return [.name("classmethod")] }
    return flags & 0x20 != 0 ? [.name("staticmethod")] : []
  }
}
