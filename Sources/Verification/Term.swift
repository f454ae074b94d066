import IR

/// What a value is, in terms that both of two compared functions share.
///
/// Terms are interned: two values are the same if their terms are.
struct Term: Hashable {
  enum Kind: Hashable {
    /// An object, by a description that does not depend on where it lies.
    case object(String)
    case number(UInt64)
    /// What both functions computed in the step pair of that number.
    case step(Int)
    /// A value of an earlier turn of a loop.
    case earlier(Int)
    /// Whatever reaches a pair of places in more than one way.
    case merged(place: Int, variable: Int)
    /// A machine operation.
    case machine(Opcode, width: UInt8)
    /// A Python operation that neither fails nor changes anything.
    case pure(String)
    /// What memory held after a number of steps that may have written to it.
    case memory(String, version: Int)
    /// Whether a value is not zero, as a test asks.
    case not
    /// Nothing is known of it, so that it equals itself only.
    case unknown(Int)
  }

  let kind: Kind
  let operands: [ID]

  /// The number of an interned term.
  typealias ID = Int32
}

/// The terms of one comparison.
struct TermTable {
  private var terms: [Term] = []
  private var numbers: [Term: Term.ID] = [:]
  private var unknowns = 0

  subscript(id: Term.ID) -> Term { terms[Int(id)] }

  mutating func intern(_ kind: Term.Kind, _ operands: [Term.ID] = []) -> Term.ID {
    let term = Term(kind: kind, operands: operands)
    if let known = numbers[term] { return known }
    let id = Term.ID(terms.count)
    terms.append(term)
    numbers[term] = id
    return id
  }

  mutating func unknown() -> Term.ID {
    unknowns += 1
    return intern(.unknown(unknowns))
  }

  func number(_ id: Term.ID) -> UInt64? {
    if case .number(let value) = self[id].kind { value } else { nil }
  }

  /// Whether a term is made of one that `matches`.
  func contains(_ id: Term.ID, where matches: (Term.Kind) -> Bool) -> Bool {
    let term = self[id]
    return matches(term.kind) || term.operands.contains { contains($0, where: matches) }
  }

  /// A term with the parts that `isOld` says made parts of an earlier turn.
  mutating func aging(_ id: Term.ID, _ place: Int, where isOld: (Term.Kind) -> Bool) -> Term.ID {
    let term = self[id]
    let operands = term.operands.map { aging($0, place, where: isOld) }
    if isOld(term.kind) { return intern(.earlier(place), [id]) }
    return operands == term.operands ? id : intern(term.kind, operands)
  }
}

// MARK: - Decisions

extension TermTable {
  /// A test for not being zero: the term that decides, and whether it must be true.
  mutating func decision(_ id: Term.ID) -> (atom: Term.ID, isPositive: Bool) {
    var id = id
    var isPositive = true
    while true {
      let term = self[id]
      switch term.kind {
      case .not, .machine(.booleanNot, _):
        isPositive.toggle()
        id = term.operands[0]
      case .machine(.equal, _) where number(term.operands[1]) == 0:
        isPositive.toggle()
        id = term.operands[0]
      case .machine(.notEqual, _) where number(term.operands[1]) == 0:
        id = term.operands[0]
      case .machine(.notEqual, let width):
        isPositive.toggle()
        id = intern(.machine(.equal, width: width), term.operands)
      case .machine(.zeroExtend, _), .machine(.signExtend, _):
        id = term.operands[0]
      case .machine(.signedLessOrEqual, let width):
        // a <= b → not b < a
        isPositive.toggle()
        id = intern(.machine(.signedLess, width: width), [term.operands[1], term.operands[0]])
      case .machine(.lessOrEqual, let width):
        isPositive.toggle()
        id = intern(.machine(.less, width: width), [term.operands[1], term.operands[0]])
      default: return (id, isPositive)
      }
    }
  }

  /// What a test comes to, as far as decisions so far say.
  mutating func value(of id: Term.ID, _ facts: [Term.ID: Bool]) -> Bool? {
    let (atom, isPositive) = decision(id)
    guard let value = atomValue(atom, facts) else { return nil }
    return value == isPositive
  }

  /// The truth of a value that is known to be `True`, `False` or `None`: nobody notices that it is asked for.
  mutating func truth(ofSingleton id: Term.ID, _ facts: [Term.ID: Bool]) -> Bool? {
    for (name, truth) in [("True", true), ("False", false), ("None", false)] {
      let singleton = intern(.object(name))
      if id == singleton { return truth }
      for operands in [[id, singleton], [singleton, id]] {
        let test = intern(.machine(.equal, width: 1), operands)
        if facts[test] == true { return truth }
      }
    }
    return nil
  }

  private mutating func atomValue(_ atom: Term.ID, _ facts: [Term.ID: Bool]) -> Bool? {
    if let number = number(atom) { return number != 0 }
    if case .object = self[atom].kind { return true }
    if let known = facts[atom] { return known }
    let term = self[atom]
    switch term.kind {
    case .machine(.booleanAnd, _):
      let values = [value(of: term.operands[0], facts), value(of: term.operands[1], facts)]
      if values.contains(false) { return false }
      return values.contains(nil) ? nil : true
    case .machine(.booleanOr, _):
      let values = [value(of: term.operands[0], facts), value(of: term.operands[1], facts)]
      if values.contains(true) { return true }
      return values.contains(nil) ? nil : false
    case .machine(.equal, _):
      if term.operands[0] == term.operands[1] { return true }
      return areDifferent(term.operands[0], term.operands[1]) ? false : nil
    default: return nil
    }
  }

  /// Two objects that are not one, such as `None` and `True`.
  private func areDifferent(_ left: Term.ID, _ right: Term.ID) -> Bool {
    guard case .object(let first) = self[left].kind, case .object(let second) = self[right].kind
    else { return false }
    let singletons: Set<String> = ["None", "True", "False"]
    return first != second && (singletons.contains(first) || singletons.contains(second))
  }

  /// The first part of a test that no decision so far settles.
  mutating func openAtom(_ id: Term.ID, _ facts: [Term.ID: Bool]) -> Term.ID {
    let (atom, _) = decision(id)
    let term = self[atom]
    switch term.kind {
    case .machine(.booleanAnd, _), .machine(.booleanOr, _):
      let isOpen = value(of: term.operands[0], facts) == nil
      return openAtom(term.operands[isOpen ? 0 : 1], facts)
    default: return atom
    }
  }
}
