import ArgumentParser
import Decompilation
import Foundation

/// `decython explain FILE FUNCTION`.
struct Explain: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prints what is known of one function: its steps in the tool's own terms.")

  @Argument(help: "An extension module.")
  var file: String

  @Argument(
    help:
      "The qualified name of a function, such as Class.method; with :LINE, that line's evidence.")
  var function: String

  @Option(help: "Stops after this pass: construct, prune or raise.")
  var stopAfter: ExplainedPass = .raise

  @Option(help: "Prints the function after this pass, too; may be repeated.")
  var printAfter: [ExplainedPass] = []

  @Option(help: "Applies the first rewrites only, so many.")
  var rewriteLimit: Int?

  @Flag(help: "Prints how often each rule applied.")
  var statistics = false

  mutating func run() throws {
    do throws(Failure) {
      let module = try ModuleFile(file)
      let (name, line) = place
      let opened = try module.open()
      guard
        let explainer = FunctionExplainer(
          opened, module.versions, function: name, rewriteLimit: max(0, rewriteLimit ?? .max))
      else {
        throw Failure(code: Failure.notFound, "no function \(Terminal.escaped(name)) was found")
      }
      if let line {
        for text in explainer.evidence(ofLine: line) { print(text) }
      } else {
        try explain(explainer)
      }
      if statistics {
        print("# rules")
        for text in explainer.statistics() { print("# " + text) }
      }
    } catch {
      error.exit()
    }
  }

  /// The function's name, and the line behind it.
  private var place: (name: String, line: Int?) {
    guard let colon = function.lastIndex(of: ":"),
      let line = Int(function[function.index(after: colon)...])
    else { return (function, nil) }
    return (String(function[..<colon]), line)
  }

  private func explain(_ explainer: FunctionExplainer) throws(Failure) {
    for pass in ExplainedPass.allCases {
      if printAfter.contains(pass) || pass == stopAfter {
        guard let text = explainer.text(after: pass) else {
          throw Failure(
            code: Failure.notFound, "\(Terminal.escaped(function)) does not come to \(pass)")
        }
        if !printAfter.isEmpty { print("# after \(pass)") }
        print(text, terminator: "")
      }
      if pass == stopAfter { break }
    }
  }
}

extension ExplainedPass: ExpressibleByArgument {}
