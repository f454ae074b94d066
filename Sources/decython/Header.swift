import ArgumentParser
import BinaryFormats
import CHeaders
import ModuleRecovery
import RuntimeModel

/// `decython header FILE`.
struct Header: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prints the C structures of the CPython and the Cython that a module was built for.")

  @Argument(help: "An extension module.")
  var file: String?

  @Option(help: "The CPython, such as 3.8, instead of the module's.")
  var python: String?

  @Option(help: "The Cython, such as 3.0, instead of the module's.")
  var cython: String?

  @Option(help: "The width of a pointer in bits, 32 or 64, instead of the module's.")
  var bits: Int?

  mutating func run() throws {
    do throws(Failure) {
      let module = try file.map { path throws(Failure) in try ModuleFile(path) }
      let version =
        try python.map(Self.version) ?? module?.versions.python.map { ($0.major, $0.minor) }
      guard let version else {
        throw Failure(code: 2, "no CPython version is known: give --python")
      }
      let known = module?.versions.cython.map { ($0.major, $0.minor) }
      let compiler = try cython.map(Self.version) ?? known
      let width = bits.map { $0 / 8 } ?? module?.image.architecture.pointerSize ?? 8
      guard width == 4 || width == 8, version.0 == 3, (6...14).contains(version.1) else {
        throw Failure(code: Failure.unsupported, "structures are known of CPython 3.6 to 3.14")
      }
      let layout = ObjectLayout(PythonVersion(version.0, version.1), pointerSize: width)
      print(CLayout(layout, cython: compiler).header(), terminator: "")
    } catch {
      error.exit()
    }
  }

  private static func version(_ text: String) throws(Failure) -> (Int, Int) {
    let numbers = text.split(separator: ".").compactMap { Int($0) }
    guard numbers.count >= 2 else {
      throw Failure(code: 2, "not a version: \(Terminal.escaped(text))")
    }
    return (numbers[0], numbers[1])
  }
}
