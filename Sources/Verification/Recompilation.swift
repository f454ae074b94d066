package import Foundation
package import ModuleRecovery
package import RuntimeModel

/// Compiles recovered Python with the Cython that made the original.
package struct Recompilation {
  /// Why a file could not be compiled, and what to do about it.
  package struct Failure: Error, CustomStringConvertible {
    package let description: String
  }

  private let cython: CythonVersion
  private let python: PythonVersion
  private let cache: URL

  package init(cython: CythonVersion, python: PythonVersion) {
    self.cython = cython
    self.python = python
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
  package func compile(_ source: URL, module: String, in folder: URL) throws(Failure) -> URL {
    let interpreter = try interpreter()
    let include = try Self.output(
      interpreter, ["-c", "import sysconfig; print(sysconfig.get_paths()['include'])"],
      orSay: "python\(python.major).\(python.minor) does not run")
    guard FileManager.default.fileExists(atPath: include + "/Python.h") else {
      throw Failure(
        description:
          "the headers of CPython \(python.major).\(python.minor) are missing; "
          + "install python\(python.major).\(python.minor)-dev")
    }
    let program = try environment(interpreter)
    let copy = folder.appending(path: (module.split(separator: ".").last ?? "module") + ".py")
    let generated = folder.appending(path: "module.c")
    let binary = folder.appending(path: "module.so")
    guard let text = try? String(contentsOf: source, encoding: .utf8) else {
      throw Failure(description: "\(source.lastPathComponent) cannot be read")
    }
    try translate(text, copy, [program, "-3", "--module-name", module, "-o", generated.path])
    _ = try Self.output(
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
  ) throws(Failure) {
    var added: Set<String> = []
    while true {
      let lines = added.sorted().map { "\($0) = None\n" }.joined()
      do {
        try Data((text + "\n" + lines).utf8).write(to: file)
      } catch {
        throw Failure(description: "\(file.path) cannot be written")
      }
      do throws(Failure) {
        _ = try Self.output(
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

  /// The interpreter of the version that the module was built for.
  private func interpreter() throws(Failure) -> String {
    let wanted = "\(python.major).\(python.minor)"
    for name in ["python\(wanted)", "python3"] {
      let version = try? Self.output(
        "/usr/bin/env", [name, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
        orSay: "")
      guard version == wanted else { continue }
      return try Self.output(
        "/usr/bin/env", [name, "-c", "import sys; print(sys.executable)"], orSay: "no interpreter")
    }
    throw Failure(description: "CPython \(wanted) is needed to compile the recovered file")
  }

  /// The Cython of the original's version, in a virtual environment that is made on first use.
  private func environment(_ interpreter: String) throws(Failure) -> String {
    let version = cython.patch == nil ? latest : cython.text
    let folder = cache.appending(path: "cython-\(version)-\(python.major).\(python.minor)")
    let program = folder.appending(path: "bin/cython").path
    if FileManager.default.isExecutableFile(atPath: program) { return program }
    _ = try Self.output(
      interpreter, ["-m", "venv", folder.path], orSay: "no virtual environment can be made")
    _ = try Self.output(
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

  /// Runs a program and gives back what it printed, without white space around it.
  private static func output(
    _ program: String, _ arguments: [String], orSay message: String
  ) throws(Failure) -> String {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    let data: Data
    do {
      try process.run()
      data = output.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
    } catch {
      throw Failure(description: message)
    }
    let text = String(decoding: data, as: UTF8.self)
      .trimmingCharacters(in: .whitespacesAndNewlines)
    guard process.terminationStatus == 0 else {
      throw Failure(description: message + "\n" + text)
    }
    return text
  }
}
