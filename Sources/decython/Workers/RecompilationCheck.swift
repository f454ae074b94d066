import Decompilation
import Foundation

/// The check behind the rung `verified`: the recovered file is compiled and compared, function by
/// function, by another process of this program.
struct RecompilationCheck {
  /// What the grade of a verified function rests on.
  static let evidence = "compiled again and compared step by step"

  /// Raises the functions of a report that are the same as the original's.
  ///
  /// - Parameters:
  ///   - source: the recovered file.
  ///   - report: what is known of its functions.
  ///   - input: the module that it was recovered from.
  ///   - rounds: how many other forms are tried of functions that differ.
  /// - Returns: the file, with a line that says what was checked, and the report.
  /// - Throws: what keeps the file from being compiled.
  static func run(
    _ source: String, _ report: ModuleReport, _ input: ModuleInput, rounds: Int
  ) throws(Failure) -> (source: String, report: ModuleReport) {
    let rows = try verdicts(source, input)
    let known = Dictionary(grouping: rows, by: \.function)
    let structured = report.functions.filter { $0.rung == .structured }.map(\.name)
    let (source, repaired) = RepairSearch(rounds: rounds)
      .run(source, rows, structured) { text throws(Failure) in try verdicts(text, input) }
    var seen: [String: Int] = [:]
    var report = report
    for index in report.functions.indices {
      let name = report.functions[index].name
      let number = seen[name, default: 0]
      seen[name] = number + 1
      guard let rows = known[name], number < rows.count,
        report.functions[index].rung == .structured
      else { continue }
      if rows[number].verdict == "verified" {
        report.functions[index].rung = .verified
        report.functions[index].check = evidence
      } else if repaired.contains(name) {
        report.functions[index].rung = .verified
        report.functions[index].check = "in another form that was tried: " + evidence
      } else {
        report.functions[index].check = rows[number].text
      }
    }
    let count = report.functions.count { $0.rung == .verified }
    let line = "# \(count) of \(report.functions.count) functions are verified: \(evidence)."
    var lines = source.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
    lines.insert(Substring(line), at: min(1, lines.count))
    return (lines.joined(separator: "\n"), report)
  }

  static func verdicts(
    _ source: String, _ input: ModuleInput
  ) throws(Failure) -> [VerificationReport.Row] {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "decython-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let name = input.path.split(separator: "/").last.map(String.init) ?? "module.so"
    let module = folder.appending(path: name)
    let recovered = folder.appending(path: "recovered.py")
    try OutputPlan.write(Data(try input.bytes()), to: module.path)
    try OutputPlan.write(source, to: recovered.path)
    let process = Process()
    process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = ["verify", module.path, recovered.path, "--json"]
    let (output, errors) = (Pipe(), folder.appending(path: "errors"))
    _ = FileManager.default.createFile(atPath: errors.path, contents: nil)
    process.standardOutput = output
    process.standardError = FileHandle(forWritingAtPath: errors.path)
    do {
      try process.run()
    } catch {
      throw Failure(code: 1, "a process cannot be started")
    }
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard let document = try? JSONDecoder().decode(VerificationReport.self, from: data) else {
      let message = (try? String(contentsOf: errors, encoding: .utf8)) ?? ""
      throw Failure(
        code: Failure.mismatch,
        "\(Terminal.escaped(input.path)): not verified: "
          + message.replacing("decython: ", with: "").trimmingCharacters(
            in: .whitespacesAndNewlines))
    }
    return document.functions
  }
}
