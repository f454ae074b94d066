import ArgumentParser
import BinaryFormats
import Foundation
import ModuleRecovery
import RuntimeModel

/// `decython info FILE`.
struct Info: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tells which Cython, CPython and compiler built a module, and what tells so.")

  @Argument(help: "An extension module.")
  var file: String

  @Flag(help: "Prints JSON.")
  var json = false

  private struct Report: Codable {
    let file: String
    let isExtensionModule: Bool
    let pointerSize: Int
    let cython: String?
    let cythonEvidence: String
    let python: String?
    let pythonEvidence: String
    let compiler: String?
  }

  mutating func run() throws {
    let module: ModuleFile
    do {
      module = try ModuleFile(file)
    } catch {
      Failure(error, file: file).exit()
    }
    let versions = module.versions
    let report = Report(
      file: module.fileName,
      isExtensionModule: module.image.exports.keys.contains { $0.hasPrefix("PyInit") },
      pointerSize: 8, cython: versions.cython?.text, cythonEvidence: versions.cythonEvidence,
      python: versions.python.map { "\($0.major).\($0.minor)" },
      pythonEvidence: versions.pythonEvidence, compiler: versions.compiler)
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
      print(String(decoding: try encoder.encode(report), as: UTF8.self))
    } else {
      print("file      \(Terminal.escaped(report.file))")
      print("Cython    \(report.cython ?? "none")  (\(report.cythonEvidence))")
      print("CPython   \(report.python ?? "unknown")  (\(report.pythonEvidence))")
      print("compiler  \(Terminal.escaped(report.compiler ?? "unknown"))")
    }
  }
}
