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
    let body = keepsAnnotationText ? moduleBody().withPlainAnnotations() : moduleBody()
    // A statement that is tried again defines its functions again.
    var seen: Set<Place> = []
    reports = (functions.reports + reports).filter {
      seen.insert(Place(name: $0.name, address: $0.address)).inserted
    }
    let docstring = module.state.definition.docstring.flatMap { Text(utf8: $0) }
    return Result(
      source: Module(
        header: [], docstring: docstring.map { .string($0) }, body: body), reports: reports)
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
