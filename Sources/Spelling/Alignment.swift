/// How well positions fit the tokens of a candidate: the cost of the best monotone match.
///
/// Positions and tokens are in the order of the source, so that a match is an increasing map. What
/// costs: a position without a token, a token that is always listed without a position, and a gap
/// between two tokens that the candidate's spelling does not explain.
struct Alignment {
  private let tokens: [TokenSequence.Token]
  private let positions: [PositionTable.Position]
  /// How far the function is indented in its source.
  private let margin: Int
  /// How many tokens that are always listed come before each token.
  private let listedBefore: [Int]

  private enum Cost {
    static let missing = 10.0
    static let narrower = 12.0
    static let wider = 2.5
    static let otherColumn = 9.0
    static let unbracketedBreak = 6.0
    static let bracketedBreak = 0.05
    static let brokenHead = 0.4
    static let literal = 0.6
    static let sameLine = 3.0
  }

  private static let window = 24
  private static let beam = 8

  /// The last token and position that were matched, and what the match costs up to there.
  private struct State {
    let token: Int
    let position: Int
    let cost: Double
  }

  init(_ sequence: TokenSequence, _ table: PositionTable) {
    tokens = sequence.tokens
    positions = table.positions
    margin = table.positions.first?.column ?? 0
    var count = 0
    var before: [Int] = []
    for token in tokens {
      before.append(count)
      if token.isAlwaysListed { count += 1 }
    }
    listedBefore = before + [count]
  }

  /// The least cost; it is 0 if all positions are those of the tokens, and infinite if it is more
  /// than `limit`.
  func cost(upTo limit: Double = .infinity) -> Double {
    guard !positions.isEmpty, !tokens.isEmpty else { return .infinity }
    var states = [State(token: 0, position: 0, cost: 0)]
    var best = [Double](repeating: .infinity, count: tokens.count)
    var last = [Int](repeating: 0, count: tokens.count)
    for position in 1..<max(positions.count, 1) {
      var reached: [Int] = []
      for state in states {
        let end = min(tokens.count, state.token + 1 + Self.window)
        for token in (state.token + 1)..<max(end, state.token + 1) {
          let skipped = listedBefore[token] - listedBefore[state.token + 1]
          let cost =
            state.cost + Double(skipped) * Cost.missing + gap(state, token, positions[position])
          if best[token] == .infinity { reached.append(token) }
          if cost < best[token] {
            best[token] = cost
            last[token] = position
          }
        }
      }
      var next = states.map {
        State(token: $0.token, position: $0.position, cost: $0.cost + Cost.missing)
      }
      for token in reached {
        next.append(State(token: token, position: last[token], cost: best[token]))
        best[token] = .infinity
      }
      next.sort { ($0.cost, $0.token, $0.position) < ($1.cost, $1.token, $1.position) }
      states = Array(next.prefix(Self.beam))
      if let least = states.first?.cost, least > limit { return .infinity }
    }
    return states.map { state in
      let left = listedBefore[tokens.count] - listedBefore[state.token + 1]
      return state.cost + Double(left) * Cost.missing
    }.min() ?? .infinity
  }

  /// What it costs that a token follows the last one that was matched.
  private func gap(_ last: State, _ index: Int, _ position: PositionTable.Position) -> Double {
    let (from, to) = (tokens[last.token], tokens[index])
    let start = positions[last.position]
    if start.line == position.line {
      guard from.line == to.line else { return Cost.sameLine }
      let difference = (position.column - start.column) - (to.column - from.column)
      if difference == 0 { return 0 }
      if from.literals != to.literals { return Cost.literal }
      return difference > 0 ? Cost.wider : Cost.narrower
    }
    guard from.line != to.line else {
      return to.isBracketed ? Cost.bracketedBreak : Cost.unbracketedBreak
    }
    let lines = position.line - start.line
    let missing = max(0, (to.line - from.line) - lines)
    var cost = Double(missing) * Cost.wider
    let expected = margin + to.column
    if position.column != expected {
      if to.column == to.indentation {
        cost += Cost.otherColumn
      } else if to.isBracketed {
        cost += Cost.brokenHead
      } else {
        cost += Cost.unbracketedBreak
      }
    }
    return cost
  }
}
