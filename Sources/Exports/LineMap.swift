package import Decompilation
import IR
import Interpretation
import Naming
package import PythonSyntax
import Raising
import Simplification

/// Which line of the recovered Python each piece of machine code belongs to.
package struct LineMap: Sendable {
  /// From an address on, code belongs to a line.
  package struct Row: Hashable, Comparable, Sendable, Codable {
    package let address: UInt64
    package let line: Int

    package static func < (left: Self, right: Self) -> Bool {
      (left.address, left.line) < (right.address, right.line)
    }
  }

  /// The rows, by address, each address once.
  package private(set) var rows: [Row] = []
  /// The line of each function's `def`, in the order of the catalogue.
  package private(set) var definitions: [Int] = []

  /// - Parameters:
  ///   - catalogue: the functions.
  ///   - places: where their statements stand in the recovered file.
  package init(_ catalogue: FunctionCatalogue, _ places: SourcePlaces) {
    let known = Dictionary(places.definitions.map { ($0.name, $0.printed) }) { first, _ in first }
    let statements = places.statements.sorted {
      ($0.original, $0.printed) < ($1.original, $1.printed)
    }
    var lines: [UInt64: Int] = [:]
    for entry in catalogue.entries {
      var start = Self.definition(of: entry.name, known)
      if known[entry.name] == nil, let line = entry.code?.firstLine {
        // Lambdas stand in a statement.
        start = Self.printed(line, statements, from: start)
      }
      definitions.append(start)
      for address in [entry.wrapper, entry.body].compactMap({ $0 }) where lines[address] == nil {
        lines[address] = start
      }
      guard let raiser = entry.raiser else { continue }
      for (step, site) in raiser.sites.sorted(by: { $0.key < $1.key }) {
        let address = raiser.function[step].address
        guard address != 0, lines[address] == nil else { continue }
        lines[address] = Self.printed(site.line, statements, from: start)
      }
    }
    rows = lines.map { Row(address: $0.key, line: $0.value) }.sorted()
  }

  /// The line of a definition, or of the one around it that is known.
  private static func definition(of name: String, _ known: [String: Int]) -> Int {
    var path = name.split(separator: ".").map(String.init)
    while !path.isEmpty {
      if let line = known[path.joined(separator: ".")] { return line }
      path.removeLast()
      if path.last == "<locals>" { path.removeLast() }
    }
    return 1
  }

  /// Where the last statement stands that starts at an original line or before it.
  private static func printed(
    _ line: Int, _ statements: [SourcePlaces.Statement], from start: Int
  ) -> Int {
    var (low, high) = (0, statements.count)
    while low < high {
      let middle = (low + high) / 2
      if statements[middle].original <= line { low = middle + 1 } else { high = middle }
    }
    guard low > 0 else { return start }
    let original = statements[low - 1].original
    let first = statements[..<low].lastIndex { $0.original != original }.map { $0 + 1 } ?? 0
    return max(start, statements[first].printed)
  }
}
