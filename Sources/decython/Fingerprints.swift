import ArgumentParser
import Foundation
import ModuleRecovery

/// `decython fingerprints FILE`: what `Tools/generate_fingerprints.py` makes its table from.
struct Fingerprints: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prints the fingerprints of the helpers that a symbol table names.",
    shouldDisplay: false)

  @Argument(help: "An extension module with its symbol table.")
  var file: String

  mutating func run() throws {
    do {
      let module = try ModuleFile(file).open()
      for row in module.program.helpers.fingerprints {
        print("\(row.name) \(String(row.fingerprint, radix: 16)) \(row.count)")
      }
    } catch {
      Failure(error, file: file).exit()
    }
  }
}
