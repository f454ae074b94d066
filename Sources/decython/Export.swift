import ArgumentParser
import Basics
import BinaryFormats
import CHeaders
import Exports
import Foundation
import Interpretation
import ModuleRecovery
import Naming
import PythonSyntax

/// `decython export FILE --to FORMAT`.
struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Writes names and lines for other tools: a neutral file, or one in the module's format.",
    discussion: """
      json: functions, data, types, comments and the source map, for the loaders in Tools/loaders.
      elf, pe: a copy of the module with a symbol table and DWARF line tables that point at the
      recovered Python, which is written beside it.
      dsym: the same for a Mach-O module, as a folder NAME.dSYM that debuggers look for beside NAME.
      """)

  @Argument(help: "An extension module.")
  var file: String

  @Option(help: "What to write: json, elf, pe or dsym.")
  var to: ExportTarget

  @Option(name: .shortAndLong, help: "The file or dSYM to write; - is output, for json alone.")
  var output: String

  @OptionGroup private var cache: CacheOptions

  mutating func validate() throws {
    guard to == .json || output != "-" else {
      throw ValidationError("\(to.rawValue) needs a file to write")
    }
  }

  mutating func run() throws {
    do throws(Failure) {
      let (target, file) = (to, file)
      let analysis = try ModuleAnalysis(file, usesCache: cache.cache) { bytes throws(Failure) in
        try target.check(bytes, file: file)
      }
      let map = LineMap(analysis.names.catalogue, analysis.report.places ?? SourcePlaces())
      let sourceName = ModuleFile.moduleName(of: analysis.file.path) + ".py"
      if to == .json {
        try writeDocument(analysis, map, sourceName)
      } else {
        try writeSymbols(analysis, map, sourceName)
      }
    } catch {
      error.exit()
    }
  }

  private func writeDocument(
    _ analysis: ModuleAnalysis, _ map: LineMap, _ sourceName: String
  ) throws(Failure) {
    let image = analysis.module.image
    let document = SymbolDocument(
      .init(
        name: analysis.module.state.definition.name, file: analysis.file.fileName,
        sha256: SHA256.text(of: analysis.bytes), architecture: image.architecture.rawValue,
        pointerSize: image.architecture.pointerSize, python: analysis.report.python,
        cython: analysis.report.cython),
      analysis.names, image, map: map, header: analysis.layout.header(), source: analysis.source,
      sourceFile: sourceName)
    guard let data = try? document.encoded() else {
      throw Failure(code: 1, "internal error: the document cannot be written")
    }
    try OutputPlan.write(data, to: output)
  }

  /// Writes what other tools read, and the recovered Python beside it.
  private func writeSymbols(
    _ analysis: ModuleAnalysis, _ map: LineMap, _ sourceName: String
  ) throws(Failure) {
    let target = URL(filePath: output)
    guard target.standardizedFileURL != URL(filePath: file).standardizedFileURL else {
      throw Failure(code: 2, "the copy must not take the module's place")
    }
    let folder = target.deletingLastPathComponent()
    let module = SymbolizedModule(
      analysis.bytes, analysis.module.image, analysis.names, map, sourceFile: sourceName,
      folder: folder.standardizedFileURL.path)
    let files: [(path: String, data: Data)]
    do {
      files = try self.files(module, analysis)
    } catch {
      throw Failure(error, file: file)
    }
    try OutputPlan.write(analysis.source, to: folder.appending(path: sourceName).path)
    for (path, data) in files { try OutputPlan.write(data, to: path) }
  }

  /// The files of the wanted format.
  private func files(
    _ module: SymbolizedModule, _ analysis: ModuleAnalysis
  ) throws -> [(path: String, data: Data)] {
    let name = Terminal.escaped(file)
    switch to {
    case .json: return []
    case .elf:
      guard let bytes = module.elfCopy() else {
        throw Failure(code: Failure.unsupported, "\(name): nothing can be added to it")
      }
      return [(output, Data(bytes))]
    case .pe:
      let (bytes, reason) = try module.peCopy()
      if let reason { Terminal.error("decython: \(name): names without lines, for \(reason)") }
      return [(output, Data(bytes))]
    case .dsym:
      guard let bytes = try module.dsym() else {
        throw Failure(code: Failure.unsupported, "\(name): has no UUID that a dSYM could refer to")
      }
      if UniversalBinary.isUniversal(analysis.bytes) {
        let part = analysis.module.image.architecture.rawValue
        Terminal.error("decython: \(name): the dSYM is for its \(part) part")
      }
      let bundle = URL(filePath: output, directoryHint: .isDirectory)
      return DSYMBundle.files(analysis.file.fileName, bytes).map {
        (bundle.appending(path: $0.path).path, $0.data)
      }
    }
  }
}
