import ArgumentParser
import Decompilation
import Foundation

/// Where statements stand in what is written.
enum Layout: String, Codable, EnumerableFlag {
  /// On their original lines, as far as those are known.
  case lines
  /// One below the other.
  case compact
}

/// What a worker is asked to do; the module's bytes follow on its standard input.
struct WorkerRequest: Codable {
  /// What messages call the module.
  let path: String
  /// The archive in which it lies, if it lies in one.
  var archive: String?
  /// Functions to leave out, with the reason, by the address of their code.
  var skipped: [UInt64: String] = [:]
  /// The only functions to decompile, if there is no time for more.
  var only: Supervision.Selection?
  let layout: Layout
  /// The most memory that the worker may ask for, in MiB; 0 is no limit.
  let memory: Int
}

/// What a worker tells, one message a line, as JSON.
enum WorkerMessage: Codable {
  /// It turns to a function.
  case begin(address: UInt64, name: String)
  /// It is done with the function that it turned to last.
  case end
  /// Nothing came of the module.
  case failure(code: Int32, message: String)
  /// The module as Python.
  case finished(source: String, report: ModuleReport)

  /// The message as a line.
  var line: Data {
    // Strings, numbers and arrays of them: nothing that could fail.
    ((try? JSONEncoder().encode(self)) ?? Data()) + Data("\n".utf8)
  }

  init?(line: some Sequence<UInt8>) {
    guard let message = try? JSONDecoder().decode(Self.self, from: Data(line)) else { return nil }
    self = message
  }
}
