import Foundation
import Verification

/// What `verify` found, for people and as JSON.
struct VerificationReport: Codable {
  /// What is known of one function.
  struct Row: Codable {
    let function: String
    var verdict: String
    var reason: String?
    var originalLine: Int?
    var recoveredLine: Int?
    var originalStep: String?
    var recoveredStep: String?
    /// What calls of it say.
    var run: BehaviourRun.Verdict?

    init(_ name: String, _ verdict: ModuleComparison.Verdict) {
      function = name
      switch verdict {
      case .same: self.verdict = "verified"
      case .unknown(let reason):
        self.verdict = "unknown"
        self.reason = reason
      case .different(let difference):
        self.verdict = "different"
        originalLine = difference.originalLine
        recoveredLine = difference.recoveredLine
        originalStep = difference.original
        recoveredStep = difference.recovered
      }
    }
  }

  var version = 1
  var functions: [Row] = []
  /// Why the recovered file could not be compiled.
  var failure: String?
  var tests: SuiteRun.Verdict?

  var isSame: Bool {
    functions.allSatisfy { $0.verdict == "verified" } && tests?.worse.isEmpty ?? true
  }

  /// Takes in what calls say: a call that differs outweighs that the code looked the same.
  mutating func add(_ verdicts: [BehaviourRun.Key: BehaviourRun.Verdict]) {
    var seen: [String: Int] = [:]
    for index in functions.indices {
      let name = functions[index].function
      let number = seen[name, default: 0]
      seen[name] = number + 1
      let key = BehaviourRun.Key(name: name, number: number)
      let verdict =
        verdicts[key] ?? .init(kind: .none, reason: "it is not called from outside")
      functions[index].run = verdict
      if verdict.kind == .different { functions[index].verdict = "different" }
    }
  }

  var summary: String {
    let count = functions.count { $0.verdict == "verified" }
    var parts = ["\(count) of \(functions.count) functions verified by recompiling"]
    let runs = functions.compactMap(\.run)
    if !runs.isEmpty {
      let (same, other) = (runs.count { $0.kind == .same }, runs.count { $0.kind == .different })
      parts.append("\(same) act alike when called, \(other) do not")
    }
    if let tests {
      let passed = tests.original["passed", default: 0]
      parts.append(
        tests.worse.isEmpty
          ? "no test fares worse (\(passed) pass)" : "\(tests.worse.count) tests fare worse")
    }
    return parts.joined(separator: "; ")
  }

  var text: String {
    var lines: [String] = []
    if let failure { lines.append("not compiled: \(Terminal.escaped(failure))") }
    lines += functions.map(\.text)
    for loss in tests?.worse ?? [] {
      lines.append("test \(Terminal.escaped(loss.test)): \(loss.original), now \(loss.recovered)")
      let message = loss.message.split(separator: "\n").suffix(6)
      lines += message.map { "  " + Terminal.escaped(String($0)) }
    }
    return lines.joined(separator: "\n")
  }
}

extension VerificationReport.Row {
  /// The verdict for people.
  var text: String {
    [codeText, runText].compactMap(\.self).joined(separator: "\n")
  }

  private var codeText: String {
    let name = Terminal.escaped(function)
    guard originalStep != nil else {
      let end = verdict == "unknown" ? ": \(Terminal.escaped(reason ?? ""))" : ""
      return "\(name): \(verdict)\(end)"
    }
    let lines = [originalLine.map { "line \($0)" }, recoveredLine.map { "recovered line \($0)" }]
      .compactMap(\.self).joined(separator: ", ")
    return """
      \(name): different\(lines.isEmpty ? "" : " (\(lines))")
        original:  \(Terminal.escaped(originalStep ?? ""))
        recovered: \(Terminal.escaped(recoveredStep ?? ""))
      """
  }

  private var runText: String? {
    guard let run else { return nil }
    switch run.kind {
    case .same: return "  alike in \(run.calls) calls"
    case .none: return "  not called: \(Terminal.escaped(run.reason ?? ""))"
    case .different:
      func short(_ text: String?) -> String { Terminal.escaped(String((text ?? "").prefix(300))) }
      return """
          called with \(short(run.call)):
            original:  \(short(run.original))
            recovered: \(short(run.recovered))
        """
    }
  }
}
