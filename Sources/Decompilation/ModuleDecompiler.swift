import Basics
import Interpretation
package import ModuleRecovery
package import PythonSyntax
import Raising
import Structuring

/// Turns an opened module into Python.
package final class ModuleDecompiler {
  private let module: OpenedModule
  private let versions: VersionEvidence
  private var reports: [FunctionReport] = []
  private let supervision: Supervision
  private lazy var functions = FunctionDecompiler(module, versions, supervision)

  /// A module as Python, and how far each function came.
  package struct Result {
    package let source: Module
    package let reports: [FunctionReport]
  }

  private struct Place: Hashable {
    let name: String
    let address: UInt64
  }

  package init(
    _ module: OpenedModule, _ versions: VersionEvidence, _ supervision: Supervision = Supervision()
  ) {
    self.module = module
    self.supervision = supervision
    self.versions = versions
  }

  package func run() -> Result {
    var body = keepsAnnotationText ? moduleBody().withPlainAnnotations() : moduleBody()
    // A statement that is tried again defines its functions again.
    var seen: Set<Place> = []
    reports = (functions.reports + reports).filter {
      seen.insert(Place(name: $0.name, address: $0.address)).inserted
    }
    addLostFunctions(to: &body)
    addExtensionTypes(to: &body)
    let docstring = module.state.definition.docstring.flatMap { Text(utf8: $0) }
    return Result(
      source: Module(
        header: [], docstring: docstring.map { .string($0) }, body: body), reports: reports)
  }

  /// Adds what code objects tell of functions, if nothing else tells of any.
  private func addLostFunctions(to body: inout [Statement]) {
    guard reports.allSatisfy({ $0.name == "<module>" }) else { return }
    let reason = NotUnderstood("a function whose place is not known")
    for address in module.state.codeObjects {
      guard case .code(let code)? = module.state.values[address], let name = code.name.string,
        Identifiers.isValid(name), !name.hasPrefix("__pyx_")
      else { continue }
      let definition = FunctionDefinition(
        name: name, parameters: ParameterRecovery(code, module.state.layout).parameters,
        body: FunctionDecompiler.missingBody(reason))
      body.append(Statement(.function(definition)))
      reports.append(
        FunctionReport(
          name: name, line: code.firstLine, address: 0, rung: .outline, reason: reason.reason,
          reasonAddress: nil))
    }
  }

  /// Adds the types that no statement makes, before what may refer to them.
  private func addExtensionTypes(to body: inout [Statement]) {
    let known = Set(reports.map(\.address))
    let classes = Set(
      body.compactMap { statement in
        if case .class(let definition) = statement.kind { definition.name } else { nil }
      })
    let missing = ExtensionTypes(module).find().filter { !classes.contains($0.name) }
    let definitions = missing.map { $0.definition(besides: known) }
    reports += definitions.flatMap(\.reports)
    let start = body.prefix { statement in
      switch statement.kind {
      case .import, .importFrom, .comment: true
      default: false
      }
    }
    body.insert(contentsOf: definitions.map(\.statement), at: start.count)
  }

  private var keepsAnnotationText: Bool {
    versions.cython.map { $0 >= CythonVersion(3, 0) } ?? false
  }

  /// The statements of the module, or its definitions alone if those cannot be had.
  private func moduleBody() -> [Statement] {
    let start = EntryState(moduleBoundary: module.state.boundary)
    let address = module.state.definition.execute
    supervision.observe(.begin(address: address, name: "<module>"))
    defer { supervision.observe(.end) }
    var problem = supervision.skipped[address].map { NotUnderstood($0, at: address) }
    for isLenient in [false, true] where supervision.skipped[address] == nil {
      do {
        let body = try functions.body(
          from: start, scope: .module, isLenient: isLenient)
        report(isLenient ? .partial : .structured, problem)
        return body.filter { !$0.isTestDictionary }
      } catch {
        functions.forgetReports()
        problem = problem ?? error
      }
    }
    report(.outline, problem)
    return functions.definitions(from: start, scope: .module)
  }

  private func report(_ rung: Rung, _ problem: NotUnderstood?) {
    reports.append(
      FunctionReport(
        name: "<module>", line: 1, address: module.state.definition.execute, rung: rung,
        reason: problem?.reason, reasonAddress: problem?.address))
  }
}

extension Statement {
  /// `__test__ = {}`, which Cython adds at the end of every module.
  fileprivate var isTestDictionary: Bool {
    if case .assign([.name("__test__")], .dictionary) = kind { true } else { false }
  }
}
