/// Where printed statements came from.
package struct SourcePlaces: Codable, Hashable, Sendable {
  /// A statement whose original line is known.
  package struct Statement: Codable, Hashable, Sendable {
    package let original: Int
    package let printed: Int
  }

  /// A `def` or `class`, by its qualified name.
  package struct Definition: Codable, Hashable, Sendable {
    package let name: String
    package let printed: Int
  }

  package var statements: [Statement] = []
  package var definitions: [Definition] = []

  package init() {}

  /// Makes places among printed pieces, each of which starts at a line, places among lines.
  mutating func resolve(_ starts: [Int]) {
    func place(_ piece: Int) -> Int {
      piece < starts.count ? starts[piece] : (starts.last ?? 0) + 1
    }
    statements = statements.map { Statement(original: $0.original, printed: place($0.printed)) }
    definitions = definitions.map { Definition(name: $0.name, printed: place($0.printed)) }
  }
}
