import ArgumentParser
import Decompilation
import Foundation
import Interpretation
import ModuleRecovery
import PythonSyntax
import RuntimeModel

/// `decython MODULE…`.
struct Decompile: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes modules as Python (the default).")

  @Argument(help: "Extension modules, or folders that hold some.")
  var modules: [String]

  @Option(name: .shortAndLong, help: "The file to write, or the folder for several modules.")
  var output: String?

  @Option(help: "Writes a report on every function, as JSON, to this file; - is standard output.")
  var json: String?

  @Flag(help: "Exits with 3 if any function is not fully understood.")
  var strict = false

  @Flag(name: .shortAndLong, help: "Says nothing on standard error but errors.")
  var quiet = false

  mutating func run() throws {
    let inputs = modules.flatMap(Self.expand)
    guard !inputs.isEmpty else {
      Failure(code: Failure.notFound, "no extension modules found").exit()
    }
    let toFolder = inputs.count > 1 || (output.map(Self.isFolder) ?? false)
    var reports: [ModuleReport] = []
    var firstFailure: Failure?
    for (index, input) in inputs.enumerated() {
      if !quiet, inputs.count > 1 {
        Terminal.error("[\(index + 1)/\(inputs.count)] \(Terminal.escaped(input.url.path))")
      }
      do {
        reports.append(try decompile(input, toFolder: toFolder))
      } catch {
        let failure = Failure(error, file: input.url.path)
        if inputs.count == 1 { failure.exit() }
        Terminal.error("decython: " + failure.message)
        firstFailure = firstFailure ?? failure
      }
    }
    try writeReport(reports)
    if let firstFailure { throw ExitCode(firstFailure.code) }
    if strict, reports.contains(where: { !$0.isComplete }) { throw ExitCode(3) }
  }

  // MARK: Inputs

  private struct Input {
    let url: URL
    /// The folder below the output folder.
    let folder: String
  }

  private static func isFolder(_ path: String) -> Bool {
    let values = try? URL(filePath: path).resourceValues(forKeys: [.isDirectoryKey])
    return path.hasSuffix("/") || values?.isDirectory == true
  }

  /// The modules that a path stands for, in the order of their names.
  private static func expand(_ path: String) -> [Input] {
    guard isFolder(path) else { return [Input(url: URL(filePath: path), folder: "")] }
    let root = URL(filePath: path, directoryHint: .isDirectory)
    let files = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)
    var result: [Input] = []
    while let url = files?.nextObject() as? URL {
      guard ["so", "pyd", "dylib"].contains(url.pathExtension) else { continue }
      let relative = url.deletingLastPathComponent().path.dropFirst(root.path.count)
      result.append(Input(url: url, folder: String(relative.drop { $0 == "/" })))
    }
    return result.sorted { $0.url.path < $1.url.path }
  }

  // MARK: Work

  private func decompile(_ input: Input, toFolder: Bool) throws -> ModuleReport {
    let file = try ModuleFile(input.url)
    let module = try file.open()
    let result = ModuleDecompiler(module, file.versions).run()
    var source = result.source
    source.header = header(file)
    var printer = ModulePrinter()
    let text = printer.print(source)
    let target = try target(for: input, file, toFolder: toFolder)
    do {
      try Data(text.utf8).write(to: target, options: .atomic)
    } catch {
      throw Failure(code: Failure.notFound, "\(Terminal.escaped(target.path)): cannot be written")
    }
    let report = ModuleReport(file, module.state.definition.name, result.reports)
    if !quiet { Terminal.error(report.summary(writtenTo: target.path)) }
    return report
  }

  private func header(_ file: ModuleFile) -> [String] {
    let cython = file.versions.cython.map { "Cython \($0.text)" } ?? "Cython"
    let python = file.versions.python.map { " for CPython \($0.major).\($0.minor)" } ?? ""
    return ["Recovered by decython from \(file.url.lastPathComponent) (\(cython)\(python))."]
  }

  private func target(for input: Input, _ file: ModuleFile, toFolder: Bool) throws -> URL {
    guard toFolder else { return URL(filePath: output ?? file.name + ".py") }
    let folder = URL(filePath: output ?? ".", directoryHint: .isDirectory)
      .appending(path: input.folder)
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw Failure(code: Failure.notFound, "\(Terminal.escaped(folder.path)): cannot be made")
    }
    return folder.appending(path: file.name + ".py")
  }

  private func writeReport(_ reports: [ModuleReport]) throws {
    guard let json else { return }
    let data = try ModuleReport.encode(reports)
    if json == "-" {
      FileHandle.standardOutput.write(data)
    } else {
      try data.write(to: URL(filePath: json), options: .atomic)
    }
  }
}
