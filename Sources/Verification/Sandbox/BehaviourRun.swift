package import Foundation

/// Calls the functions of the original and of the recovered module side by side, with made-up arguments,
/// in a sandbox.
///
/// The calls are chosen on the recovered file: those that go new ways through it. The original makes
/// them twice; what differs between the two is chance and does not count.
package struct BehaviourRun {
  /// What the calls of one function say.
  package struct Verdict: Codable, Sendable {
    package enum Kind: String, Codable, Sendable {
      case same, different
      /// No call says anything.
      case none
    }

    package var kind: Kind
    /// How many calls were compared.
    package var calls = 0
    /// Why there are none.
    package var reason: String?
    /// The first call that differs, and what it did in both.
    package var call: String?
    package var original: String?
    package var recovered: String?

    package init(
      kind: Kind, calls: Int = 0, reason: String? = nil, call: String? = nil,
      original: String? = nil, recovered: String? = nil
    ) {
      self.kind = kind
      self.calls = calls
      self.reason = reason
      self.call = call
      self.original = original
      self.recovered = recovered
    }
  }

  /// A function by its name, and its number among those that share it.
  package struct Key: Hashable, Sendable {
    package let name: String
    package let number: Int

    package init(name: String, number: Int) {
      self.name = name
      self.number = number
    }
  }

  private let module: SandboxedModule
  private let seconds: Int

  /// - Parameters:
  ///   - module: where the module stands, and what runs it.
  ///   - seconds: the most time for the calls of one function.
  package init(_ module: SandboxedModule, seconds: Int) {
    self.module = module
    self.seconds = seconds
  }

  /// Compares a module with what was recovered.
  ///
  /// - Parameters:
  ///   - original: the extension module.
  ///   - source: the recovered file.
  ///   - compiled: the same, compiled as the original was, so that nothing differs but what was
  ///     recovered; nil to let the interpreter run it.
  /// - Returns: a verdict for each function that can be reached.
  /// - Throws: what keeps one of them from being imported.
  package func verdicts(
    original: URL, source: URL, compiled: URL?
  ) throws(VerificationFailure) -> [Key: Verdict] {
    let original = try module.copy(original, to: "original.so")
    let source = try module.copy(source, to: "recovered.py")
    let compiled = try compiled.map { file throws(VerificationFailure) in
      try module.copy(file, to: "compiled.so")
    }
    let shown = [Sandbox.Mount(source: source.path, target: "/plan/source.py")]
    let lines = try run(
      ["plan", "/plan/source.py", "\(seconds)"], on: source, functions: 200, shown)
    let plan = lines.compactMap { try? JSONDecoder().decode(PlannedFunction.self, from: $0) }
    guard !plan.isEmpty else { return [:] }
    let path = try SandboxFiles.write(
      Data(lines.joined(separator: Data("\n".utf8))), to: "plan.json", in: module.folder)
    let mounts = shown + [.init(source: path.path, target: "/plan/plan.json")]
    func observe(_ file: URL, _ what: String) throws(VerificationFailure) -> ModuleObservation {
      let arguments = ["run", "/plan/plan.json", "/plan/source.py", "\(seconds)"]
      let lines = try run(arguments, on: file, functions: plan.count, mounts)
      return try ModuleObservation(lines, of: what)
    }
    let first = try observe(original, "the original")
    let second = try observe(original, "the original")
    let other = try observe(compiled ?? source, "the recovered file")
    let comparison = BehaviourComparison(first, again: second, other)
    var verdicts: [Key: Verdict] = [:]
    for function in plan {
      verdicts[.init(name: function.function, number: function.number)] =
        comparison.verdict(on: function)
    }
    // Functions of the interpreter and of Cython are not told alike.
    if compiled != nil { verdicts[.init(name: "<module>", number: 0)] = comparison.ofModule() }
    return verdicts
  }

  private func run(
    _ arguments: [String], on file: URL, functions: Int, _ mounts: [Sandbox.Mount]
  ) throws(VerificationFailure) -> [Data] {
    try module.run(
      "behaviour.py", arguments, on: file, mounts: mounts,
      seconds: 60 + functions * (seconds + 1))
  }
}
