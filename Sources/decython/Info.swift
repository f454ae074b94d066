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
    var version = 1
    let file: String
    let isExtensionModule: Bool
    let format: String
    let architecture: String
    let pointerSize: Int
    let cython: String?
    /// Whether the release is known, or only the family.
    let cythonIsExact: Bool
    let cythonEvidence: String
    let python: String?
    let pythonEvidence: String
    let abiFlags: String
    let abiFlagsEvidence: String
    let limitedAPI: Bool
    let limitedAPIEvidence: String
    let compiler: String?
    let compilerEvidence: String
    let isStripped: Bool
  }

  mutating func run() throws {
    let report: Report
    do throws(Failure) {
      report = Self.report(try ModuleFile(file))
    } catch {
      error.exit()
    }
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
      print(String(decoding: try encoder.encode(report), as: UTF8.self))
    } else {
      for (name, value, evidence) in rows(report) {
        let padding = String(repeating: " ", count: max(1, 12 - name.count))
        let note = evidence.isEmpty ? "" : "  (\(evidence))"
        print(Terminal.escaped(name + padding + value + note))
      }
    }
  }

  private func rows(_ report: Report) -> [(String, String, String)] {
    let family = report.cythonIsExact ? "" : ", or another release of that family"
    let flags = report.abiFlags.isEmpty ? "none" : report.abiFlags
    return [
      ("file", report.file, ""),
      ("format", "\(report.format), \(report.architecture), \(report.pointerSize * 8) bits", ""),
      ("Cython", report.cython.map { $0 + family } ?? "none", report.cythonEvidence),
      ("CPython", report.python ?? "unknown", report.pythonEvidence),
      ("ABI flags", flags, report.abiFlagsEvidence),
      ("limited API", report.limitedAPI ? "yes" : "no", report.limitedAPIEvidence),
      ("compiler", report.compiler ?? "unknown", report.compilerEvidence),
      ("symbols", report.isStripped ? "stripped" : "present", ""),
    ]
  }

  private static func report(_ module: ModuleFile) -> Report {
    let versions = module.versions
    let abi = ABIEvidence(module.image, fileName: module.fileName)
    return Report(
      file: module.fileName,
      isExtensionModule: module.image.exports.keys.contains { $0.hasPrefix("PyInit") },
      format: module.image.format.rawValue, architecture: module.image.architecture.rawValue,
      pointerSize: module.image.architecture.pointerSize, cython: versions.cython?.text,
      cythonIsExact: versions.cython?.patch != nil, cythonEvidence: versions.cythonEvidence,
      python: versions.python.map { "\($0.major).\($0.minor)" },
      pythonEvidence: versions.pythonEvidence, abiFlags: abi.flags,
      abiFlagsEvidence: abi.flagsEvidence, limitedAPI: abi.isLimited,
      limitedAPIEvidence: abi.limitedEvidence, compiler: versions.compiler,
      compilerEvidence: versions.compiler == nil
        ? "no note of a compiler in the file" : "its own note in the file",
      isStripped: module.image.symbols.isEmpty)
  }
}
