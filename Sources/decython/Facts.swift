import ArgumentParser
import Decompilation
import Foundation
import PythonSyntax

/// What commands that tell facts of one module share.
private struct FactOptions: ParsableArguments {
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

  /// Decompiles the module in a process of its own, or ends the program.
  func report() -> (source: String, report: ModuleReport) {
    var result: (source: String, report: ModuleReport)?
    do throws(Failure) {
      let inputs = try ModuleInput.expand(file)
      guard inputs.count == 1 else {
        throw Failure(code: 2, "\(Terminal.escaped(file)): one module at a time")
      }
      var failure: Failure?
      WorkerPool(limits: .init(jobs: 1, seconds: 120, megabytes: 4096)).run(inputs) { _, outcome in
        switch outcome {
        case .module(let source, let report): result = (source, report)
        case .failure(let problem): failure = problem
        }
      }
      if let failure { throw failure }
    } catch {
      error.exit()
    }
    guard let result else { Failure(code: 1, "internal error: no answer").exit() }
    return result
  }

  /// Writes rows, as JSON or as text.
  func write<Row: Encodable>(_ rows: [Row], _ text: (Row) -> String) throws {
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      print(String(decoding: try encoder.encode(rows), as: UTF8.self))
    } else {
      for row in rows { print(Terminal.escaped(text(row))) }
    }
  }
}

/// `decython list FILE`.
struct List: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists the functions of a module, and how far each was understood.")

  @OptionGroup private var options: FactOptions

  mutating func run() throws {
    try options.write(options.report().report.functions) { function in
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

/// `decython show FILE NAME`.
struct Show: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prints one function or class of a module as Python.")

  @OptionGroup private var options: FactOptions

  @Argument(help: "The qualified name of a function or class, such as Class.method.")
  var name: String

  mutating func run() throws {
    let source = options.report().source
    guard let lines = SourceExcerpt.definition(of: name, in: source) else {
      Failure(code: Failure.notFound, "no definition of \(Terminal.escaped(name))").exit()
    }
    if options.json {
      try options.write([["name": name, "python": lines]]) { _ in "" }
    } else {
      print(lines)
    }
  }
}

/// Finds definitions in what the printer wrote.
enum SourceExcerpt {
  /// The lines of a definition with its decorators, without their indentation.
  static func definition(of name: String, in source: String) -> String? {
    let path = name.split(separator: ".").filter { $0 != "<locals>" }.map(String.init)
    var lines = source.split(separator: "\n", omittingEmptySubsequences: false)[...]
    for (level, part) in path.enumerated() {
      guard let body = block(part, indent: String(repeating: "    ", count: level), lines) else {
        return nil
      }
      lines = body
    }
    guard !path.isEmpty else { return nil }
    let width = 4 * (path.count - 1)
    return lines.map {
      $0.prefix(width).allSatisfy { $0 == " " } ? String($0.dropFirst(width)) : String($0)
    }
    .joined(separator: "\n")
  }

  /// The printer uses them for docstrings alone, and escapes quotes inside.
  private static let quotes = "\"\"\""

  private static func block(
    _ name: String, indent: String, _ lines: ArraySlice<Substring>
  ) -> ArraySlice<Substring>? {
    let starts = ["def ", "async def ", "class "].map { indent + $0 + name }
    let found = lines.firstIndex { line in
      starts.contains { start in
        line.hasPrefix(start) && line.dropFirst(start.count).first.map { "(:".contains($0) } == true
      }
    }
    guard var first = found else { return nil }
    var end = first + 1
    var isInText = false
    while end < lines.endIndex,
      isInText || lines[end].isEmpty || lines[end].hasPrefix(indent + " ")
    {
      if lines[end].split(separator: quotes, omittingEmptySubsequences: false).count % 2 == 0 {
        isInText.toggle()
      }
      end += 1
    }
    while end > first, lines[end - 1].isEmpty { end -= 1 }
    while first > lines.startIndex, lines[first - 1].hasPrefix(indent + "@") { first -= 1 }
    return lines[first..<end]
  }
}
