package import PythonSyntax

/// Chooses between spellings of a function that compile to the same code, by the positions that its
/// code object lists.
package struct SpellingSearch {
  private let table: PositionTable
  /// How many candidates are looked at.
  private var budget: Int

  package init(_ table: PositionTable, budget: Int = 240) {
    self.table = table
    self.budget = budget
  }

  /// How badly the positions fit a function; 0 is a perfect fit.
  package func cost(_ definition: FunctionDefinition) -> Double {
    Alignment(TokenSequence(definition), table).cost()
  }

  /// The spelling that fits best, or the function itself if none fits better; `variables` are the
  /// names of its local variables.
  package mutating func best(
    of definition: FunctionDefinition, variables: [String]
  ) -> FunctionDefinition {
    struct Candidate {
      let definition: FunctionDefinition
      let cost: Double
    }
    var best = Candidate(definition: definition, cost: cost(definition))
    guard best.cost.isFinite, best.cost >= Self.noise else { return definition }
    var beam = [best]
    var seen: Set<[Statement]> = [definition.body]
    for _ in 0..<8 {
      var next: [Candidate] = []
      for candidate in beam {
        let names = variables.filter { name in
          !candidate.definition.body.contains { $0.mentions { $0 == name } }
        }
        for body in Variants(unusedNames: names).bodies(candidate.definition.body) {
          guard budget > 0 else { break }
          guard seen.insert(body).inserted else { continue }
          budget -= 1
          var variant = candidate.definition
          variant.body = body
          let cost = Alignment(TokenSequence(variant), table).cost(upTo: best.cost + Self.detour)
          if cost.isFinite { next.append(Candidate(definition: variant, cost: cost)) }
        }
      }
      guard
        let first = next.enumerated().min(by: {
          ($0.element.cost, $0.offset) < ($1.element.cost, $1.offset)
        })?.element
      else { break }
      if first.cost < best.cost { best = first }
      guard best.cost >= Self.noise, budget > 0 else { break }
      beam = next.enumerated()
        .sorted { ($0.element.cost, $0.offset) < ($1.element.cost, $1.offset) }
        .prefix(3).map(\.element)
    }
    return best.definition
  }

  /// How much worse a candidate may be than the best one for others to be made of it.
  private static let detour = 24.0

  /// Gaps that mean nothing: a broken line, a literal in another spelling.
  private static let noise = 2.0
}
