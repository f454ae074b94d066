import AnnotatedC
import ArgumentParser
import Decompilation
import Foundation
import Naming

/// Whether results are kept for the next command.
struct CacheOptions: ParsableArguments {
  @Flag(
    inversion: .prefixedNo,
    help: "Keeps the decompiled module for the next command, in the user's cache.")
  var cache = true
}

/// `decython show FILE NAME`.
struct Show: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Prints one function or class of a module: as Python, or a function as something else.",
    discussion: """
      python    what was recovered; also of classes
      ir        the function in the tool's own terms, as `explain` prints it
      c         annotated C, as `dump` writes it
      assembly  the instructions, with the names of what they refer to
      """)

  /// What a function is shown as.
  enum Form: String, CaseIterable, ExpressibleByArgument {
    case python, ir, c, assembly
  }

  @OptionGroup private var options: FactOptions
  @OptionGroup private var cache: CacheOptions

  @Argument(help: "The qualified name of a function or class, such as Class.method.")
  var name: String

  @Option(name: .customLong("as"), help: "python, ir, c or assembly.")
  var form = Form.python

  mutating func run() throws {
    let text: String
    do throws(Failure) {
      guard let found = try self.text() else {
        throw Failure(code: Failure.notFound, "no definition of \(Terminal.escaped(name))")
      }
      text = found
    } catch {
      error.exit()
    }
    if options.json {
      try FactOptions.printJSON([["name": name, form.rawValue: text]])
    } else {
      print(text)
    }
  }

  private func text() throws(Failure) -> String? {
    switch form {
    case .python:
      return SourceExcerpt.definition(
        of: name, in: try SingleModule(options.file, usesCache: cache.cache).source)
    case .ir:
      let module = try ModuleFile(options.file)
      return FunctionExplainer(try module.open(), module.versions, function: name)?
        .text(after: .raise)
    case .c:
      let dump = try ModuleAnalysis(options.file, usesCache: cache.cache).dump(only: name)
      return dump.rows.isEmpty ? nil : dump.files.first?.text
    case .assembly:
      let module = try ModuleFile(options.file)
      let opened = try module.open()
      let names = ModuleNames(opened, FunctionCatalogue(opened, module.versions, .anything))
      return names.catalogue.entries.first { $0.name == name }
        .flatMap(Disassembly(opened, names).text)
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

  /// Whether a text in triple quotes starts in a line and does not end in it, or the opposite.
  ///
  /// The printer uses them for docstrings alone, and escapes quotes inside.
  static func changesText(_ line: Substring) -> Bool {
    line.split(separator: "\"\"\"", omittingEmptySubsequences: false).count % 2 == 0
  }

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
      if changesText(lines[end]) { isInText.toggle() }
      end += 1
    }
    while end > first, lines[end - 1].isEmpty { end -= 1 }
    while first > lines.startIndex, lines[first - 1].hasPrefix(indent + "@") { first -= 1 }
    return lines[first..<end]
  }
}
