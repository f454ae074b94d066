import ArgumentParser
import Decompilation
import Foundation
import Interpretation
import ModuleRecovery
import PythonSyntax
import RuntimeModel

/// `decython worker`: decompiles the module on standard input for another `decython`.
struct Worker: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Decompiles one module for the process that started this one.", shouldDisplay: false)

  /// Deeply nested code is walked by recursion at times.
  private static let stackSize = 512 << 20

  mutating func run() throws {
    let input = FileHandle.standardInput.readDataToEndOfFile()
    guard let end = input.firstIndex(of: UInt8(ascii: "\n")),
      let request = try? JSONDecoder().decode(WorkerRequest.self, from: input[..<end])
    else { throw ValidationError("a request should stand on standard input") }
    ChildProcess.limitMemory(toMegabytes: request.memory)
    let bytes = [UInt8](input[input.index(after: end)...])
    let thread = Thread {
      let message = Decompilation(request).run(bytes) {
        FileHandle.standardOutput.write($0.line)
      }
      FileHandle.standardOutput.write(message.line)
      Foundation.exit(0)
    }
    thread.stackSize = Self.stackSize
    thread.start()
    while true { sleep(1000) }
  }
}

/// The decompilation of one module.
struct Decompilation {
  private let request: WorkerRequest

  init(_ request: WorkerRequest) { self.request = request }

  /// - Parameters:
  ///   - bytes: the module.
  ///   - observe: hears of each function.
  /// - Returns: how it ended.
  func run(_ bytes: [UInt8], observe: @escaping (WorkerMessage) -> Void) -> WorkerMessage {
    do throws(Failure) {
      let file = try ModuleFile(path: request.path, bytes: bytes, archive: request.archive)
      let supervision = Supervision(skipped: request.skipped, only: request.only) { event in
        switch event {
        case .begin(let address, let name): observe(.begin(address: address, name: name))
        case .end: observe(.end)
        }
      }
      let (name, result) = try decompile(file, supervision)
      var source = result.source
      source.header = header(file)
      var printer = ModulePrinter()
      var report = ModuleReport(file, name, result.reports)
      let text = printer.print(source, keepsLines: request.layout == .lines)
      report.places = printer.places
      return .finished(source: text, report: report)
    } catch {
      return .failure(code: error.code, message: error.message)
    }
  }

  /// - Returns: the module's name, and the module as Python; of one whose code cannot be followed, what
  ///   its tables tell.
  private func decompile(
    _ file: ModuleFile, _ supervision: Supervision
  ) throws(Failure) -> (String, ModuleDecompiler.Result) {
    do throws(Failure) {
      let module = try file.open()
      let decompiler = ModuleDecompiler(module, file.versions, supervision)
      return (module.state.definition.name, decompiler.run())
    } catch {
      let name = ModuleFile.moduleName(of: file.path)
      let reason = error.message.trimmingPrefix(Terminal.escaped(file.path) + ": ")
      guard error.leavesTables, let layout = file.layout(),
        let result = TableDecompiler(file.image, layout, moduleName: name).run(String(reason))
      else { throw error }
      return (name, result)
    }
  }

  private func header(_ file: ModuleFile) -> [String] {
    let cython = file.versions.cython.map { "Cython \($0.text)" } ?? "Cython"
    let python = file.versions.python.map { " for CPython \($0.major).\($0.minor)" } ?? ""
    return ["Recovered by decython from \(file.fileName) (\(cython)\(python))."]
  }
}
