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
  private let start: EntryState
  private let rewriteLimit: Int

  /// Looks a function up; nil if there is none of that name.
  package init?(
    _ module: OpenedModule, _ versions: VersionEvidence, function name: String,
    rewriteLimit: Int = .max
  ) {
    self.module = module
    self.rewriteLimit = rewriteLimit
    functions = FunctionDecompiler(module, versions)
    guard let start = functions.start(of: name) else { return nil }
    self.start = start
  }

  /// The text of the function after a pass; nil if it does not come that far.
  package func text(after pass: ExplainedPass) -> String? {
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
      guard let prepared = prepared() else { return nil }
      var printer = Printer(machine: module.program.machine)
      return printer.print(prepared.takeFunction())
    case .raise:
      guard let raiser = raiser() else { return nil }
      var printer = Printer(machine: module.program.machine, symbols: raiser.symbols)
      let text = printer.print(raiser.function)
      let lines = raiser.sites.sorted { $0.key < $1.key }
        .map { site in
          let temporaries = site.value.temporaries
            .map { " %\(raiser.function.resolve($0).number)" }.joined()
          return "# %\(site.key.number) failed on line \(site.value.line), releasing\(temporaries)"
        }
      let notes = ["# lines"] + lines + ["# variables"] + variables(of: raiser)
      return text + notes.joined(separator: "\n") + "\n"
    }
  }

  /// How often each rule applied, branch rules first.
  package func statistics() -> [String] {
    guard let raiser = raiser() else { return [] }
    return [raiser.branchCounts, raiser.counts].flatMap { counts in
      counts.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
    }
  }

  /// The steps that a source line was compiled to, as far as one of them can fail: where each
  /// stands in the binary, what it means, and the rule that says so.
  package func evidence(ofLine line: Int) -> [String] {
    guard let raiser = raiser() else { return [] }
    var printer = Printer(machine: module.program.machine, symbols: raiser.symbols)
    var result: [String] = []
    for block in raiser.function.reversePostorder() {
      for id in raiser.function[block].instructions where raiser.sites[id]?.line == line {
        let rule = raiser.rules[id].map { "  [rule for \($0)]" } ?? ""
        result.append(printer.print(id, alone: raiser.function) + rule)
      }
    }
    return result
  }

  private func prepared() -> PreparedFunction? {
    module.program.rewriteLimit = RewriteLimit(rewriteLimit)
    defer { module.program.rewriteLimit = RewriteLimit() }
    return PreparedFunction(module.program, from: start)
  }

  private func raiser() -> Raiser? {
    guard rewriteLimit < .max else { return functions.raised(from: start) }
    module.program.rewriteLimit = RewriteLimit(rewriteLimit)
    defer { module.program.rewriteLimit = RewriteLimit() }
    return functions.raisedAnew(from: start)
  }

  private func variables(of raiser: Raiser) -> [String] {
    raiser.locals.variables.map { variable in
      func numbers(_ ids: [Instruction.ID]) -> String {
        ids.map { " %\($0.number)→%\(raiser.function.resolve($0).number)" }.joined()
      }
      let parameter =
        variable.parameter.map { "; parameter \($0)" } ?? variable.copied.map {
          "; copy of parameter \($0)"
        } ?? ""
      return "# phis\(numbers(variable.phis)); values\(numbers(variable.values))\(parameter)"
    }
  }
}
