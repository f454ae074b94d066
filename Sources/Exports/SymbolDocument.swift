package import BinaryFormats
package import Foundation
package import Naming

/// Everything that is known of a module by address, for other tools: the neutral file that loaders read.
///
/// Addresses are those of the file, as if it were loaded at 0.
package struct SymbolDocument: Codable, Sendable {
  package struct Module: Codable, Sendable {
    package let name: String
    package let file: String
    package let sha256: String
    package let architecture: String
    package let pointerSize: Int
    package let python: String?
    package let cython: String?

    package init(
      name: String, file: String, sha256: String, architecture: String, pointerSize: Int,
      python: String?, cython: String?
    ) {
      (self.name, self.file, self.sha256) = (name, file, sha256)
      (self.architecture, self.pointerSize) = (architecture, pointerSize)
      (self.python, self.cython) = (python, cython)
    }
  }

  package struct Function: Codable, Sendable {
    package let address: UInt64
    package let size: UInt64?
    package let name: String
    package let kind: ModuleNames.Named.Kind
    package let comment: String
    package let line: Int?
  }

  package struct Item: Codable, Sendable {
    package let address: UInt64
    package let size: UInt64?
    package let name: String
    package let kind: ModuleNames.Named.Kind
    /// The type in C, one of those in ``SymbolDocument/types``.
    package let type: String
    package let comment: String
  }

  package struct Comment: Codable, Sendable {
    package let address: UInt64
    package let text: String
  }

  package struct SourceMap: Codable, Sendable {
    package let file: String
    package let text: String
    package let rows: [LineMap.Row]
  }

  /// What C declares, as one header.
  package struct Types: Codable, Sendable {
    package let language: String
    package let header: String
  }

  package var format = "decython-symbols"
  package var version = 1
  package let module: Module
  package let functions: [Function]
  package let data: [Item]
  package let types: Types
  package let comments: [Comment]
  package let sourceMap: SourceMap

  package init(
    _ module: Module, _ names: ModuleNames, _ image: BinaryImage, map: LineMap, header: String,
    source: String, sourceFile: String
  ) {
    self.module = module
    let lines = Dictionary(map.rows.map { ($0.address, $0.line) }) { first, _ in first }
    functions = names.functions.values.sorted { $0.address < $1.address }.map { named in
      Function(
        address: named.address, size: named.end.map { $0 &- named.address }, name: named.name,
        kind: named.kind, comment: named.comment,
        line: named.kind == .function ? lines[named.address] : nil)
    }
    data = names.data.values.sorted { $0.address < $1.address }.map { named in
      let type =
        switch named.kind {
        case .methodTable: "PyMethodDef"
        case .type: "PyTypeObject"
        default: "PyObject *"
        }
      return Item(
        address: named.address, size: named.end.map { $0 &- named.address }, name: named.name,
        kind: named.kind, type: type, comment: named.comment)
    }
    types = Types(language: "C", header: header)
    let texts = source.split(separator: "\n", omittingEmptySubsequences: false)
    var last: Int?
    var comments: [Comment] = []
    for row in map.rows where image.isExecutable(row.address) {
      defer { last = row.line }
      guard row.line != last, row.line > 0, row.line <= texts.count else { continue }
      let text = texts[row.line - 1].drop { $0 == " " }
      comments.append(Comment(address: row.address, text: "\(row.line): \(text)"))
    }
    self.comments = comments
    sourceMap = SourceMap(
      file: sourceFile, text: source, rows: map.rows.filter { image.isExecutable($0.address) })
  }

  /// The file's bytes; the same for the same module.
  package func encoded() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self) + Data("\n".utf8)
  }
}
