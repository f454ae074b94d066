import Archives
import ArgumentParser
import BinaryFormats
import Foundation
import Interpretation
import Lifting

/// A failure as the command line reports it.
struct Failure: Error, CustomStringConvertible {
  let code: Int32
  let message: String

  var description: String { message }

  static let notFound: Int32 = 10
  static let notExecutable: Int32 = 11
  static let notCython: Int32 = 12
  static let corrupt: Int32 = 13
  static let unsupported: Int32 = 14
  static let tooLarge: Int32 = 15
  static let noSandbox: Int32 = 23
  static let mismatch: Int32 = 30

  /// Whether the file is a module whose tables can be read though its code cannot be followed.
  var leavesTables: Bool { code == Self.unsupported || code == Self.corrupt }

  init(code: Int32, _ message: String) {
    self.code = code
    self.message = message
  }

  /// What an error means for the user.
  init(_ error: any Error, file: String) {
    let name = Terminal.escaped(file)
    switch error {
    case let failure as Failure: self = failure
    case BinaryFormatError.unknownFormat:
      self.init(code: Self.notExecutable, "\(name): neither ELF, PE nor Mach-O")
    case BinaryFormatError.unsupportedFormat(let format):
      self.init(code: Self.unsupported, "\(name): \(format) files are not read yet")
    case BinaryFormatError.unsupportedArchitecture(let processor):
      self.init(code: Self.unsupported, "\(name): code for \(processor) is not read yet")
    case BinaryFormatError.truncated(let offset, _):
      self.init(code: Self.corrupt, "\(name): cut off; something should stand at byte \(offset)")
    case BinaryFormatError.invalid(let what, let offset):
      self.init(code: Self.corrupt, "\(name): corrupt: \(what) at byte \(offset)")
    case BinaryFormatError.tooLarge(let size):
      self.init(code: Self.tooLarge, "\(name): asks for \(size) bytes of memory")
    case ArchiveError.truncated:
      self.init(code: Self.corrupt, "\(name): cut off")
    case ArchiveError.damaged(let what):
      self.init(code: Self.corrupt, "\(name): corrupt: \(what)")
    case ArchiveError.unsupported(let what):
      self.init(code: Self.unsupported, "\(name): \(what) is not read yet")
    case ArchiveError.tooLarge:
      self.init(code: Self.tooLarge, "\(name): holds too much")
    case InitializationError.noModuleDefinition:
      self.init(code: Self.notCython, "\(name): no module that Cython made")
    case InitializationError.stopped(let outcome):
      self.init(
        code: Self.corrupt,
        "\(name): its initialisation cannot be followed: \(Terminal.escaped("\(outcome)"))")
    default: self.init(code: 1, "\(name): internal error: \(Terminal.escaped("\(error)"))")
    }
  }

  func exit() -> Never {
    Terminal.error("decython: " + message)
    Decython.exit(withError: ExitCode(code))
  }
}
