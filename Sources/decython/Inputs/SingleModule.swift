import ArgumentParser
import Basics
import Decompilation
import Foundation

/// One module, decompiled for a command that tells of it.
///
/// The Python and the report are kept in the user's cache, so that the next command about the same
/// module by the same program does not decompile it again.
struct SingleModule {
  let input: ModuleInput
  let bytes: [UInt8]
  let source: String
  let report: ModuleReport

  private struct Kept: Codable {
    let source: String
    let report: ModuleReport
  }

  /// - Parameters:
  ///   - path: a module, or an archive that holds one.
  ///   - usesCache: whether results are taken from the cache and kept there.
  ///   - check: looks at the file before anything takes time.
  /// - Throws: ``Failure``.
  init(
    _ path: String, usesCache: Bool, check: ([UInt8]) throws(Failure) -> Void = { _ in }
  ) throws(Failure) {
    let inputs = try ModuleInput.expand(path)
    guard inputs.count == 1 else {
      throw Failure(code: 2, "\(Terminal.escaped(path)): one module at a time")
    }
    input = inputs[0]
    bytes = try input.bytes()
    try check(bytes)
    let cache = CacheFolder(
      "modules", environment: ProcessInfo.processInfo.environment, capacity: 200)
    let key = usesCache ? Self.key(bytes, path: input.path) : nil
    if let key, let data = cache[key], let kept = try? JSONDecoder().decode(Kept.self, from: data) {
      (source, report) = (kept.source, kept.report)
      return
    }
    (source, report) = try Self.decompiled(input)
    // A function that took too long may come further when the machine has less to do.
    guard let key, !report.functions.contains(where: { WorkerPool.isLackOfTime($0.reason) }),
      let data = try? JSONEncoder().encode(Kept(source: source, report: report))
    else { return }
    cache.keep(data, under: key)
  }

  private static func decompiled(_ input: ModuleInput) throws(Failure) -> (String, ModuleReport) {
    var result: (String, ModuleReport)?
    var failure: Failure?
    WorkerPool(limits: .init(jobs: 1, seconds: 120, megabytes: 4096)).run([input]) { _, outcome in
      switch outcome {
      case .module(let source, let report): result = (source, report)
      case .failure(let problem): failure = problem
      }
    }
    if let failure { throw failure }
    guard let result else { throw Failure(code: 1, "internal error: no answer") }
    return result
  }

  /// All that the result depends on: the module, what its name tells, and this very program; nil if
  /// the program's file cannot be found.
  private static func key(_ bytes: [UInt8], path: String) -> String? {
    let program = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    let place =
      FileManager.default.fileExists(atPath: program.path)
      ? program : URL(filePath: CommandLine.arguments.first ?? "").resolvingSymlinksInPath()
    guard
      let values = try? place.resourceValues(forKeys: [.fileSizeKey, .contentModificationDateKey]),
      let size = values.fileSize, let date = values.contentModificationDate
    else { return nil }
    let head = [
      Decython.configuration.version, "\(size)", "\(date.timeIntervalSince1970)",
      path.split(separator: "/").last.map(String.init) ?? path,
    ]
    return SHA256.text(of: Array(head.joined(separator: "\n").utf8) + bytes)
  }
}
