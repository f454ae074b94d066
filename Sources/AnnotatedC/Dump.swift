import Basics
package import Decompilation
import Foundation
import Interpretation
package import Naming
import Raising

/// A module as annotated C: a file per function, a header that explains the macros, and an index.
package struct Dump {
  /// A file of the dump.
  package struct File: Sendable {
    package let name: String
    package let text: String
  }

  /// A row of the index.
  package struct Row: Codable, Sendable {
    package let function: String
    package let file: String
    package let symbol: String
    package let address: UInt64
    package let line: Int?
    package let rung: String?
    package let lines: Int
  }

  package static let headerName = "decython.h"

  package private(set) var files: [File] = []
  package private(set) var rows: [Row] = []

  /// Writes every function of a module, or one alone.
  ///
  /// - Parameters:
  ///   - names: what the module's things are called.
  ///   - sourceName: what the file is called, for people.
  ///   - layout: the C structures of the module's CPython, for the header.
  ///   - reports: what became of the functions as Python.
  ///   - only: the qualified name of the function that is wanted.
  package init(
    _ names: ModuleNames, sourceName: String, layout: String, reports: [FunctionReport],
    only: String? = nil
  ) {
    var fileNames = UniqueNames(foldsCase: true)
    var declarations = Declarations()
    let rungs = Dictionary(reports.map { ($0.name, $0.rung.rawValue) }) { first, _ in first }
    var drafts: [(entry: FunctionCatalogue.Entry, symbol: String, stem: String, text: String)] = []
    for (entry, symbol) in zip(names.catalogue.entries, names.entryNames) {
      let stem = fileNames.claim(Self.fileStem(entry.name), separator: ".")
      guard only == nil || only == entry.name else { continue }
      let (text, used) = Self.text(entry, symbol, names, sourceName, declarations)
      declarations = used
      drafts.append((entry, symbol, stem, text))
    }
    for (entry, symbol, stem, draft) in drafts {
      // What other functions call is a macro in the header, which a name in parentheses does not call.
      let text =
        declarations.isFunction(symbol)
        ? draft.replacing(
          "\nPyObject *\(symbol)(", with: "\nPyObject *(\(symbol))(", maxReplacements: 1)
        : draft
      files.append(File(name: stem + ".c", text: text))
      rows.append(
        Row(
          function: entry.name, file: stem + ".c", symbol: symbol,
          address: entry.body ?? entry.wrapper ?? 0, line: entry.code?.firstLine,
          rung: rungs[entry.name], lines: text.utf8.count { $0 == 10 }))
    }
    let header = HeaderWriter(declarations, names).text(sourceName: sourceName, layout: layout)
    files.append(File(name: Self.headerName, text: header))
  }

  /// The index for people.
  package var index: String {
    var lines = ["# function  file  line  address  understood"]
    for row in rows {
      let line = row.line.map(String.init) ?? "-"
      lines.append(
        "\(CIdentifier.comment(row.function, limit: 200))  \(row.file)  \(line)  "
          + "0x\(String(row.address, radix: 16))  \(row.rung ?? "-")")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A file's name for a qualified name: `Class.method` → `Class.method`.
  private static func fileStem(_ name: String) -> String {
    let parts = name.split(separator: ".").map { part -> String in
      switch part {
      case "<locals>": "locals"
      case "<module>": "module"
      case "<genexpr>": "genexpr"
      case "<lambda>": "lambda"
      default: CIdentifier.part(String(part), limit: 40)
      }
    }
    let stem = String(parts.joined(separator: ".").prefix(100))
    let reserved: Set<String> = ["con", "prn", "aux", "nul"]
    let first = stem.lowercased().split(separator: ".").first.map(String.init) ?? ""
    let isDevice = first.count == 4 && (first.hasPrefix("com") || first.hasPrefix("lpt"))
    return stem.isEmpty || reserved.contains(first) || isDevice ? "f_" + stem : stem
  }

  private static func text(
    _ entry: FunctionCatalogue.Entry, _ symbol: String, _ names: ModuleNames, _ sourceName: String,
    _ declarations: Declarations
  ) -> (String, Declarations) {
    let place = entry.code.map { code in
      "\(CIdentifier.comment(code.fileName.string ?? "?")):\(code.firstLine)"
    }
    let address = (entry.body ?? entry.wrapper).map { "0x" + String($0, radix: 16) } ?? "?"
    let title =
      "/* \(CIdentifier.comment(entry.name, limit: 120)) -- \(place ?? "module \(CIdentifier.comment(sourceName))"), code at \(address) */"
    var lines = [title, "#include \"\(headerName)\""]
    guard let raiser = entry.raiser else {
      return (
        (lines + ["/* no sound machine code was found */"]).joined(separator: "\n") + "\n",
        declarations
      )
    }
    let writer = FunctionWriter(raiser, entry, names, declarations)
    let body = NodePrinter(writer.body(), indent: 1).lines
    lines.append(writer.prototype(symbol))
    lines += writer.variableLines()
    return ((lines + body + ["}"]).joined(separator: "\n") + "\n", writer.declarations)
  }
}

extension FunctionWriter {
  /// The head of the function.
  func prototype(_ symbol: String) -> String {
    var texts = parameters.map { "PyObject *" + $0 }
    texts += entryCells.sorted().map { "Py_ssize_t " + $0 }
    return "PyObject *\(symbol)(\(texts.isEmpty ? "void" : texts.joined(separator: ", "))) {"
  }

  /// The declarations of variables, by type.
  func variableLines() -> [String] {
    var lines: [String] = []
    let own = declared.filter { !parameters.contains($0.name) }
    for type in [CType.object, .integer(8), .integer(4), .integer(2), .integer(1), .double] {
      let names = own.filter { Self.isSame($0.type, type) }.map(\.name)
      guard !names.isEmpty else { continue }
      let star = type == .object ? "*" : ""
      var line = "  \(type == .object ? "PyObject" : type.bare) "
      for (index, name) in names.enumerated() {
        let text = star + name + (index == names.count - 1 ? ";" : ", ")
        if line.utf8.count + text.utf8.count > 110 {
          lines.append(line)
          line = "    "
        }
        line += text
      }
      lines.append(line)
    }
    return lines
  }

  private static func isSame(_ left: CType, _ right: CType) -> Bool {
    if case .integer(let width) = left, case .integer(let other) = right {
      return width == other || other == 8 && ![1, 2, 4].contains(width)
    }
    return left == right
  }
}
