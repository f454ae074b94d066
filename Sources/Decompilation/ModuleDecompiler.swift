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
  private lazy var functions = FunctionDecompiler(module, versions)

  /// A module as Python, and how far each function came.
  package struct Result {
    package let source: Module
    package let reports: [FunctionReport]
  }

  package init(_ module: OpenedModule, _ versions: VersionEvidence) {
    self.module = module
    self.versions = versions
  }

  package func run() -> Result {
    let body = moduleBody()
    reports = functions.reports + reports
    let docstring = module.state.definition.docstring.flatMap { Text(utf8: $0) }
    return Result(
      source: Module(
        header: [], docstring: docstring.map { .string($0) }, body: body), reports: reports)
  }

  /// The statements of the module, or its definitions alone if those cannot be had.
  private func moduleBody() -> [Statement] {
    let start = EntryState(moduleBoundary: module.state.boundary)
    var problem: NotUnderstood?
    for isLenient in [false, true] {
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
    return functions.outline(from: start)
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
