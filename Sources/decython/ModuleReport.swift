import Decompilation
import Foundation
import ModuleRecovery
import PythonSyntax
import RuntimeModel

/// What became of a module, for people and as JSON.
struct ModuleReport: Codable {
  let file: String
  let module: String
  let cython: String?
  let python: String?
  var functions: [FunctionReport]
  /// Where statements stand in the file, for this program alone.
  var places: SourcePlaces?

  init(_ file: ModuleFile, _ module: String, _ functions: [FunctionReport]) {
    self.file = file.fileName
    self.module = module
    cython = file.versions.cython?.text
    python = file.versions.python.map { "\($0.major).\($0.minor)" }
    self.functions = functions
  }

  var isComplete: Bool { functions.allSatisfy { $0.rung >= .structured } }

  /// One line for each module.
  func summary(writtenTo path: String) -> String {
    var counts: [Rung: Int] = [:]
    for function in functions { counts[function.rung, default: 0] += 1 }
    let parts = [Rung.verified, .structured, .partial, .outline].compactMap { rung in
      counts[rung].map { "\($0) \(rung.rawValue)" }
    }
    let summary = "\(Terminal.escaped(path)): \(parts.joined(separator: ", "))"
    guard let own = functions.first(where: { $0.name == "<module>" }), own.rung == .outline,
      let reason = own.reason
    else { return summary }
    return "\(summary) (the module's own code: \(Terminal.escaped(reason)))"
  }

  /// The schema is versioned; its first version is 1.
  static func encode(_ reports: [ModuleReport], _ failures: [Failure]) throws(Failure) -> Data {
    struct Problem: Codable {
      let code: Int32
      let message: String
    }
    struct Document: Codable {
      var version = 1
      let modules: [ModuleReport]
      let failures: [Problem]
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    let reports = reports.map { report in
      var report = report
      report.places = nil
      return report
    }
    let problems = failures.map { Problem(code: $0.code, message: $0.message) }
    guard let data = try? encoder.encode(Document(modules: reports, failures: problems)) else {
      throw Failure(code: 1, "internal error: the report cannot be written")
    }
    return data + Data("\n".utf8)
  }
}
