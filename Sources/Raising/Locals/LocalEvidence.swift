import Analysis
import Basics
package import IR
import RuntimeModel
package import Simplification

/// Which values are variables of the function, by how they are released.
///
/// Cython releases temporaries before it writes a traceback and variables behind it, in the order
/// of the code object's names (`generate_function_definitions` in `Cython/Compiler/Nodes.py`).
package struct LocalEvidence: Sendable {
  /// A variable that is released when the function ends.
  package struct Variable: Sendable {
    /// The merged values that it holds, the nearest to its release first.
    package fileprivate(set) var phis: [Instruction.ID] = []
    /// The other values that are assigned to it.
    package fileprivate(set) var values: [Instruction.ID] = []
    /// The parameter that it starts with, if it is one.
    package fileprivate(set) var parameter: Int?
    /// The parameter whose first value is all that it ever holds, where the parameter itself is
    /// released besides.
    package fileprivate(set) var copied: Int?
    /// What is released itself, and the ways by which other values come into it.
    fileprivate var released: Set<Instruction.ID> = []
    fileprivate var ways: [Way] = []
    /// The distance of its field in the scope of a generator.
    package fileprivate(set) var offset: UInt64?
  }

  /// A value comes into a merged one.
  struct Way: Sendable {
    let value: Instruction.ID
    let phi: Instruction.ID
    /// Whether errors come to the merged one, too.
    let isShared: Bool
  }

  /// In the order of their release.
  ///
  /// No value is in two of them.
  package private(set) var variables: [Variable] = []

  /// Nothing is known: the module's own code has no variables.
  package init() {}

  /// The variables of a generator, by what is read from and stored into the fields of its scope.
  init(
    _ accesses: [(value: Instruction.ID, offset: UInt64)], parameters: [UInt64: Int],
    _ function: borrowing Function
  ) {
    for offset in Set(accesses.map(\.offset)).sorted() {
      var variable = Variable()
      variable.offset = offset
      variable.parameter = parameters[offset]
      for access in accesses where access.offset == offset {
        let value = function.resolve(access.value)
        if function.isPhi(value) {
          variable.phis.append(value)
        } else {
          variable.values.append(value)
        }
      }
      variables.append(variable)
    }
  }

  package init(_ function: borrowing Function, _ facts: some ModuleFacts) {
    let flow = ControlFlow(function)
    let tests = NullTests(function, flow)
    var webs: [ReleasedWeb] = []
    for (value, position) in Self.releases(function, flow, facts) {
      if let known = webs.firstIndex(where: { $0.depths[value] == 0 }) {
        webs[known].positions.append(position)
      } else {
        webs.append(ReleasedWeb(value, at: position, function, flow, tests))
      }
    }
    Self.unite(&webs, flow)
    claim(webs, function)
    findCopies(webs, flow)
    let isNormal = Self.withoutErrors(function, flow, facts)
    for (index, web) in webs.enumerated() {
      variables[index].released = web.released
      variables[index].ways = web.ways(flow, function, isNormal)
    }
  }

  /// Forgets the values that variables would have got where several came together of which one is left,
  /// such as those of the fast ways of a helper that was inlined.
  ///
  /// ```
  /// msg = str(err)      takes `err` itself on the fast way, if it is a text
  /// all = all + one     takes `one` itself, if `all` is an empty text
  /// ```
  mutating func forgetPruned(_ function: borrowing Function) {
    for index in variables.indices {
      let variable = variables[index]
      var held = variable.released
      var pending = Array(held)
      let ways = Dictionary(grouping: variable.ways, by: \.phi)
      while let phi = pending.popLast() {
        let now = function.resolve(phi)
        let isOpen = function.isPhi(now) || function[now].operation == .python(.held)
        for way in ways[phi] ?? []
        where isOpen || way.isShared || function.resolve(way.value) == now {
          if held.insert(way.value).inserted { pending.append(way.value) }
        }
      }
      let forgotten = Set(variable.ways.map(\.value)).subtracting(held)
      variables[index].values.removeAll(where: forgotten.contains)
      variables[index].phis.removeAll(where: forgotten.contains)
    }
  }

  /// Tells variables that hold a parameter's first value from the parameter that is assigned to.
  ///
  /// ```
  /// def f(i): start = i; i += 1; …
  /// ```
  /// releases `start`, which is the parameter as it was given, and then `i`.
  private mutating func findCopies(_ webs: [ReleasedWeb], _ flow: ControlFlow) {
    for (index, variable) in variables.enumerated() {
      guard let number = variable.parameter, variable.phis.isEmpty, variable.values.isEmpty else {
        continue
      }
      var reached = [Bool](repeating: false, count: flow.order.count)
      for position in webs[index].positions { flow.mark(from: position, in: &reached) }
      let isBefore = variables[(index + 1)...].indices.contains { other in
        variables[other].parameter == number && webs[other].positions.contains { reached[$0] }
      }
      guard isBefore else { continue }
      variables[index].parameter = nil
      variables[index].copied = number
    }
  }

  /// The values that are released behind a traceback, and where.
  private static func releases(
    _ function: borrowing Function, _ flow: ControlFlow, _ facts: some ModuleFacts
  ) -> [(value: Instruction.ID, position: Int)] {
    var result: [(value: Instruction.ID, position: Int)] = []
    let tracebacks = Self.lastTracebacks(function, flow, facts)
    let isBehind = behind(tracebacks, flow)
    for (position, block) in flow.order.enumerated() {
      var isAfter = isBehind[position]
      for id in function[block].instructions {
        if tracebacks[id] != nil { isAfter = true }
        guard isAfter, case .referenceCount(let change) = function[id].operation, change < 0,
          !function.isInArray(function.operand(0, of: id))
        else { continue }
        result.append((function.operand(0, of: id), position))
      }
    }
    return result
  }

  /// Whether control may get from each place to the end of the function without an error, and comes from
  /// none.
  private static func withoutErrors(
    _ function: borrowing Function, _ flow: ControlFlow, _ facts: some ModuleFacts
  ) -> [Bool] {
    let tracebacks = lastTracebacks(function, flow, facts)
    let isBehind = behind(tracebacks, flow)
    var result = [Bool](repeating: false, count: flow.order.count)
    var pending = flow.order.indices.filter { flow.successors[$0].isEmpty && !isBehind[$0] }
    // What is shared with the ways of errors is left to them.
    pending += flow.order.indices.filter { position in
      !isBehind[position] && flow.successors[position].contains { isBehind[$0] }
    }
    pending.removeAll { tracebacks.values.contains($0) }
    while let position = pending.popLast() {
      guard !result[position] else { continue }
      result[position] = true
      pending += flow.predecessors[position].filter {
        !isBehind[$0] && !tracebacks.values.contains($0)
      }
    }
    return result
  }

  private static func behind(_ tracebacks: [Instruction.ID: Int], _ flow: ControlFlow) -> [Bool] {
    var isBehind = [Bool](repeating: false, count: flow.order.count)
    for position in tracebacks.values {
      for successor in flow.successors[position] { flow.mark(from: successor, in: &isBehind) }
    }
    return isBehind
  }

  /// The calls that write tracebacks last, and where they stand.
  ///
  /// A generator expression is made by a function of its own, which writes its own traceback before
  /// the function does that it was inlined into.
  private static func lastTracebacks(
    _ function: borrowing Function, _ flow: ControlFlow, _ facts: some ModuleFacts
  ) -> [Instruction.ID: Int] {
    var found: [Instruction.ID: Int] = [:]
    for (position, block) in flow.order.enumerated() {
      for id in function[block].instructions
      where function.callee(of: id, facts)?.name == "__Pyx_AddTraceback"
        && !function.isCaught(id, facts)
      {
        found[id] = position
      }
    }
    return found.filter { _, position in
      var reached = [Bool](repeating: false, count: flow.order.count)
      for successor in flow.successors[position] { flow.mark(from: successor, in: &reached) }
      return !found.values.contains { reached[$0] }
    }
  }

  /// Puts together what several ends of a function release of one variable.
  ///
  /// No way through the function releases a variable twice, so that values which merge but are
  /// released on one way belong to two of them.
  private static func unite(_ webs: inout [ReleasedWeb], _ flow: ControlFlow) {
    var reaches = webs.map { web in
      var marks = [Bool](repeating: false, count: flow.order.count)
      for position in web.positions { flow.mark(from: position, in: &marks) }
      return marks
    }
    var index = 0
    while index < webs.count {
      var other = index + 1
      while other < webs.count {
        let meet =
          webs[other].positions.contains { reaches[index][$0] }
          || webs[index].positions.contains { reaches[other][$0] }
        if !meet, webs[index].shares(phisWith: webs[other]) {
          webs[index].merge(webs[other])
          for (position, mark) in reaches[other].enumerated() where mark {
            reaches[index][position] = true
          }
          webs.remove(at: other)
          reaches.remove(at: other)
        } else {
          other += 1
        }
      }
      index += 1
    }
    joinSingleValues(&webs, reaches)
  }

  /// Puts a value that one end releases by itself to the variable that it is a value of elsewhere.
  ///
  /// An error that comes before the variable gets another value leads to such an end.
  private static func joinSingleValues(_ webs: inout [ReleasedWeb], _ reaches: [[Bool]]) {
    var joined: Set<Int> = []
    for (index, web) in webs.enumerated() {
      guard let value = web.onlyValue,
        !web.positions.contains(where: { position in
          web.positions.contains { $0 != position && reaches[index][$0] }
        })
      else { continue }
      let others = webs.indices.filter { other in
        other != index && webs[other].entries.contains { $0.value == value }
      }
      guard others.count == 1, let other = others.first,
        !webs[other].positions.contains(where: { reaches[index][$0] }),
        !web.positions.contains(where: { reaches[other][$0] })
      else { continue }
      webs[other].merge(web)
      joined.insert(index)
    }
    webs = webs.indices.filter { !joined.contains($0) }.map { webs[$0] }
  }

  /// The web that ranks each value lowest, the first of them if several do.
  private static func owners(_ ranks: [[Instruction.ID: Int]]) -> [Instruction.ID: Int] {
    var best: [Instruction.ID: (rank: Int, owner: Int)] = [:]
    for (index, web) in ranks.enumerated() {
      for (id, rank) in web where rank < best[id]?.rank ?? .max { best[id] = (rank, index) }
    }
    return best.mapValues(\.owner)
  }

  /// Gives every value to the variable that it belongs to.
  ///
  /// A value that goes from one variable to another was assigned to the first one before, which is
  /// the one whose own phi it enters first.
  private mutating func claim(_ webs: [ReleasedWeb], _ function: borrowing Function) {
    variables = webs.map { _ in Variable() }
    let depths = Self.owners(webs.map(\.depths))
    let firstEntries = webs.enumerated().map { index, web in
      web.firstEntries { depths[$0] == index }
    }
    let entries = Self.owners(firstEntries)
    for (index, web) in webs.enumerated() {
      for (id, depth) in web.depths.sorted(by: { ($0.value, $0.key) < ($1.value, $1.key) }) {
        if function.isPhi(id) {
          if depths[id] == index { variables[index].phis.append(id) }
        } else if depth == 0, case .python(.parameter(let number)) = function[id].operation {
          variables[index].parameter = Int(number)
        } else if depth == 0 {
          variables[index].values.append(id)
        }
      }
    }
    for (index, web) in webs.enumerated() {
      // A parameter is there from the start; others may be assigned to it later.
      let parameter =
        web.startsUnbound(function)
        ? nil
        : firstEntries[index].filter { function.isParameter($0.key) }
          .min { ($0.value, $0.key) < ($1.value, $1.key) }?.key
      for id in Set(web.entries.map(\.value)).sorted() {
        if case .python(.parameter(let number)) = function[id].operation, id == parameter {
          variables[index].parameter = Int(number)
        } else if entries[id] == index {
          variables[index].values.append(id)
        }
      }
    }
  }
}

extension Function {
  /// Whether a value is one of many that are loaded in a loop, as the arguments of the wrapper are that
  /// was inlined around the function.
  fileprivate func isInArray(_ value: Instruction.ID) -> Bool {
    self[value].operation == .machine(.load) && isPhi(offset(operand(0, of: value)).base)
  }

  fileprivate func isParameter(_ id: Instruction.ID) -> Bool {
    if case .python(.parameter) = self[id].operation { true } else { false }
  }
}

extension ControlFlow {
  /// Marks every block that control can reach from one on.
  fileprivate func mark(from start: Int, in marks: inout [Bool]) {
    var pending = [start]
    while let position = pending.popLast() {
      guard !marks[position] else { continue }
      marks[position] = true
      pending += successors[position]
    }
  }
}

extension LocalEvidence {
  /// Whether a value is one of a variable's.
  func isVariable(_ id: Instruction.ID, _ function: borrowing Function) -> Bool {
    for variable in variables {
      for value in variable.values + variable.phis where function.resolve(value) == id {
        return true
      }
    }
    return false
  }
}
