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
    hasReleases = locals.variables.contains { $0.parameter == nil && $0.offset == nil }
    numbers = raiser.numbers
    assigned = raiser.assignedPhis
    released = raiser.releasedTemporaries
    isVariable = separate
    self.parameters = parameters
    unused = names
    claim(locals, raiser)
    unite(phisOf: raiser)
    unite(heldOf: raiser)
    let held = parametersHeld(by: locals, raiser, names)
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
    guard own.allSatisfy({ locals.variables[$0].offset == nil }) else {
      unused = []
      return
    }
    // Names go by the order of release if every name is accounted for.
    guard own.count == names.count else { return }
    for (index, name) in zip(own, names) {
      if let member = members[index] {
        self.names[find(member)] = name
      } else if let constant = Self.onlyConstant(locals.variables[index], raiser) {
        constantOnly.append((name, constant))
      } else {
        continue
      }
      unused.removeAll { $0 == name }
    }
  }

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
      guard starting.count == own.count - names.count else { return result }
      for (index, number) in starting { result[index] = number }
    } else if own.count < names.count, !raiser.hasNumberVariables(numbers),
      !raiser.hasOtherItems(locals), !hasExceptionVariables(raiser)
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

  /// Whether an exception is in a variable that no end releases: `except … as e` deletes it.
  private func hasExceptionVariables(_ raiser: Raiser) -> Bool {
    let uses = raiser.function.countUses()
    return raiser.function.reversePostorder().contains { block in
      raiser.function[block].instructions.contains { id in
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
    let rounds: [(LocalEvidence.Variable) -> [Instruction.ID]] = [
      { $0.phis.filter { raiser.function.isPhi(raiser.function.resolve($0)) } },
      \.values, \.phis,
    ]
    for round in rounds {
      for (index, variable) in locals.variables.enumerated() {
        for value in round(variable).map({ raiser.function.resolve($0) })
        where isOwn(value, raiser) && isAlive(value, raiser) && owners[value] == nil {
          owners[value] = index
          isVariable.insert(value)
          if let member = members[index] { unite(member, value) } else { members[index] = value }
        }
      }
    }
  }

  /// Phis that no variable claims hold what they merge, as far as that is no variable's.
  private mutating func unite(phisOf raiser: Raiser) {
    for block in raiser.function.reversePostorder() {
      for id in raiser.function[block].instructions
      where raiser.function.isPhi(id) && owners[id] == nil && !separate.contains(id) {
        for operand in raiser.function.operands(of: id)
        where isOwn(operand, raiser) && owners[operand] == nil {
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

  /// Whether two values belong to one variable.
  func areOne(_ left: Instruction.ID, _ right: Instruction.ID) -> Bool { find(left) == find(right) }

  /// Whether a value belongs to this function, other than a constant or a parameter.
  private func isOwn(_ id: Instruction.ID, _ raiser: Raiser) -> Bool {
    if separate.contains(id) { return false }
    return switch raiser.function[id].operation {
    case .constant, .undefined, .entry: false
    case .python(.parameter), .python(.builtin): false
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
    let name: String
    if unused.isEmpty || !mayBeNamed(id) {
      temporaries += 1
      name = "_value\(temporaries)"
      temporaryNames.insert(name)
    } else {
      name = unused.removeFirst()
    }
    names[root] = name
    return name
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

extension Raiser {
  fileprivate func parameterNumber(_ id: Instruction.ID) -> Int? {
    guard case .python(.parameter(let number)) = function[function.resolve(id)].operation else {
      return nil
    }
    return Int(number)
  }

  /// The parameters that the function takes another reference of when it starts, as it does if it assigns
  /// to them.
  fileprivate func keptParameters(_ count: Int) -> Set<Int> {
    var references = [Int](repeating: 0, count: count)
    steps: for id in function[function.entry].instructions {
      switch function[id].operation {
      case .referenceCount(let change) where change > 0:
        guard let number = parameterNumber(function.operand(0, of: id)), number < count else {
          break steps
        }
        references[number] += 1
      case .python(.parameter), .python(.builtin), .undefined, .phi: continue
      default: break steps
      }
    }
    // Arguments that the wrapper holds have one more, all of them.
    let least = references.min() ?? 0
    return Set(references.indices.filter { references[$0] > least })
  }

  /// Whether any variable may hold a C number, which nothing releases.
  fileprivate func hasNumberVariables(_ numbers: Set<Instruction.ID>) -> Bool {
    let uses = function.countUses()
    return numbers.contains { id in
      switch function[id].operation {
      case .phi: (uses[id] ?? 0) > 0
      case .python(.length), .python(.unboxInteger), .python(.unboxFloat), .python(.hash):
        (uses[id] ?? 0) > 1
      default: false
      }
    }
  }

  /// Whether items of loops are in variables of their own, as those of comprehensions are.
  fileprivate func hasOtherItems(_ locals: LocalEvidence) -> Bool {
    var known: Set<Instruction.ID> = []
    for variable in locals.variables {
      known.formUnion((variable.phis + variable.values).map { function.resolve($0) })
    }
    for block in function.reversePostorder() {
      for id in function[block].instructions where !known.contains(id) {
        switch function[id].operation {
        case .python(.next), .python(.asyncNext), .python(.element): return true
        default: continue
        }
      }
    }
    return false
  }

  /// What errors release before a traceback is written.
  fileprivate var releasedTemporaries: Set<Instruction.ID> {
    var result: Set<Instruction.ID> = []
    for (step, site) in sites {
      for id in site.temporaries where function.resolve(id) != step {
        result.insert(function.resolve(id))
      }
    }
    return result
  }

  /// Phis that are read by steps.
  fileprivate var assignedPhis: Set<Instruction.ID> {
    var result: Set<Instruction.ID> = []
    for block in function.reversePostorder() {
      for id in function[block].instructions where !function.isPhi(id) {
        if case .referenceCount = function[id].operation { continue }
        for operand in function.operands(of: id) where function.isPhi(operand) {
          result.insert(operand)
        }
      }
    }
    return result
  }

  /// The values that are C numbers rather than objects.
  fileprivate var numbers: Set<Instruction.ID> {
    var result: Set<Instruction.ID> = []
    var readers: [Instruction.ID: [Instruction.ID]] = [:]
    var pending: [Instruction.ID] = []
    for block in function.reversePostorder() {
      for id in function[block].instructions {
        switch function[id].operation {
        case .phi:
          for operand in function.operands(of: id) {
            readers[operand, default: []].append(id)
            if case .machine = function[operand].operation, function[operand].block == nil {
              pending.append(id)
            }
            // No object stands at an address this low.
            if let number = function.constant(operand), 0 < number, number < 0x400 {
              pending.append(id)
            }
          }
        case .python(.length), .python(.unboxInteger), .python(.unboxFloat), .python(.hash),
          .python(.truth), .python(.notTruth), .python(.compareTruth), .python(.contains),
          .python(.isInstance), .python(.isSubclass), .python(.isCallable), .python(.hasAttribute):
          pending.append(id)
        default: continue
        }
      }
    }
    while let id = pending.popLast() {
      if result.insert(id).inserted { pending += readers[id] ?? [] }
    }
    return result
  }
}
