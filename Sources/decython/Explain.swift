import ArgumentParser
import Decompilation
import Foundation

/// `decython explain FILE FUNCTION`.
struct Explain: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prints what is known of one function: its steps in the tool's own terms.")

  @Argument(help: "An extension module.")
  var file: String

  @Argument(help: "The qualified name of a function, such as Class.method.")
  var function: String

  @Option(help: "Stops after this pass: construct, prune or raise.")
  var stopAfter: String = "raise"

  mutating func run() throws {
    do {
      let module = try ModuleFile(file)
      guard let pass = ExplainedPass(rawValue: stopAfter) else {
        throw Failure(code: 2, "--stop-after: construct, prune or raise")
      }
      let explainer = FunctionExplainer(try module.open(), module.versions)
      guard let text = explainer.explain(function, after: pass) else {
        throw Failure(code: Failure.notFound, "no function \(Terminal.escaped(function)) was found")
      }
      print(text, terminator: "")
    } catch {
      Failure(error, file: file).exit()
    }
  }
}
