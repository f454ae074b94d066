import ArgumentParser
import Decompilation
import Foundation

/// `decython features FILE`: what the generator of the fingerprint table reads.
///
/// One line per function that still has a symbol: its name, the fingerprint of what it touches, that
/// in words, and the helper that it is taken for without the symbol.
struct Features: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prints what every function with a symbol touches.", shouldDisplay: false)

  @Argument(help: "An extension module that was not stripped.")
  var file: String

  mutating func run() throws {
    do {
      let module = try ModuleFile(file).open()
      for function in NamedFunctionFeatures.all(in: module) {
        print(
          Terminal.escaped(function.name), String(function.fingerprint, radix: 16),
          Terminal.escaped(function.words),
          function.helper ?? "-", separator: "\t")
      }
    } catch {
      Failure(error, file: file).exit()
    }
  }
}
