import Basics
import IR
package import Raising
import Simplification

/// Whether two functions do the same.
///
/// Both are walked at once, from step to step that can be noticed. Where one of them tests something,
/// both answers are followed, and the other function learns the answer; so neither the order of
/// blocks nor copies of blocks nor tests that were split or joined make a difference. Where two ways
/// come to one pair of places, only what holds on both is kept, until nothing changes: a
/// bisimulation. It is sound up to what raising has already taken away.
package struct FunctionComparison {
  /// Why two functions are not known to be the same.
  package struct Difference: Error, Hashable, Sendable {
    package let original: String
    package let recovered: String
    package let originalLine: Int?
    package let recoveredLine: Int?
  }

  private let left: FunctionSide
  private let right: FunctionSide
  private var terms = TermTable()
  private var places: [PlacePair: Int] = [:]
  private var known: [Way] = []
  private var visits: [Int] = []
  private var pending: [Way] = []
  /// Which variables of C stand for each other.
  private var variables = VariablePairs()
  private var budget: Int

  private struct PlacePair: Hashable {
    let left: Place
    let right: Place
  }

  /// What is known where both functions have come to.
  private struct Way {
    var left: Bindings
    var right: Bindings
    var facts: [Term.ID: Bool] = [:]
    var version = 0
    /// How far both sides were when the way last met others.
    var meeting: [Int] = []
  }

  package init(original: Raiser, recovered: Raiser, budget: Int = 60_000) {
    left = FunctionSide(raiser: original)
    right = FunctionSide(raiser: recovered)
    self.budget = budget
  }

  /// The first difference; nil if the functions do the same.
  package mutating func difference() -> Difference? {
    pending = [
      Way(
        left: Bindings(place: Place(block: left.raiser.function.entry, index: 0)),
        right: Bindings(place: Place(block: right.raiser.function.entry, index: 0)))
    ]
    do throws(Difference) {
      while let way = pending.popLast() { try follow(way) }
      return nil
    } catch {
      return error
    }
  }

  // MARK: The walk

  private mutating func follow(_ start: Way) throws(Difference) {
    var way = start
    budget -= 1
    guard budget > 0 else { throw problem("too many ways through the function") }
    guard
      let first = left.advance(&way.left, &terms, facts: way.facts, version: way.version),
      let second = right.advance(&way.right, &terms, facts: way.facts, version: way.version)
    else { throw problem("a way without an end") }
    guard let place = arrive(&way) else { return }
    if case .test(let test) = first { return decide(test, way) }
    if case .test(let test) = second { return decide(test, way) }
    switch (first, second) {
    case (.step(let one), .step(let other)): try pair(one, other, at: place, &way)
    case (.return(let one), .return(let other)):
      guard areEqual(one, other, way) else {
        throw problem("return \(text(one))", "return \(text(other))")
      }
    case (.end, .end): return
    case (.choose(let one, let targets), .choose(let other, let others))
    where one == other && targets.count == others.count:
      for (target, counterpart) in zip(targets, others) {
        var next = way
        left.enter(target, &next.left, &terms, way.version)
        right.enter(counterpart, &next.right, &terms, way.version)
        pending.append(next)
      }
    default: throw problem(text(first, left), text(second, right), first, second)
    }
  }

  /// Follows both answers of a test.
  private mutating func decide(_ test: Term.ID, _ way: Way) {
    let atom = terms.openAtom(test, way.facts)
    for answer in [false, true] {
      var next = way
      next.facts[atom] = answer
      pending.append(next)
    }
  }

  /// Takes one step in both functions.
  private mutating func pair(
    _ one: Instruction.ID, _ other: Instruction.ID, at place: Int, _ way: inout Way
  ) throws(Difference) {
    let operands = left.operands(of: one, &way.left, &terms, way.version)
    let others = right.operands(of: other, &way.right, &terms, way.version)
    if try pairTruth(one, operands, other, others, at: place, &way) { return }
    guard left.key(of: one) == right.key(of: other), operands.count == others.count,
      zip(operands, others).allSatisfy({ areEqual($0, $1, way) })
    else {
      throw problem(
        describe(left.key(of: one), operands), describe(right.key(of: other), others),
        .step(one), .step(other))
    }
    if left.endsControl(one) { return }
    let value = terms.intern(.step(place))
    age(place, &way)
    let negated = terms.intern(.not, [value])
    way.left.values[one] = left.isNegated(one) ? negated : value
    way.right.values[other] = right.isNegated(other) ? negated : value
    way.left.advance()
    way.right.advance()
    way.version = place + 1
    pending.append(way)
  }

  /// Takes a comparison that gives its truth in one function and an object in the other.
  ///
  /// `t = compareTruth(a, b)` ↔ `c = compare(a, b)`, `t = truth(c)`
  /// - Returns: whether the steps were such.
  private mutating func pairTruth(
    _ one: Instruction.ID, _ operands: [Term.ID], _ other: Instruction.ID, _ others: [Term.ID],
    at place: Int, _ way: inout Way
  ) throws(Difference) -> Bool {
    let leftGivesTruth: Bool
    switch (left.raiser.function[one].operation, right.raiser.function[other].operation) {
    case (.python(.compareTruth(let first)), .python(.compare(let second))) where first == second:
      leftGivesTruth = true
    case (.python(.compare(let first)), .python(.compareTruth(let second))) where first == second:
      leftGivesTruth = false
    default: return false
    }
    guard operands.count == others.count,
      zip(operands, others).allSatisfy({ areEqual($0, $1, way) })
    else { return false }
    let value = terms.intern(.step(place))
    age(place, &way)
    way.version = place + 1
    way.left.advance()
    way.right.advance()
    let isTaken =
      if leftGivesTruth {
        takeTruth(of: other, as: value, right, &way.right, way.facts, way.version)
      } else {
        takeTruth(of: one, as: value, left, &way.left, way.facts, way.version)
      }
    guard isTaken else {
      throw problem(
        describe(left.key(of: one), operands), describe(right.key(of: other), others),
        .step(one), .step(other))
    }
    if leftGivesTruth { way.left.values[one] = value } else { way.right.values[other] = value }
    pending.append(way)
    return true
  }

  /// Goes on to the truth of a comparison, which must be what is asked for next.
  private mutating func takeTruth(
    of comparison: Instruction.ID, as value: Term.ID, _ side: FunctionSide,
    _ bindings: inout Bindings, _ facts: [Term.ID: Bool], _ version: Int
  ) -> Bool {
    let object = terms.intern(.pure("compared"), [value])
    bindings.values[comparison] = object
    guard
      case .step(let id)? = side.advance(&bindings, &terms, facts: facts, version: version),
      side.isTruth(id), side.operands(of: id, &bindings, &terms, version) == [object]
    else { return false }
    bindings.values[id] = side.isNegated(id) ? terms.intern(.not, [value]) : value
    bindings.advance()
    return true
  }

  /// Whether two values are one, also because a test has found that they are.
  private mutating func areEqual(_ one: Term.ID, _ other: Term.ID, _ way: Way) -> Bool {
    if one == other { return true }
    for operands in [[one, other], [other, one]] {
      let test = terms.intern(.machine(.equal, width: 1), operands)
      if way.facts[test] == true { return true }
    }
    return variables.match(one, other, terms, left, right)
  }

  /// Makes what a place computed before, and what memory held behind it, values of the turn before.
  private mutating func age(_ place: Int, _ way: inout Way) {
    func isOfPlace(_ kind: Term.Kind) -> Bool {
      switch kind {
      case .step(place), .memory(_, version: place + 1): true
      default: false
      }
    }
    way.left.values = way.left.values.mapValues { terms.aging($0, place, where: isOfPlace) }
    way.right.values = way.right.values.mapValues { terms.aging($0, place, where: isOfPlace) }
    way.facts = way.facts.filter { !terms.contains($0.key, where: isOfPlace) }
  }

  // MARK: Meeting

  /// Notes that a way has come to its pair of places, and keeps what holds on all ways there.
  ///
  /// - Returns: the number of the pair; nil if nothing new is known, so that the way ends.
  private mutating func arrive(_ way: inout Way) -> Int? {
    let pair = PlacePair(left: way.left.place, right: way.right.place)
    // An answer to a part of a test moves nothing: what it tells must not get lost here.
    let progress = [way.left.progress, way.right.progress]
    if progress == way.meeting { return places[pair] }
    way.meeting = progress
    guard let place = places[pair] else {
      let place = known.count
      places[pair] = place
      known.append(way)
      visits.append(1)
      return place
    }
    var merged = meet(known[place], way, at: place)
    if isSame(merged, known[place]) { return nil }
    visits[place] += 1
    merged.version = -visits[place] * 100_000 - place
    known[place] = merged
    way = merged
    return place
  }

  private func isSame(_ one: Way, _ other: Way) -> Bool {
    one.left.values == other.left.values && one.right.values == other.right.values
      && one.facts == other.facts
  }

  /// What two ways have in common.
  private mutating func meet(_ old: Way, _ new: Way, at place: Int) -> Way {
    var names: [[Term.ID]: Term.ID] = [:]
    var isTaken: Set<Term.ID> = []
    let generation = visits[place]
    var result = old
    func isVariable(_ id: Term.ID) -> Bool {
      if case .merged(place, _) = terms[id].kind { true } else { false }
    }
    // A variable stays one as long as everything that it stands for is equal on the new way, too.
    var images: [Term.ID: Set<Term.ID>] = [:]
    for (before, now) in [(old.left, new.left), (old.right, new.right)] {
      for (id, value) in before.values {
        if let other = now.values[id] { images[value, default: []].insert(other) }
      }
    }
    var sequence = 0
    func merged(_ before: Bindings, _ now: Bindings) -> [Instruction.ID: Term.ID] {
      var values: [Instruction.ID: Term.ID] = [:]
      for id in before.values.keys.sorted() {
        guard let value = before.values[id], let other = now.values[id] else { continue }
        let keeps = isVariable(value) ? images[value]?.count == 1 : value == other
        if keeps {
          values[id] = value
          isTaken.insert(value)
          continue
        }
        let key = [value, other]
        if let name = names[key] {
          values[id] = name
        } else {
          sequence += 1
          let variable = generation * 10_000 + sequence
          let name = terms.intern(.merged(place: place, variable: variable))
          names[key] = name
          values[id] = name
        }
      }
      return values
    }
    result.left.values = merged(old.left, new.left)
    result.right.values = merged(old.right, new.right)
    result.facts = old.facts.filter { fact in
      new.facts[fact.key] == fact.value
        && !terms.contains(fact.key) { kind in
          if case .merged(place, _) = kind { true } else { false }
        }
    }
    return result
  }

  // MARK: Differences

  private func problem(_ text: String) -> Difference {
    Difference(original: text, recovered: text, originalLine: nil, recoveredLine: nil)
  }

  private func problem(
    _ original: String, _ recovered: String, _ first: Stop = .end, _ second: Stop = .end
  ) -> Difference {
    func line(_ stop: Stop, _ side: FunctionSide) -> Int? {
      guard case .step(let id) = stop else { return nil }
      return side.raiser.sites[id]?.line
    }
    return Difference(
      original: original, recovered: recovered, originalLine: line(first, left),
      recoveredLine: line(second, right))
  }

  private func text(_ stop: Stop, _ side: FunctionSide) -> String {
    switch stop {
    case .step(let id): side.key(of: id)
    case .test(let test): "test \(text(test))"
    case .choose(let value, _): "choose \(text(value))"
    case .return(let value): "return \(text(value))"
    case .end: "the end"
    }
  }

  private func describe(_ key: String, _ operands: [Term.ID]) -> String {
    "\(key)(\(operands.map { text($0) }.joined(separator: ", ")))"
  }

  private func text(_ id: Term.ID, depth: Int = 0) -> String {
    let term = terms[id]
    let operands =
      depth < 3 ? term.operands.map { text($0, depth: depth + 1) }.joined(separator: ", ") : "…"
    let name =
      switch term.kind {
      case .object(let key): key
      case .number(let value): "\(value)"
      case .step(let place): "step\(place)"
      case .earlier(let place): "earlier\(place)"
      case .merged(let place, let variable): "merged\(place).\(variable)"
      case .machine(let opcode, _): "\(opcode)"
      case .pure(let key): key
      case .memory(let key, _): key
      case .not: "not"
      case .unknown(let number): "unknown\(number)"
      }
    return term.operands.isEmpty ? name : "\(name)(\(operands))"
  }
}
