import Foundation

/// Why something could not be verified, and what to do about it.
package struct VerificationFailure: Error, CustomStringConvertible {
  package let description: String
  /// Whether it is the sandbox that is missing.
  package let isSandbox: Bool

  package init(description: String, isSandbox: Bool = false) {
    self.description = description
    self.isSandbox = isSandbox
  }
}

/// Programs that verification needs.
enum Tool {
  /// Runs a program and gives back what it printed, without white space around it.
  ///
  /// - Throws: `message`, with what the program said.
  static func output(
    _ program: String, _ arguments: [String], orSay message: String
  ) throws(VerificationFailure) -> String {
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
      throw VerificationFailure(description: message)
    }
    let text = String(decoding: data, as: UTF8.self)
      .trimmingCharacters(in: .whitespacesAndNewlines)
    guard process.terminationStatus == 0 else {
      throw VerificationFailure(description: message + "\n" + text)
    }
    return text
  }
}
