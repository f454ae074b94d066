package import Foundation

/// Runs a package's own tests in a sandbox, once with the original and once with the recovered file.
package struct SuiteRun {
  /// A test that fares worse with the recovered file.
  package struct Loss: Codable, Sendable {
    package let test: String
    package let original: String
    package let recovered: String
    /// What the test says.
    package let message: String
  }

  package struct Verdict: Codable, Sendable {
    package let runner: String
    /// How many tests ended in each way.
    package let original: [String: Int]
    package let recovered: [String: Int]
    package let worse: [Loss]
  }

  private struct Row: Decodable {
    let test: String?
    let outcome: String?
    let text: String?
    let runner: String?
    let file: String?
  }

  private struct Outcomes {
    var tests: [String: (outcome: String, text: String)] = [:]
    var runner = ""

    var counts: [String: Int] {
      Dictionary(grouping: tests.values, by: \.outcome).mapValues(\.count)
    }
  }

  private let module: SandboxedModule
  private let seconds: Int

  /// - Parameters:
  ///   - module: where the module stands, and what runs it.
  ///   - seconds: the most time for one run of the tests.
  package init(_ module: SandboxedModule, seconds: Int) {
    self.module = module
    self.seconds = seconds
  }

  /// - Throws: that the tests cannot be run, or do not import the module.
  package func verdict(
    tests: URL, original: URL, recovered: URL
  ) throws(VerificationFailure) -> Verdict {
    let original = try module.copy(original, to: "original.so")
    let recovered = try module.copy(recovered, to: "recovered.py")
    let first = try run(tests, on: original, "the original")
    let second = try run(tests, on: recovered, "the recovered file")
    let isGood: Set<String> = ["passed", "skipped", "expected failure"]
    var worse: [Loss] = []
    for (name, test) in first.tests.sorted(by: { $0.key < $1.key })
    where isGood.contains(test.outcome) {
      let other = second.tests[name] ?? ("did not run", "")
      guard other.outcome != test.outcome,
        !isGood.contains(other.outcome) || test.outcome == "passed"
      else { continue }
      worse.append(
        .init(
          test: name, original: test.outcome, recovered: other.outcome, message: other.text))
    }
    // A file that cannot be collected with the recovered module has no tests of its own.
    for (name, test) in second.tests.sorted(by: { $0.key < $1.key })
    where first.tests[name] == nil && !isGood.contains(test.outcome) {
      worse.append(
        .init(test: name, original: "passed", recovered: test.outcome, message: test.text))
    }
    return Verdict(
      runner: first.runner, original: first.counts, recovered: second.counts, worse: worse)
  }

  private func run(
    _ tests: URL, on file: URL, _ what: String
  ) throws(VerificationFailure) -> Outcomes {
    let name = tests.resolvingSymlinksInPath().lastPathComponent
    let target = "/tests/" + name
    let mount = Sandbox.Mount(source: tests.resolvingSymlinksInPath().path, target: target)
    let lines = try module.run("suite.py", [target], on: file, mounts: [mount], seconds: seconds)
    var outcomes = Outcomes()
    var isOver = false
    for line in lines {
      guard let row = try? JSONDecoder().decode(Row.self, from: line) else { continue }
      if let test = row.test, let outcome = row.outcome {
        outcomes.tests[test] = (outcome, row.text ?? "")
      }
      guard let runner = row.runner else { continue }
      isOver = true
      outcomes.runner = runner
      guard row.file == module.place.target(of: file) else {
        let found =
          row.file.map { "they import \($0)" } ?? "they do not import \(module.place.name)"
        throw VerificationFailure(description: "the tests say nothing of \(what): \(found)")
      }
    }
    guard isOver else {
      throw VerificationFailure(
        description: "the tests of \(what) did not come to an end within \(seconds) seconds")
    }
    guard !outcomes.tests.isEmpty else {
      throw VerificationFailure(description: "there are no tests in \(name)")
    }
    return outcomes
  }
}
