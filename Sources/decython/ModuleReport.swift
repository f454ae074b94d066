import Decompilation
import Foundation
import ModuleRecovery
import RuntimeModel

/// What became of a module, for people and as JSON.
struct ModuleReport: Codable {
  let file: String
  let module: String
  let cython: String?
  let python: String?
  let functions: [FunctionReport]

  init(_ file: ModuleFile, _ module: String, _ functions: [FunctionReport]) {
    self.file = file.url.lastPathComponent
    self.module = module
    cython = file.versions.cython?.text
    python = file.versions.python.map { "\($0.major).\($0.minor)" }
    self.functions = functions
  }

  var isComplete: Bool { functions.allSatisfy { $0.rung == .structured } }

  /// One line for each module.
  func summary(writtenTo path: String) -> String {
    var counts: [Rung: Int] = [:]
    for function in functions { counts[function.rung, default: 0] += 1 }
    let parts = [Rung.structured, .partial, .outline].compactMap { rung in
      counts[rung].map { "\($0) \(rung.rawValue)" }
    }
    return "\(Terminal.escaped(path)): \(parts.joined(separator: ", "))"
  }

  /// The schema is versioned; its first version is 1.
  static func encode(_ reports: [ModuleReport]) throws -> Data {
    struct Document: Codable {
      var version = 1
      let modules: [ModuleReport]
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    return try encoder.encode(Document(modules: reports)) + Data("\n".utf8)
  }
}
