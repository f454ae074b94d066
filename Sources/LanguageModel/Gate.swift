import Foundation

/// What a function of the binary has: whatever an answer may use.
package struct FunctionEvidence: Codable, Sendable {
  /// Its constants as Python writes them.
  package var literals: [String] = []
  /// Globals, builtins, attributes and keywords.
  package var names: [String] = []
  /// Its variables and those of functions inside it.
  package var variables: [String] = []
  /// The functions and classes inside it.
  package var inner: [String] = []
  package var imports = false
  /// Whether the Python so far has no body.
  package var outline = false

  package init() {}
}

/// The checks that every answer must pass before anyone looks at it: it parses, it is the same function
/// with the same signature, and it has no constant, name, attribute or import that the binary lacks.
///
/// They run in a Python process that parses answers and never runs them.
package struct Gate: Sendable {
  package struct Candidate: Codable, Sendable {
    package let name: String
    package let python: String
    package let evidence: FunctionEvidence

    package init(name: String, python: String, evidence: FunctionEvidence) {
      self.name = name
      self.python = python
      self.evidence = evidence
    }
  }

  package struct Verdict: Codable, Sendable {
    package let name: String
    /// Why it does not pass.
    package var reason: String?
    /// Whether it says what was there already.
    package var isUnchanged: Bool
  }

  package struct Function: Codable, Sendable {
    package let name: String
    package let python: String
  }

  package struct Problem: Error {
    package let text: String
  }

  private struct Inspection: Codable {
    var mode = "inspect"
    let source: String
    let names: [String]
  }

  private struct Inspected: Codable {
    let functions: [Function]
  }

  private struct Check: Codable {
    var mode = "check"
    let source: String
    let candidates: [Candidate]
    let lenient: Bool
    let note: String
  }

  private struct Checked: Codable {
    let verdicts: [Verdict]
    let source: String
  }

  package init() {}

  /// The functions of a file that can be replaced, each at the left margin.
  package func functions(_ names: [String], of source: String) throws(Problem) -> [Function] {
    let answer: Inspected = try run(Inspection(source: source, names: names))
    return answer.functions
  }

  /// Judges candidates, and puts those that pass into the file.
  ///
  /// - Parameters:
  ///   - candidates: at most one for each function.
  ///   - source: the file.
  ///   - isLenient: whether a stricter check follows, so that what Cython folds may come back.
  ///   - note: a comment above what was replaced.
  /// - Returns: a verdict for each candidate, and the file.
  /// - Throws: ``Problem``.
  package func check(
    _ candidates: [Candidate], in source: String, isLenient: Bool, note: String
  ) throws(Problem) -> (verdicts: [Verdict], source: String) {
    let safe = String(
      String.UnicodeScalarView(note.unicodeScalars.filter { $0.isASCII && $0.value >= 32 }))
    let answer: Checked = try run(
      Check(source: source, candidates: candidates, lenient: isLenient, note: safe))
    guard answer.verdicts.count == candidates.count else {
      throw Problem(text: "the gate lost an answer")
    }
    return (answer.verdicts, answer.source)
  }

  private func run<Question: Encodable, Result: Decodable>(
    _ question: Question
  ) throws(Problem) -> Result {
    let process = Process()
    let (input, output) = (Pipe(), Pipe())
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", "-I", "-S", "-c", GateScript.text]
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    do {
      let data = try JSONEncoder().encode(question)
      try process.run()
      input.fileHandleForWriting.write(data)
      try input.fileHandleForWriting.close()
    } catch {
      throw Problem(text: "python3 cannot be started")
    }
    let answer = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0,
      let result = try? JSONDecoder().decode(Result.self, from: answer)
    else { throw Problem(text: "the file or an answer could not be taken apart") }
    return result
  }
}
