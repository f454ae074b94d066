import ArgumentParser
import Decompilation
import Foundation

/// What commands that tell facts of one module share.
struct FactOptions: ParsableArguments {
  @Argument(help: "An extension module.")
  var file: String

  @Flag(help: "Prints JSON.")
  var json = false

  /// Opens the module, or ends the program.
  func inventory() -> ModuleInventory {
    do throws(Failure) {
      return ModuleInventory(try ModuleFile(file).open())
    } catch {
      error.exit()
    }
  }

  /// Writes rows, as JSON or as text.
  func write<Row: Encodable>(_ rows: [Row], _ text: (Row) -> String) throws {
    if json {
      try Self.printJSON(rows)
    } else {
      for row in rows { print(Terminal.escaped(text(row))) }
    }
  }

  /// Prints a value as JSON, the same each time.
  static func printJSON(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    print(String(decoding: try encoder.encode(value), as: UTF8.self))
  }
}

/// `decython list FILE`.
struct List: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Lists the functions of a module, and how far each was understood; or its classes.")

  @OptionGroup private var options: FactOptions
  @OptionGroup private var cache: CacheOptions

  @Flag(help: "Lists classes, with their bases and methods and the lines of the recovered file.")
  var classes = false

  mutating func run() throws {
    let module: SingleModule
    do throws(Failure) {
      module = try SingleModule(options.file, usesCache: cache.cache)
    } catch {
      error.exit()
    }
    guard !classes else {
      return try options.write(SourceOutline.classes(in: module.source)) { row in
        let bases = row.bases.isEmpty ? "" : "(\(row.bases))"
        return "line \(row.line)  \(row.name)\(bases)  \(row.methods.joined(separator: " "))"
      }
    }
    try options.write(module.report.functions) { function in
      let line = function.line.map(String.init) ?? "?"
      let reason = function.reason.map { "  (\($0))" } ?? ""
      let address = "0x" + String(function.address, radix: 16)
      return "\(address)  line \(line)  \(function.rung.rawValue)  \(function.name)\(reason)"
    }
  }
}

/// `decython methods FILE`.
struct Methods: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists the code objects of a module: its functions with their parameters.")

  @OptionGroup private var options: FactOptions

  mutating func run() throws {
    try options.write(options.inventory().codes) { code in
      "line \(code.firstLine)  \(code.qualifiedName ?? code.name)  "
        + code.variableNames.joined(separator: " ")
    }
  }
}

/// `decython strings FILE`.
struct Strings: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists the strings that a module makes, as Python writes them.")

  @OptionGroup private var options: FactOptions

  mutating func run() throws {
    try options.write(options.inventory().constants.filter { $0.kind == "str" }, \.text)
  }
}

/// `decython constants FILE`.
struct Constants: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists the constants that a module makes, as Python writes them.")

  @OptionGroup private var options: FactOptions

  mutating func run() throws {
    try options.write(options.inventory().constants) { "\($0.kind)  \($0.text)" }
  }
}
