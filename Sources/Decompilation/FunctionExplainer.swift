import Basics
import IR
import Interpretation
package import ModuleRecovery
import Raising
import Simplification
import Structuring

/// A pass whose result can be printed.
package enum ExplainedPass: String, CaseIterable, Sendable {
  case construct, prune, raise
}

/// Prints functions as passes see them.
package final class FunctionExplainer {
  private let module: OpenedModule
  private let functions: FunctionDecompiler

  package init(_ module: OpenedModule, _ versions: VersionEvidence) {
    self.module = module
    functions = FunctionDecompiler(module, versions)
  }

  /// The text of a function after a pass; nil if there is no such function.
  package func explain(_ name: String, after pass: ExplainedPass) -> String? {
    guard let start = functions.start(of: name) else { return nil }
    switch pass {
    case .construct:
      guard
        let constructed = module.program.construct(
          at: start.snapshot.address, isGenerator: start.generatorScope != nil)
      else {
        return nil
      }
      var printer = Printer(machine: module.program.machine)
      return printer.print(constructed.takeFunction())
    case .prune:
      guard let prepared = PreparedFunction(module.program, from: start) else { return nil }
      var printer = Printer(machine: module.program.machine)
      return printer.print(prepared.takeFunction())
    case .raise:
      guard let raiser = functions.raised(from: start) else { return nil }
      var printer = Printer(machine: module.program.machine) { raiser.describe($0) }
      let text = printer.print(raiser.function)
      let counts = raiser.counts.sorted { $0.key < $1.key }.map { "# \($0.key): \($0.value)" }
      let lines = raiser.sites.sorted { $0.key < $1.key }
        .map { site in
          let temporaries = site.value.temporaries
            .map { " %\(raiser.function.resolve($0).number)" }.joined()
          return "# %\(site.key.number) failed on line \(site.value.line), releasing\(temporaries)"
        }
      let notes =
        ["# rules"] + counts + ["# lines"] + lines + ["# variables"] + variables(of: raiser)
      return text + notes.joined(separator: "\n") + "\n"
    }
  }

  private func variables(of raiser: Raiser) -> [String] {
    raiser.locals.variables.map { variable in
      func numbers(_ ids: [Instruction.ID]) -> String {
        ids.map { " %\($0.number)→%\(raiser.function.resolve($0).number)" }.joined()
      }
      return "# phis\(numbers(variable.phis)); values\(numbers(variable.values))"
    }
  }
}
