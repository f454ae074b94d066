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

  /// Compiles a file.
  ///
  /// - Parameters:
  ///   - source: the recovered file.
  ///   - module: the qualified name of the module.
  ///   - folder: where intermediate files go.
  /// - Returns: the extension module, without symbols.
  /// - Throws: what is missing, or what a compiler said.
  package func compile(_ source: URL, module: String, in folder: URL) throws(VerificationFailure)
    -> URL
  {
    let include = interpreter.include
    guard FileManager.default.fileExists(atPath: include + "/Python.h") else {
      throw VerificationFailure(
        description:
          "the headers of CPython \(python.major).\(python.minor) are missing; "
          + "install python\(python.major).\(python.minor)-dev")
    }
    let program = try environment(interpreter.path)
    let copy = folder.appending(path: (module.split(separator: ".").last ?? "module") + ".py")
    let generated = folder.appending(path: "module.c")
    let binary = folder.appending(path: "module.so")
    guard let text = try? String(contentsOf: source, encoding: .utf8) else {
      throw VerificationFailure(description: "\(source.lastPathComponent) cannot be read")
    }
    try translate(text, copy, [program, "-3", "--module-name", module, "-o", generated.path])
    _ = try Tool.output(
      "/usr/bin/env",
      [
        "cc", "-O2", "-fPIC", "-shared", "-fwrapv", "-DNDEBUG", "-w", "-s", "-I" + include,
        generated.path, "-o", binary.path,
      ], orSay: "the C compiler does not accept what Cython makes")
    return binary
  }

  /// Runs Cython, which refuses names that a module neither defines nor imports.
  ///
  /// Where statements of the module are missing, such names get a value behind everything else.
  private func translate(
    _ text: String, _ file: URL, _ command: [String]
  ) throws(VerificationFailure) {
    var added: Set<String> = []
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
        let missing = Self.undeclaredNames(error.description).subtracting(added)
        guard !missing.isEmpty else { throw error }
        added.formUnion(missing)
      }
    }
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
