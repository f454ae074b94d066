import ArgumentParser
import Decompilation
import Foundation
import Interpretation
import ModuleRecovery
import Verification

/// `decython verify ORIGINAL RECOVERED.py`.
struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Checks recovered Python against the module that it was recovered from.",
    discussion: """
      The recovered file is compiled with the Cython of the original's version, and every function is
      compared with the original's, step by step. Nothing of the original runs. Cython is fetched
      into the user's cache on first use.

      Exit codes: 0 every function is the same; 30 some are not.
      """)

  @Argument(help: "The extension module.")
  var original: String

  @Argument(help: "The recovered file.")
  var recovered: String

  @Flag(help: "Prints JSON.")
  var json = false

  struct Row: Codable {
    let function: String
    let verdict: String
    var reason: String?
    var originalLine: Int?
    var recoveredLine: Int?
    var originalStep: String?
    var recoveredStep: String?
  }

  struct Document: Codable {
    var version = 1
    let functions: [Row]
  }

  mutating func run() throws {
    let rows: [Row]
    do {
      rows = try verdicts()
    } catch let failure as Recompilation.Failure {
      Terminal.error("decython: " + Terminal.escaped(String(failure.description.prefix(2000))))
      throw ExitCode(1)
    } catch {
      Failure(error, file: original).exit()
    }
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
      print(String(decoding: try encoder.encode(Document(functions: rows)), as: UTF8.self))
    } else {
      for row in rows { print(row.text) }
    }
    let count = rows.count { $0.verdict == "verified" }
    Terminal.error("\(count) of \(rows.count) functions verified by recompiling")
    if count < rows.count { throw ExitCode(Failure.mismatch) }
  }

  private func verdicts() throws -> [Row] {
    let file = try ModuleFile(original)
    let module = try file.open()
    guard let cython = file.versions.cython, let python = file.versions.python else { return [] }
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "decython-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let binary = try Recompilation(cython: cython, python: python)
      .compile(
        URL(filePath: recovered), module: module.state.definition.name, in: folder)
    let twin = try ModuleFile(binary.path)
    let comparison = ModuleComparison(
      original: FunctionCatalogue(module, file.versions),
      recovered: FunctionCatalogue(try twin.open(as: python), file.versions))
    return comparison.verdicts.map { name, verdict in
      switch verdict {
      case .same: Row(function: name, verdict: "verified")
      case .unknown(let reason): Row(function: name, verdict: "unknown", reason: reason)
      case .different(let difference):
        Row(
          function: name, verdict: "different", originalLine: difference.originalLine,
          recoveredLine: difference.recoveredLine, originalStep: difference.original,
          recoveredStep: difference.recovered)
      }
    }
  }
}

extension Verify.Row {
  /// The verdict for people.
  var text: String {
    let name = Terminal.escaped(function)
    switch verdict {
    case "verified": return "\(name): verified"
    case "unknown": return "\(name): unknown: \(reason ?? "")"
    default:
      let lines = [originalLine.map { "line \($0)" }, recoveredLine.map { "recovered line \($0)" }]
        .compactMap(\.self).joined(separator: ", ")
      return """
        \(name): different\(lines.isEmpty ? "" : " (\(lines))")
          original:  \(Terminal.escaped(originalStep ?? ""))
          recovered: \(Terminal.escaped(recoveredStep ?? ""))
        """
    }
  }
}
