package import PythonSyntax

/// Chooses between spellings of a function that compile to the same code, by the positions that its
/// code object lists, or by where its steps stand in the C source.
///
/// The lines at which these do not fit are mended one after the other: only what stands there
/// is spelt in other ways, so that the work grows with what is wrong rather than with the function.
package struct SpellingSearch {
  private let evidence: Evidence
  /// How many candidates are looked at.
  private var budget: Int
  /// The bodies that were looked at before.
  private var seen: Set<[Statement]> = []
  private var variables: [String] = []
  private var usual = WritingHabits()

  /// What tells the spellings apart.
  private enum Evidence {
    case positions(PositionTable)
    case cLines(CLineTable)
  }

  package init(_ table: PositionTable, budget: Int = 1200) {
    evidence = .positions(table)
    // Long functions cost more to look at.
    self.budget = min(budget, 200 + 200_000 / (table.positions.count + 40))
  }

  package init(_ table: CLineTable, budget: Int = 1200) {
    evidence = .cLines(table)
    self.budget = min(budget, 200 + 200_000 / (table.runs.count + 40))
  }

  private struct Candidate {
    let definition: FunctionDefinition
    let cost: Double
  }

  /// How badly what is known fits a function; 0 is a perfect fit.
  package func cost(_ definition: FunctionDefinition) -> Double {
    cost(definition, upTo: .infinity)
  }

  private func cost(_ definition: FunctionDefinition, upTo limit: Double) -> Double {
    switch evidence {
    case .positions(let table):
      Alignment(TokenSequence(definition), table).cost(upTo: limit)
    case .cLines(let table):
      CLineFit(definition, table, variables: variables, usual: usual).cost
    }
  }

  /// The spelling that fits best, or the function itself if none fits better; `variables` are the
  /// names of its local variables.
  package mutating func best(
    of definition: FunctionDefinition, variables: [String]
  ) -> FunctionDefinition {
    self.variables = variables
    usual = definition.body.habits
    var best = Candidate(definition: definition, cost: cost(definition))
    guard best.cost.isFinite, best.cost >= Self.noise else { return definition }
    seen = [definition.body]
    var hopeless: Set<Int> = []
    while best.cost >= Self.noise, budget > 0 {
      let suspects = suspectLines(best).subtracting(hopeless).sorted()
      guard !suspects.isEmpty else { break }
      let focus = Self.focus(suspects)
      if let better = improved(best, focus) {
        best = better
        // What stands before the change is as it was.
        hopeless = hopeless.filter { $0 + 1 < suspects[0] }
      } else {
        hopeless.formUnion(focus)
      }
    }
    return best.definition
  }

  /// The first lines to look at, with those right behind them: one change may explain several.
  private static func focus(_ suspects: [Int]) -> Set<Int> {
    var result = Array(suspects.prefix(focusSize))
    for line in suspects.dropFirst(focusSize) {
      guard let last = result.last, line - last <= focusSize, result.count < 4 * focusSize else {
        break
      }
      result.append(line)
    }
    return Set(result)
  }

  /// A better candidate with something else at some lines, perhaps by way of worse ones.
  private mutating func improved(_ candidate: Candidate, _ focus: Set<Int>) -> Candidate? {
    var beam = [candidate]
    for depth in 0..<Self.depth {
      var next: [Candidate] = []
      for start in beam {
        let lines =
          depth == 0
          ? focus : focus.union(suspectLines(start).sorted().prefix(Self.focusSize))
        next += variants(of: start, lines, upTo: candidate.cost + Self.detour)
      }
      let sorted = next.enumerated().sorted {
        ($0.element.cost, $0.offset) < ($1.element.cost, $1.offset)
      }.map(\.element)
      guard let first = sorted.first else { return nil }
      if first.cost < candidate.cost - Self.margin { return first }
      beam = Array(sorted.prefix(Self.beam))
    }
    return nil
  }

  private mutating func variants(
    of candidate: Candidate, _ focus: Set<Int>, upTo limit: Double
  ) -> [Candidate] {
    var result: [Candidate] = []
    for body in Variants(candidate.definition, variables: variables, focus: focus).bodies {
      guard budget > 0 else { break }
      // A name that a handler has bound is no variable behind it.
      guard seen.insert(body).inserted, !body.readsDeletedName() else { continue }
      budget -= 1
      var variant = candidate.definition
      variant.body = body
      let cost = cost(variant, upTo: limit)
      if cost.isFinite, cost <= limit { result.append(Candidate(definition: variant, cost: cost)) }
    }
    return result
  }

  private func suspectLines(_ candidate: Candidate) -> Set<Int> {
    switch evidence {
    case .positions(let table):
      Alignment(TokenSequence(candidate.definition), table).suspectLines
    case .cLines(let table):
      CLineFit(candidate.definition, table, variables: variables, usual: usual).suspectLines
    }
  }

  /// How much worse a candidate may be than the best one for others to be made of it.
  private static let detour = 24.0

  /// How much better another spelling must be: less may be due to how a literal or a break is written.
  private static let margin = 0.9

  /// Gaps that mean nothing: a broken line, a literal in another spelling.
  private static let noise = 2.0

  /// How many lines are looked at together.
  private static let focusSize = 3

  /// How many changes may be made before the last one pays, and how many candidates are kept of each.
  private static let depth = 3
  private static let beam = 3
}
