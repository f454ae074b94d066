import AnnotatedC
import ArgumentParser
import CHeaders
import Decompilation
import Foundation
import Interpretation
import ModuleRecovery
import Naming
import RuntimeModel

/// `decython dump FILE -o DIR`.
struct DumpCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dump",
    abstract: "Writes a module as annotated C: a file per function, a header and an index.")

  @Argument(help: "An extension module.")
  var file: String

  @Option(name: .shortAndLong, help: "The folder to write to.")
  var output: String

  @OptionGroup private var cache: CacheOptions

  mutating func run() throws {
    do throws(Failure) {
      let analysis = try ModuleAnalysis(file, usesCache: cache.cache)
      let dump = analysis.dump()
      let folder = URL(filePath: output, directoryHint: .isDirectory)
      for file in dump.files {
        try OutputPlan.write(file.text, to: folder.appending(path: file.name).path)
      }
      try OutputPlan.write(dump.index, to: folder.appending(path: "index.txt").path)
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      guard let rows = try? encoder.encode(dump.rows) else {
        throw Failure(code: 1, "internal error: the index cannot be written")
      }
      try OutputPlan.write(rows + Data("\n".utf8), to: folder.appending(path: "index.json").path)
      let lines = dump.rows.reduce(0) { $0 + $1.lines }
      Terminal.error(
        "\(Terminal.escaped(output)): \(dump.rows.count) functions, \(lines) lines of C")
    } catch {
      error.exit()
    }
  }
}

/// What the commands for analysts work on: the module with a name for everything, and its Python.
struct ModuleAnalysis {
  let file: ModuleFile
  let module: OpenedModule
  let names: ModuleNames
  let bytes: [UInt8]
  /// The module as Python, and how far each function was understood.
  let source: String
  let report: ModuleReport

  /// Decompiles a module that has a file of its own.
  init(
    _ path: String, usesCache: Bool, check: ([UInt8]) throws(Failure) -> Void = { _ in }
  ) throws(Failure) {
    let module = try SingleModule(path, usesCache: usesCache, check: check)
    try self.init(
      module.input, bytes: module.bytes, source: module.source, report: module.report)
  }

  /// A module that was decompiled already.
  init(
    _ input: ModuleInput, bytes: [UInt8], source: String, report: ModuleReport
  ) throws(Failure) {
    self.bytes = bytes
    file = try ModuleFile(path: input.path, bytes: bytes)
    module = try file.open()
    (self.source, self.report) = (source, report)
    names = ModuleNames(module, FunctionCatalogue(module, file.versions, .anything))
  }

  /// The C structures of the module's CPython and Cython.
  var layout: CLayout {
    CLayout(module.state.layout, cython: file.versions.cython.map { ($0.major, $0.minor) })
  }

  func dump(only name: String? = nil) -> Dump {
    Dump(
      names, sourceName: file.fileName, layout: layout.header(), reports: report.functions,
      only: name)
  }
}
