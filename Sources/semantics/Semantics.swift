import BinaryFormats
import Foundation
import IR
import Interpretation
import Lifting
import RuntimeModel

/// What single instructions do, as the lifter reads them and as the interpreter runs them.
///
/// ```
/// semantics MODULE REGISTER…     answers lines of standard input
/// semantics MODULE --harvest     lists the instructions of a module; --harvest-alternate reads them as
///                                those of the second instruction set
/// ```
/// The module only says which processor it is. A line is `ADDRESS CODE`, which is decoded, or
/// `ADDRESS CODE REGISTERS ADDRESS:BYTES…`, which is run. Numbers are hexadecimal; bytes stand in the
/// order of memory, registers one behind the other in the order of the command line.
@main struct Semantics {
  static func main() throws {
    let arguments = CommandLine.arguments.dropFirst()
    guard let path = arguments.first else { return }
    let image = try BinaryImage(reading: [UInt8](Data(contentsOf: URL(filePath: path))))
    if let last = arguments.last, last.hasPrefix("--harvest") {
      return try Harvest(image, isAlternate: last == "--harvest-alternate").write()
    }
    let bench = try Bench(image, registers: Array(arguments.dropFirst()))
    while let line = readLine() { print(bench.answer(to: line.split(separator: " "))) }
  }
}
