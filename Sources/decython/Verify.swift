import ArgumentParser
import Decompilation
import Foundation
import Interpretation
import ModuleRecovery
import RuntimeModel
import Verification

/// `decython verify ORIGINAL RECOVERED.py`.
struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Checks recovered Python against the module that it was recovered from.",
    discussion: """
      The recovered file is compiled with the Cython of the original's version, and every function is
      compared with the original's, step by step. Nothing of the original runs. Cython is fetched
      into the user's cache on first use.

      With --run and --tests the original does run, but only in a sandbox of bubblewrap: without a
      network and the user's files, on a system that it cannot write to, with limits on time and memory.

      Exit codes: 0 every function is the same; 23 there is no sandbox; 30 some functions are not the
      same, or a test fails that passes with the original.
      """)

  @Argument(help: "The extension module.")
  var original: String

  @Argument(help: "The recovered file.")
  var recovered: String

  @Flag(
    name: .customLong("run"),
    help: "Also calls the functions of both with made-up arguments, in a sandbox.")
  var runs = false

  @Option(help: "Also runs the tests in this folder with both, in a sandbox.")
  var tests: String?

  @Option(
    help:
      "A folder with what the module or its tests import; the package around the module is found.")
  var path: [String] = []

  @Option(help: "The most seconds for the calls of one function.")
  var seconds = 5

  @Option(help: "The most seconds for one run of the tests.")
  var testSeconds = 1800

  @Flag(help: "Prints JSON.")
  var json = false

  mutating func validate() throws {
    guard (1...3600).contains(seconds), (1...86400).contains(testSeconds) else {
      throw ValidationError("there must be a second at least, and an end")
    }
  }

  mutating func run() throws {
    let report: VerificationReport
    do {
      report = try verify()
    } catch let failure as VerificationFailure {
      Terminal.error("decython: " + Terminal.escaped(String(failure.description.prefix(2000))))
      throw ExitCode(failure.isSandbox ? Failure.noSandbox : 1)
    } catch {
      Failure(error, file: original).exit()
    }
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
      print(String(decoding: try encoder.encode(report), as: UTF8.self))
    } else {
      print(report.text)
    }
    Terminal.error(report.summary)
    if !report.isSame { throw ExitCode(Failure.mismatch) }
  }

  private func verify() throws -> VerificationReport {
    let file = try ModuleFile(original)
    let module = try file.open()
    guard let cython = file.versions.cython, let python = file.versions.python else {
      throw VerificationFailure(description: "the module's versions are not known")
    }
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "decython-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let interpreter = try Interpreter(python)
    let name = module.state.qualifiedName
    let place = ModulePlace(
      name: name, original: URL(filePath: original),
      paths: path.map { URL(filePath: $0, directoryHint: .isDirectory) })
    // A sandbox that is missing is told before anything takes time.
    let inSandbox =
      runs || tests != nil
      ? try SandboxedModule(place, interpreter: interpreter, folder: folder) : nil
    let recompilation = Recompilation(cython: cython, python: python, interpreter: interpreter)
    var check = RecompiledComparison(
      original: module, file: file, python: python, recompilation: recompilation)
    var report = VerificationReport()
    do throws(VerificationFailure) {
      try check.run(on: URL(filePath: recovered), in: folder)
    } catch {
      // What runs both does not need it.
      guard inSandbox != nil else { throw error }
      report.failure = String(error.description.prefix(2000))
    }
    report.functions = check.comparison.verdicts.map { .init($0.name, $0.verdict) }
    let source = URL(filePath: recovered)
    if let inSandbox, runs {
      report.add(
        try BehaviourRun(inSandbox, seconds: seconds).verdicts(
          original: URL(filePath: original), source: source, compiled: check.twin))
    }
    if let inSandbox, let tests {
      report.tests = try SuiteRun(inSandbox, seconds: testSeconds).verdict(
        tests: URL(filePath: tests), original: URL(filePath: original), recovered: source)
    }
    return report
  }
}

/// Compares a module with what was recovered from it, compiled again.
private struct RecompiledComparison {
  private(set) var comparison: ModuleComparison
  /// What was recovered, compiled in the usual way.
  private(set) var twin: URL?
  private let file: ModuleFile
  private let python: PythonVersion
  private let name: String
  private let recompilation: Recompilation

  init(
    original: OpenedModule, file: ModuleFile, python: PythonVersion, recompilation: Recompilation
  ) {
    comparison = ModuleComparison(original: FunctionCatalogue(original, file.versions))
    name = original.state.qualifiedName
    self.file = file
    self.python = python
    self.recompilation = recompilation
  }

  mutating func run(on source: URL, in folder: URL) throws(VerificationFailure) {
    var best: (generated: URL, count: Int)?
    var texts: Set<Data> = []
    for directive in Recompilation.directives where !comparison.isComplete {
      let generated: URL
      do throws(VerificationFailure) {
        generated = try recompilation.translate(
          source, module: name, directive: directive, in: folder)
      } catch {
        guard best != nil else { throw error }
        continue
      }
      // Most files have nothing that a directive is about.
      guard let text = try? Data(contentsOf: generated), texts.insert(text).inserted else {
        continue
      }
      let known = comparison.count
      let binary = try compare(generated, level: Recompilation.levels[0])
      let gain = comparison.count - known
      guard best.map({ $0.count < gain }) ?? true else { continue }
      best = (generated, gain)
      twin = binary
    }
    for level in Recompilation.levels.dropFirst() where !comparison.isComplete {
      if let best { _ = try compare(best.generated, level: level) }
    }
  }

  private mutating func compare(
    _ generated: URL, level: String
  ) throws(VerificationFailure) -> URL {
    let binary = try recompilation.compile(generated, level: level)
    if let module = try? ModuleFile(binary.path).open(as: python) {
      comparison.compare(with: FunctionCatalogue(module, file.versions))
    }
    return binary
  }
}
