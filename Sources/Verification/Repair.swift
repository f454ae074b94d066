import Foundation

/// Writes functions in other forms, for those that are not the same as the original's.
///
/// Where a statement ends, in which order two steps stand and which side of a comparison is which is not
/// always to be told from machine code. Whether a form is right is for a comparison to say.
package struct Repair {
  private struct Question: Encodable {
    let source: String
    let names: [String]
    let number: Int
  }

  private struct Answer: Decodable {
    let source: String
    let changed: [String]
  }

  package init() {}

  /// Writes functions in their form of that number.
  ///
  /// - Parameters:
  ///   - number: 0 is the likeliest form.
  ///   - names: the qualified names of the functions.
  ///   - source: the file, which is parsed and never run.
  /// - Returns: the file, and the functions that have so many forms; nil if it cannot be done.
  package func form(
    _ number: Int, of names: [String], in source: String
  ) -> (source: String, changed: [String])? {
    let process = Process()
    let (input, output) = (Pipe(), Pipe())
    process.executableURL = URL(filePath: "/usr/bin/env")
    let script = String(decoding: PackageResources.repair_py, as: UTF8.self)
    process.arguments = ["python3", "-I", "-S", "-c", script]
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    do {
      let question = Question(source: source, names: names, number: number)
      let data = try JSONEncoder().encode(question)
      try process.run()
      input.fileHandleForWriting.write(data)
      try input.fileHandleForWriting.close()
    } catch {
      return nil
    }
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0,
      let answer = try? JSONDecoder().decode(Answer.self, from: data)
    else { return nil }
    return (answer.source, answer.changed)
  }
}
