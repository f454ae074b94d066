import Basics
import IR
import Raising
import Simplification

/// The variables of a function: which values share one, and what they are called.
struct Variables {
  private var parents: [Instruction.ID: Instruction.ID] = [:]
  private(set) var isVariable: Set<Instruction.ID> = []
  private var names: [Instruction.ID: String] = [:]
  private var unused: [String]
  private var temporaries = 0
  /// The released variable that each value belongs to, by number.
  private var owners: [Instruction.ID: Int] = [:]
  /// One value of each released variable.
  private var members: [Int: Instruction.ID] = [:]
  private let parameters: [String]
  private let separate: Set<Instruction.ID>
  /// Exceptions that other variables get as well: the one behind `as` is gone behind its handler.
  private let handedOn: Set<Instruction.ID>
  /// Whether any variable's release was found.
  private let hasReleases: Bool
  /// The phis that something reads, other than the end of the function.
  private let assigned: Set<Instruction.ID>
  /// The values that are released before a traceback is written, as no variable is.
  private let released: Set<Instruction.ID>
  /// The values that are C numbers.
  private let numbers: Set<Instruction.ID>
  /// Variables that only ever hold one constant, with the constant.
  private(set) var constantOnly: [(name: String, constant: Instruction.ID)] = []
  /// Variables that only ever hold what a parameter was given, with the parameter.
  private(set) var copiesOfParameters: [(name: String, parameter: Int)] = []
  /// Whether names went to variables in the order in which they were asked for.
  private(set) var hasGuessed = false
  /// The names that are not known to belong to a variable by what is released.
  private(set) var openNames: [String] = []
  /// The names that were made up.
  private(set) var temporaryNames: Set<String> = []
  /// What stands behind the `as` of a handler.
  private var caught: Set<Instruction.ID> = []

  /// - Parameters:
  ///   - raiser: the function.
  ///   - locals: what is known of its variables.
  ///   - parameters: the names of its parameters.
  ///   - names: the names of its other variables, in their order.
  ///   - separate: values that share no variable with others.
  ///   - fieldName: the name of the variable in a field of a generator's scope.
  init(
    _ raiser: Raiser, _ locals: LocalEvidence, parameters: [String], names: [String],
    separate: Set<Instruction.ID>, fieldName: (UInt64) -> String?
  ) {
    self.separate = separate
    handedOn = raiser.exceptionsHandedOn
    hasReleases = locals.variables.contains { $0.parameter == nil && $0.offset == nil }
    numbers = raiser.numbers
    assigned = raiser.assignedPhis
    released = raiser.releasedTemporaries
    isVariable = separate
    self.parameters = parameters
    unused = names
    var isInText = false
    defer { openNames = isInText ? names : unused }
    claim(locals, raiser)
    unite(phisOf: raiser)
    unite(heldOf: raiser)
    // What inner functions share lies in a cell, where no other variable can take the parameter's place.
    let shared = Set(raiser.parametersInCells.values)
    let held = parametersHeld(by: locals, raiser, names).map { number in
      number.flatMap { shared.contains($0) ? nil : $0 }
    }
    let own = locals.variables.indices.filter {
      held[$0] == nil && !Self.isNameless(locals.variables[$0], raiser)
    }
    for (index, number) in held.enumerated() {
      guard let number, number < parameters.count else { continue }
      if let member = members[index] { self.names[find(member)] = parameters[number] }
    }
    for (index, variable) in locals.variables.enumerated() {
      guard let name = variable.offset.flatMap(fieldName), let member = members[index] else {
        continue
      }
      self.names[find(member)] = name
      unused.removeAll { $0 == name }
    }
    nameParameters(held, raiser)
    guard own.allSatisfy({ locals.variables[$0].offset == nil }) else {
      unused = []
      return
    }
    let others = unreleased(raiser, missing: names.count - own.count)
    // Names go by the order of release if every name is accounted for.
    guard own.count + others.count == names.count else { return }
    // No release tells where an exception stands among the others; the text does.
    isInText = others.contains { raiser.function[$0].operation == .python(.caught(.value)) }
    hasGuessed = isInText
    for (slot, name) in zip(ordered(own, others, locals, raiser), names) {
      guard case .released(let index) = slot else {
        if case .other(let value) = slot { setName(name, of: value) }
        continue
      }
      if let member = members[index] {
        self.names[find(member)] = name
      } else if let constant = Self.onlyConstant(locals.variables[index], raiser) {
        constantOnly.append((name, constant))
      } else if let number = locals.variables[index].copied {
        copiesOfParameters.append((name, number))
      } else {
        continue
      }
      unused.removeAll { $0 == name }
    }
  }

  // MARK: Variables that are not released

  /// A variable of the source.
  private enum Slot {
    case released(Int)
    /// A number of C, or a caught exception.
    case other(Instruction.ID)
  }

  /// The variables that no end releases, if there are as many as are missing; handlers share one if there
  /// are no names for each of them.
  private mutating func unreleased(_ raiser: Raiser, missing: Int) -> [Instruction.ID] {
    let caught = exceptionVariables(raiser).filter { !separate.contains($0) }
    let numbers = Set(raiser.numberVariables(numbers).map(find)).sorted()
    if missing == numbers.count + caught.count { return missing > 0 ? numbers + caught : [] }
    guard let first = caught.first, caught.count > missing || missing == numbers.count + 1 else {
      return []
    }
    for other in caught.dropFirst() { unite(first, other) }
    return missing == numbers.count + 1 ? numbers + [first] : []
  }

  /// The variables in the order of their names, which is that in which the source assigns to them first.
  private func ordered(
    _ own: [Int], _ others: [Instruction.ID], _ locals: LocalEvidence, _ raiser: Raiser
  ) -> [Slot] {
    var positions: [Instruction.ID: Int] = [:]
    for block in raiser.function.reversePostorder() {
      for id in raiser.function[block].instructions { positions[id] = positions.count }
    }
    var waiting = others.map { value in
      let members = positions.filter { find($0.key) == find(value) }
      return (value: value, position: members.map(\.value).min() ?? .max)
    }.sorted { ($0.position, $0.value) < ($1.position, $1.value) }[...]
    var result: [Slot] = []
    for index in own {
      let variable = locals.variables[index]
      let first =
        (variable.phis + variable.values).compactMap {
          positions[raiser.function.resolve($0)]
        }.min()
        ?? variable.copied.flatMap { raiser.copy(ofParameter: $0) }.flatMap { positions[$0] }
      while let other = waiting.first, let first, other.position < first {
        result.append(.other(other.value))
        waiting = waiting.dropFirst()
      }
      result.append(.released(index))
    }
    return result + waiting.map { .other($0.value) }
  }

  /// Phis that merge a parameter which is assigned to, and that no variable claims, are the parameter.
  private mutating func nameParameters(_ held: [Int?], _ raiser: Raiser) {
    let known = Set(held.indices.filter { members[$0] != nil }.compactMap { held[$0] })
    let kept = raiser.keptParameters(parameters.count).subtracting(known)
    guard !kept.isEmpty else { return }
    var found: [Instruction.ID: Set<Int>] = [:]
    for block in raiser.function.reversePostorder() {
      for phi in raiser.function[block].instructions
      where raiser.function.isPhi(phi) && owners[phi] == nil && !separate.contains(phi)
        && !numbers.contains(phi) && assigned.contains(phi)
      {
        let merged = raiser.function.operands(of: phi).compactMap { raiser.parameterNumber($0) }
        if !merged.isEmpty { found[find(phi), default: []].formUnion(merged) }
      }
    }
    for (root, merged) in found where merged.count == 1 && names[root] == nil {
      if let number = merged.first, kept.contains(number) { names[root] = parameters[number] }
    }
  }

  // MARK: Parameters

  /// The parameter that each released variable is, as far as the number of names decides.
  ///
  /// A parameter that is assigned to looks like a variable that starts with the parameter's value. There
  /// are as many variables as names.
  private func parametersHeld(
    by locals: LocalEvidence, _ raiser: Raiser, _ names: [String]
  ) -> [Int?] {
    var result = locals.variables.map(\.parameter)
    guard locals.variables.allSatisfy({ $0.offset == nil }) else { return result }
    let own = locals.variables.indices.filter {
      result[$0] == nil && !Self.isNameless(locals.variables[$0], raiser)
    }
    if own.count > names.count {
      let kept = raiser.keptParameters(parameters.count)
      let starting = own.compactMap { index -> (Int, Int)? in
        let numbers = locals.variables[index].values.compactMap { raiser.parameterNumber($0) }
          .filter { kept.contains($0) }
        return numbers.count == 1 ? (index, numbers[0]) : nil
      }
      if starting.count == own.count - names.count {
        for (index, number) in starting { result[index] = number }
      } else {
        // Parameters are released behind the other variables.
        let unknown = kept.subtracting(
          result.enumerated().compactMap { index, number in
            members[index] == nil ? nil : number
          })
        guard unknown.count == own.count - names.count else { return result }
        for (index, number) in zip(own.suffix(unknown.count), unknown.sorted()) {
          result[index] = number
        }
      }
    } else if own.count < names.count, !raiser.hasNumberVariables(numbers),
      !raiser.hasOtherItems(locals), exceptionVariables(raiser).isEmpty
    {
      let assigned = locals.variables.indices.filter { index in
        guard result[index] != nil else { return false }
        return (locals.variables[index].phis + locals.variables[index].values).contains { value in
          let value = raiser.function.resolve(value)
          return !raiser.function.isPhi(value) && isOwn(value, raiser) && isAlive(value, raiser)
        }
      }
      guard assigned.count == names.count - own.count else { return result }
      for index in assigned { result[index] = nil }
    }
    return result
  }

  /// The exceptions in variables that no end releases: `except … as e` deletes it.
  private func exceptionVariables(_ raiser: Raiser) -> [Instruction.ID] {
    let uses = raiser.function.countUses()
    return raiser.function.reversePostorder().flatMap { block in
      raiser.function[block].instructions.filter { id in
        raiser.function[id].operation == .python(.caught(.value)) && owners[id] == nil
          && (uses[id] ?? 0) > 0
      }
    }
  }

  /// Whether a variable is the function's scope, or one of its arguments in an array.
  private static func isNameless(_ variable: LocalEvidence.Variable, _ raiser: Raiser) -> Bool {
    let values = (variable.values + variable.phis).map { raiser.function.resolve($0) }
    return !values.isEmpty
      && values.allSatisfy { id in
        switch raiser.function[id].operation {
        case .python(.scope), .machine(.load): true
        default: false
        }
      }
  }

  /// The constant that is all that a variable ever holds.
  private static func onlyConstant(
    _ variable: LocalEvidence.Variable, _ raiser: Raiser
  ) -> Instruction.ID? {
    // Null stands for a variable that is not bound.
    let values = Set(variable.values.map { raiser.function.resolve($0) }).filter {
      raiser.function.constant($0) != 0
    }
    guard values.count == 1, let value = values.first, raiser.function.constant(value) != nil,
      raiser.function.isWord(value)
    else { return nil }
    return value
  }

  /// Whether a value belongs to a variable that is released.
  func isReleased(_ id: Instruction.ID) -> Bool { owners[id] != nil }

  /// Puts the values of each released variable together.
  ///
  /// Phis that are left belong to their variable for sure. Values come next, and last what phis have
  /// become: on the way to one release, a value of another variable may be all that is left of one.
  private mutating func claim(_ locals: LocalEvidence, _ raiser: Raiser) {
    let copied = copiedValues(locals, raiser)
    let rounds: [[[Instruction.ID]]] = [
      locals.variables.map {
        $0.phis.filter { raiser.function.isPhi(raiser.function.resolve($0)) }
      },
      locals.variables.map(\.values), locals.variables.map(\.phis),
      locals.variables.indices.map { index in
        copied.filter { $0.value.from == index }.keys.sorted()
      },
    ]
    let only = onlyValues(locals, raiser)
    for round in rounds {
      for (index, values) in round.enumerated() {
        for value in values.map({ raiser.function.resolve($0) })
        where isOwn(value, raiser) && isAlive(value, raiser) && owners[value] == nil
          && !raiser.isOnlyCompared(value) && !raiser.onlyStandsForNone(value)
          && only[value, default: index] == index && copied[value]?.to != index
          && !isDoubtful(value, locals.variables[index], raiser)
        {
          owners[value] = index
          isVariable.insert(value)
          if let member = members[index] { unite(member, value) } else { members[index] = value }
        }
      }
    }
  }

  /// Whether a value that is read once, and that errors release like a temporary, is a variable's by nothing but a
  /// way that errors take, where the variable has another one for certain.
  private func isDoubtful(
    _ value: Instruction.ID, _ variable: LocalEvidence.Variable, _ raiser: Raiser
  ) -> Bool {
    switch raiser.function[value].operation {
    case .python(.next), .python(.element): return false
    default: guard released.contains(value), raiser.isReadOnce(value) else { return false }
    }
    let values = variable.values.map { raiser.function.resolve($0) }
    let phis = variable.phis.map { raiser.function.resolve($0) }.filter {
      raiser.function.isPhi($0) && isAlive($0, raiser)
    }
    return values.contains(value)
      && values.contains { isOwn($0, raiser) && isAlive($0, raiser) && !released.contains($0) }
      && !phis.contains { $0 == value || raiser.function.operands(of: $0).contains(value) }
  }

  /// The values that are all that one variable may hold, where others that may hold them have more.
  private func onlyValues(_ locals: LocalEvidence, _ raiser: Raiser) -> [Instruction.ID: Int] {
    let held = locals.variables.map { variable in
      Set((variable.phis + variable.values).map { raiser.function.resolve($0) })
        .filter { isOwn($0, raiser) && isAlive($0, raiser) }
    }
    var result: [Instruction.ID: Int] = [:]
    for (index, values) in held.enumerated() {
      guard values.count == 1, let value = values.first,
        held.indices.allSatisfy({ $0 == index || held[$0] != values })
      else { continue }
      result[value] = index
    }
    return result
  }

  /// What met in phis of a variable that nothing reads any more.
  private func mergedValues(
    of variable: LocalEvidence.Variable, _ raiser: Raiser
  ) -> [Instruction.ID] {
    variable.phis.map { raiser.function.resolve($0) }
      .filter { raiser.function.isPhi($0) && !isAlive($0, raiser) }
      .flatMap { raiser.function.roots(of: $0).sorted() }
  }

  /// Whether nothing is left of what a variable holds.
  private func isUnknown(_ variable: LocalEvidence.Variable, _ raiser: Raiser) -> Bool {
    variable.parameter == nil && variable.copied == nil
      && (variable.phis + variable.values).map { raiser.function.resolve($0) }.allSatisfy {
        raiser.function.isPhi($0) ? !isAlive($0, raiser) : raiser.function.constant($0) == 0
      }
  }

  /// The values that a variable gets from another one, which holds them as well, with the numbers of both:
  /// a reference is taken for the copy.
  private func copiedValues(
    _ locals: LocalEvidence, _ raiser: Raiser
  ) -> [Instruction.ID: (from: Int, to: Int)] {
    // Dead phis may be about anything; they are asked where nothing else is known.
    let merged = locals.variables.map { variable in
      isUnknown(variable, raiser) ? Set(mergedValues(of: variable, raiser)) : []
    }
    let evidence = CopyEvidence(raiser)
    var result: [Instruction.ID: (from: Int, to: Int)] = [:]
    for (index, variable) in locals.variables.enumerated() {
      let phis = Set(variable.phis.map { raiser.function.resolve($0) }).filter {
        raiser.function.isPhi($0) && isAlive($0, raiser)
      }
      for value in Set(phis.flatMap { raiser.function.operands(of: $0) })
      where evidence.isCopied(value, into: phis) {
        let others = merged.indices.filter { $0 != index && merged[$0].contains(value) }
        if others.count == 1, let other = others.first { result[value] = (other, index) }
      }
    }
    return result
  }

  /// Phis that no variable claims hold what they merge, as far as that is no variable's.
  private mutating func unite(phisOf raiser: Raiser) {
    for block in raiser.function.reversePostorder() {
      for id in raiser.function[block].instructions
      where raiser.function.isPhi(id) && owners[id] == nil && !separate.contains(id) {
        let constants = raiser.operandsFoundNone(of: id)
        for operand in raiser.function.operands(of: id)
        where isOwn(operand, raiser) && owners[operand] == nil && !constants.contains(operand) {
          unite(id, operand)
        }
      }
    }
  }

  /// What a variable holds where a handler starts belongs to the variable of what met there.
  private mutating func unite(heldOf raiser: Raiser) {
    for held in raiser.regions.held {
      let value = raiser.function.resolve(held.value)
      guard isAlive(value, raiser) else { continue }
      let others = held.merged.map { raiser.function.resolve($0) }
      isVariable.insert(value)
      let owner = owners[value] ?? others.compactMap { owners[$0] }.first
      for other in others where isOwn(other, raiser) && owners[other] == owner {
        isVariable.insert(other)
        unite(value, other)
      }
    }
  }

  /// The values that share a variable with one, itself included.
  func members(of id: Instruction.ID) -> [Instruction.ID] {
    let root = find(id)
    return [root] + parents.keys.filter { find($0) == root && $0 != root }.sorted()
  }

  /// Whether two values belong to one variable.
  func areOne(_ left: Instruction.ID, _ right: Instruction.ID) -> Bool { find(left) == find(right) }

  /// Whether a value belongs to this function, other than a constant or a parameter.
  private func isOwn(_ id: Instruction.ID, _ raiser: Raiser) -> Bool {
    if separate.contains(id) || handedOn.contains(id) { return false }
    return switch raiser.function[id].operation {
    case .constant, .undefined, .entry: false
    case .python(.parameter), .python(.builtin), .python(.text): false
    default: raiser.function[id].block != nil
    }
  }

  private func isAlive(_ id: Instruction.ID, _ raiser: Raiser) -> Bool {
    guard let block = raiser.function[id].block else { return false }
    return raiser.function[block].instructions.contains(id)
  }

  func find(_ id: Instruction.ID) -> Instruction.ID {
    var id = id
    while let parent = parents[id], parent != id { id = parent }
    return id
  }

  private mutating func unite(_ left: Instruction.ID, _ right: Instruction.ID) {
    let (a, b) = (find(left), find(right))
    if a != b { parents[max(a, b)] = min(a, b) }
  }

  /// Makes a value a variable.
  mutating func insert(_ id: Instruction.ID) { isVariable.insert(id) }

  /// Makes an exception that a handler takes the variable behind its `as`.
  mutating func insert(caught id: Instruction.ID) {
    isVariable.insert(id)
    caught.insert(id)
  }

  /// The name of the variable that holds a value, given now if it has none yet.
  mutating func name(of id: Instruction.ID) -> String {
    let root = find(id)
    if let name = names[root] { return name }
    let name = unused.isEmpty || !mayBeNamed(id) ? temporaryName() : nextName()
    names[root] = name
    return name
  }

  /// A name that belongs to no variable yet.
  mutating func nextName() -> String {
    guard !unused.isEmpty else { return temporaryName() }
    hasGuessed = true
    return unused.removeFirst()
  }

  private mutating func temporaryName() -> String {
    temporaries += 1
    temporaryNames.insert("_value\(temporaries)")
    return "_value\(temporaries)"
  }

  /// Makes a value no variable.
  mutating func remove(_ id: Instruction.ID) { isVariable.remove(id) }

  /// Whether a value may be one of the source's variables: those that are objects are released.
  private func mayBeNamed(_ id: Instruction.ID) -> Bool {
    (!hasReleases && !released.contains(id)) || owners[id] != nil || owners[find(id)] != nil
      || numbers.contains(id)
      || assigned.contains(id) || caught.contains(id)
  }

  mutating func setName(_ name: String, of id: Instruction.ID) {
    names[find(id)] = name
    unused.removeAll { $0 == name }
  }
}
