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
    /// How the match got there, if that is asked for.
    var step = 0
  }

  /// One step of a match: what it costs, between which lines of the candidate.
  private struct Step {
    let previous: Int
    let cost: Double
    let lines: ClosedRange<Int>
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
    var steps: [Step]?
    return match(upTo: limit, &steps)?.cost ?? .infinity
  }

  /// The lines of the candidate at which the best match costs something that matters.
  var suspectLines: Set<Int> {
    var steps: [Step]? = [Step(previous: -1, cost: 0, lines: 0...0)]
    guard let end = match(upTo: .infinity, &steps), let steps else { return [] }
    var result: Set<Int> = []
    for token in (end.token + 1)..<max(tokens.count, end.token + 1)
    where tokens[token].isAlwaysListed {
      result.insert(tokens[token].line)
    }
    var index = end.step
    while index > 0, steps.indices.contains(index) {
      if steps[index].cost >= Cost.wider { result.formUnion(steps[index].lines) }
      index = steps[index].previous
    }
    return result
  }

  /// The end of the best match, with what is left behind it in its cost.
  private func match(upTo limit: Double, _ steps: inout [Step]?) -> State? {
    guard !positions.isEmpty, !tokens.isEmpty else { return nil }
    var states = [State(token: 0, position: 0, cost: 0)]
    var best = [State?](repeating: nil, count: tokens.count)
    for position in 1..<max(positions.count, 1) {
      var reached: [Int] = []
      for state in states {
        let end = min(tokens.count, state.token + 1 + Self.window)
        for token in (state.token + 1)..<max(end, state.token + 1) {
          let cost = state.cost + advance(state, to: token, positions[position])
          if let known = best[token] {
            if cost >= known.cost { continue }
          } else {
            reached.append(token)
          }
          best[token] = State(token: token, position: position, cost: cost, step: state.step)
        }
      }
      var next = states.map {
        State(token: $0.token, position: $0.position, cost: $0.cost + Cost.missing, step: $0.step)
      }
      let waiting = next.count
      for token in reached {
        if let state = best[token] { next.append(state) }
        best[token] = nil
      }
      if steps != nil { note(&next, waiting, states, &steps) }
      next.sort { ($0.cost, $0.token, $0.position) < ($1.cost, $1.token, $1.position) }
      states = Array(next.prefix(Self.beam))
      if let least = states.first?.cost, least > limit { return nil }
    }
    return states.map { state in
      let left = listedBefore[tokens.count] - listedBefore[state.token + 1]
      return State(
        token: state.token, position: state.position,
        cost: state.cost + Double(left) * Cost.missing, step: state.step)
    }.min { $0.cost < $1.cost }
  }

  /// Notes the step to each state; the first `waiting` ones leave a position without a token.
  private func note(
    _ next: inout [State], _ waiting: Int, _ states: [State], _ steps: inout [Step]?
  ) {
    var costs: [Int: (cost: Double, token: Int)] = [:]
    for state in states { costs[state.step] = (state.cost, state.token) }
    for index in next.indices {
      let state = next[index]
      guard let before = costs[state.step], let count = steps?.count else { continue }
      let (first, last) = (tokens[before.token].line, tokens[state.token].line)
      let lines = index < waiting ? first...(first + 1) : min(first, last)...max(first, last)
      steps?.append(Step(previous: state.step, cost: state.cost - before.cost, lines: lines))
      next[index].step = count
    }
  }

  /// What it costs to match a position with a token behind the last one.
  private func advance(
    _ state: State, to token: Int, _ position: PositionTable.Position
  ) -> Double {
    let skipped = listedBefore[token] - listedBefore[state.token + 1]
    return Double(skipped) * Cost.missing + gap(state, token, position)
  }

  /// What it costs that a token follows the last one that was matched.
  private func gap(_ last: State, _ index: Int, _ position: PositionTable.Position) -> Double {
    let (from, to) = (tokens[last.token], tokens[index])
    let start = positions[last.position]
    if start.line == position.line {
      guard from.line == to.line else { return Cost.sameLine }
      let difference = (position.column - start.column) - (to.column - from.column)
      if difference == 0 || difference == -1 && to.mayLoseBracket { return 0 }
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
