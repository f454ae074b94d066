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

  /// What Cython is told: as it is used first, then as by packages that annotate for other tools.
  package static let directives = ["", "annotation_typing=False"]

  /// Translates a file to C.
  ///
  /// - Parameters:
  ///   - source: the recovered file.
  ///   - module: the qualified name of the module.
  ///   - directive: one of ``directives``.
  ///   - folder: where intermediate files go.
  /// - Returns: the C file.
  /// - Throws: what is missing, or what Cython said.
  package func translate(
    _ source: URL, module: String, directive: String, in folder: URL
  ) throws(VerificationFailure) -> URL {
    let program = try environment(interpreter.path)
    let copy = folder.appending(path: (module.split(separator: ".").last ?? "module") + ".py")
    let number = Self.directives.firstIndex(of: directive) ?? 0
    let generated = folder.appending(path: "module\(number).c")
    guard let text = try? String(contentsOf: source, encoding: .utf8) else {
      throw VerificationFailure(description: "\(source.lastPathComponent) cannot be read")
    }
    let options = directive.isEmpty ? [] : ["-X", directive]
    try translate(
      text, copy,
      [program, "-c", Self.lenientCython, "-3"] + options
        + ["--module-name", module, "-o", generated.path])
    return generated
  }

  /// Cython that leaves to Python what only fails when it runs: names and variables without a value.
  private static let lenientCython = """
    from Cython.Compiler import Options
    Options.error_on_unknown_names = Options.error_on_uninitialized = False
    from Cython.Compiler.Main import setuptools_main
    setuptools_main()
    """

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
    let binary = generated.deletingPathExtension().appendingPathExtension("\(level).so")
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

  /// Runs Cython; functions that it refuses are emptied, so that the others can be compared.
  private func translate(
    _ text: String, _ file: URL, _ command: [String]
  ) throws(VerificationFailure) {
    var text = text
    var attempts = 0
    while true {
      do {
        try Data(text.utf8).write(to: file)
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
        let refused = Self.refusedLines(error.description, of: file)
        guard attempts < Self.attemptLimit, let rest = Self.emptying(refused, of: file) else {
          throw error
        }
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

  // MARK: Tools

  /// The interpreter that has the Cython of the original's version, in a virtual environment that is made
  /// on first use.
  private func environment(_ interpreter: String) throws(VerificationFailure) -> String {
    let version = self.cython.patch == nil ? latest : self.cython.text
    let folder = cache.appending(path: "cython-\(version)-\(python.major).\(python.minor)")
    let program = folder.appending(path: "bin/python").path
    let cython = folder.appending(path: "bin/cython").path
    if FileManager.default.isExecutableFile(atPath: cython) { return program }
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
