package import Foundation
package import ModuleRecovery
package import RuntimeModel

/// Compiles recovered Python with the Cython that made the original.
package struct Recompilation {
  private let cython: CythonVersion
  private let python: PythonVersion
  private let interpreter: Interpreter
  private let cache: URL

  package init(cython: CythonVersion, python: PythonVersion, interpreter: Interpreter) {
    self.cython = cython
    self.python = python
    self.interpreter = interpreter
    let environment = ProcessInfo.processInfo.environment
    let home = environment["HOME"] ?? "/tmp"
    let base = environment["XDG_CACHE_HOME"] ?? home + "/.cache"
    cache = URL(filePath: base, directoryHint: .isDirectory).appending(path: "decython")
  }

  /// How much the C compiler optimises: as CPython's own build does first, which most modules are
  /// compiled like.
  package static let levels = ["-O2", "-O3"]

  /// Translates a file to C.
  ///
  /// - Parameters:
  ///   - source: the recovered file.
  ///   - module: the qualified name of the module.
  ///   - folder: where intermediate files go.
  /// - Returns: the C file.
  /// - Throws: what is missing, or what Cython said.
  package func translate(
    _ source: URL, module: String, in folder: URL
  ) throws(VerificationFailure) -> URL {
    let program = try environment(interpreter.path)
    let copy = folder.appending(path: (module.split(separator: ".").last ?? "module") + ".py")
    let generated = folder.appending(path: "module.c")
    guard let text = try? String(contentsOf: source, encoding: .utf8) else {
      throw VerificationFailure(description: "\(source.lastPathComponent) cannot be read")
    }
    try translate(text, copy, [program, "-3", "--module-name", module, "-o", generated.path])
    return generated
  }

  /// Compiles what Cython made.
  ///
  /// - Parameters:
  ///   - generated: the C file.
  ///   - level: one of ``levels``.
  /// - Returns: the extension module, without symbols, beside the C file.
  /// - Throws: what is missing, or what the compiler said.
  package func compile(_ generated: URL, level: String) throws(VerificationFailure) -> URL {
    let include = interpreter.include
    guard FileManager.default.fileExists(atPath: include + "/Python.h") else {
      throw VerificationFailure(
        description:
          "the headers of CPython \(python.major).\(python.minor) are missing; "
          + "install python\(python.major).\(python.minor)-dev")
    }
    let binary = generated.deletingLastPathComponent().appending(path: "module\(level).so")
    _ = try Tool.output(
      "/usr/bin/env",
      [
        "cc", level, "-fPIC", "-shared", "-fwrapv", "-DNDEBUG", "-w", "-s", "-I" + include,
        generated.path, "-o", binary.path,
      ], orSay: "the C compiler does not accept what Cython makes")
    return binary
  }

  /// After so many complaints a file is given up.
  private static let attemptLimit = 24

  /// Runs Cython, which refuses what Python would only fail at.
  ///
  /// Names that a module neither defines nor imports, because statements of it are missing, get a value
  /// behind everything else. Functions that are refused are emptied, so that the others can be compared.
  private func translate(
    _ text: String, _ file: URL, _ command: [String]
  ) throws(VerificationFailure) {
    var added: Set<String> = []
    var text = text
    var attempts = 0
    while true {
      let lines = added.sorted().map { "\($0) = None\n" }.joined()
      do {
        try Data((text + "\n" + lines).utf8).write(to: file)
      } catch {
        throw VerificationFailure(description: "\(file.path) cannot be written")
      }
      do throws(VerificationFailure) {
        _ = try Tool.output(
          command[0], Array(command.dropFirst()) + [file.path],
          orSay: "Cython \(cython.text) does not accept the file")
        return
      } catch {
        attempts += 1
        let missing = Self.undeclaredNames(error.description).subtracting(added)
        added.formUnion(missing)
        guard attempts < Self.attemptLimit else { throw error }
        guard missing.isEmpty else { continue }
        let refused = Self.refusedLines(error.description, of: file)
        guard let rest = Self.emptying(refused, of: file) else { throw error }
        text = rest
      }
    }
  }

  /// The lines that Cython complains about: `/tmp/module.py:12:4: …`.
  private static func refusedLines(_ messages: String, of file: URL) -> [String] {
    let start = file.path + ":"
    let numbers = messages.split(separator: "\n").compactMap { line -> Int? in
      guard line.hasPrefix(start) else { return nil }
      return line.dropFirst(start.count).split(separator: ":").first.flatMap { Int($0) }
    }
    return Set(numbers).sorted().map { "\($0)" }
  }

  /// The file without the bodies of the functions around some lines; nil if there are none.
  private static func emptying(_ lines: [String], of file: URL) -> String? {
    guard !lines.isEmpty else { return nil }
    let script = String(decoding: PackageResources.stub_py, as: UTF8.self)
    let command = ["python3", "-I", "-S", "-c", script, file.path] + lines
    guard (try? Tool.output("/usr/bin/env", command, orSay: "")) != nil else { return nil }
    return try? String(contentsOf: file, encoding: .utf8)
  }

  /// The names in Cython's complaints, each at the end of its line.
  private static func undeclaredNames(_ messages: String) -> Set<String> {
    let complaint = "undeclared name not builtin: "
    return Set(
      messages.split(separator: "\n").compactMap { line in
        line.range(of: complaint).map { String(line[$0.upperBound...]) }
      }.filter { $0.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" } })
  }

  // MARK: Tools

  /// The Cython of the original's version, in a virtual environment that is made on first use.
  private func environment(_ interpreter: String) throws(VerificationFailure) -> String {
    let version = cython.patch == nil ? latest : cython.text
    let folder = cache.appending(path: "cython-\(version)-\(python.major).\(python.minor)")
    let program = folder.appending(path: "bin/cython").path
    if FileManager.default.isExecutableFile(atPath: program) { return program }
    _ = try Tool.output(
      interpreter, ["-m", "venv", folder.path], orSay: "no virtual environment can be made")
    _ = try Tool.output(
      folder.appending(path: "bin/pip").path,
      ["install", "--quiet", "cython==\(version)", "setuptools"],
      orSay: "Cython \(version) cannot be fetched; is there a network?")
    return program
  }

  /// The last release of each family, for modules that name only their family.
  private var latest: String {
    switch (cython.major, cython.minor) {
    case (0, _): "0.29.37"
    case (_, 0): "3.0.12"
    case (_, 1): "3.1.8"
    case (_, 2): "3.2.9"
    default: "3.3.1"
    }
  }
}
