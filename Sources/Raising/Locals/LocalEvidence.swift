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
    /// The blocks from which a value comes into the variable, for those that come from nowhere else.
    fileprivate var sources: [Instruction.ID: Set<Block.ID>] = [:]
    /// The distance of its field in the scope of a generator.
    package fileprivate(set) var offset: UInt64?
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
      variables[index].sources = web.sources(flow, function, isNormal)
    }
  }

  /// Forgets the values that variables would have got on ways which are not there any more, such as the
  /// fast way of a helper that was inlined.
  mutating func forgetPruned(_ function: borrowing Function) {
    let reached = Set(function.reversePostorder())
    for index in variables.indices {
      let sources = variables[index].sources
      variables[index].values.removeAll { sources[$0]?.isDisjoint(with: reached) == true }
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

/// Where values are known not to be null, because they were compared with it.
private struct NullTests {
  private var arms: [Instruction.ID: [(test: Block.ID, arm: Block.ID)]] = [:]
  private let dominators: DominatorTree
  /// Blocks with one way in.
  private let single: Set<Block.ID>

  init(_ function: borrowing Function, _ flow: ControlFlow) {
    dominators = DominatorTree(flow)
    for block in flow.order {
      guard let site = BranchSite(block, in: function), site.target != site.otherTarget,
        let value = site.valueComparedWithNull(in: function), function.isPhi(value),
        // Only what a helper gives back that was inlined is a result of one step, whatever it merges.
        function.isResultOfInlined(value),
        // The release of a variable asks, too, whether it is bound.
        !function.releases(value, in: site.otherTarget)
      else { continue }
      arms[value, default: []].append((block, site.otherTarget))
    }
    single = Set(flow.order.filter { function[$0].predecessors.count == 1 })
  }

  /// Whether a value is not null where control takes an edge.
  func excludeNull(
    _ value: Instruction.ID, from source: Block.ID, to target: Block.ID, _ flow: ControlFlow
  ) -> Bool {
    guard let places = arms[value] else { return false }
    let position = flow.position(of: source)
    return places.contains { test, arm in
      test == source && arm == target
        || single.contains(arm) && dominators.dominates(flow.position(of: arm), position)
    }
  }
}

/// Everything that a released value may be.
private struct ReleasedWeb {
  /// Where it is released.
  var positions: [Int]
  /// The released value and the phis behind it, by the number of phis between.
  var depths: [Instruction.ID: Int]
  /// The values that the phis merge, with the phi and the place from which one comes.
  var entries: [Entry] = []

  struct Entry {
    let value: Instruction.ID
    let phi: Instruction.ID
    let position: Int
  }

  init(
    _ value: Instruction.ID, at position: Int, _ function: borrowing Function, _ flow: ControlFlow,
    _ tests: NullTests
  ) {
    positions = [position]
    depths = [value: 0]
    // Phis that are not null where they come from, whatever they merge.
    var present: Set<Instruction.ID> = []
    var pending = [value]
    var next = 0
    while next < pending.count {
      let id = pending[next]
      next += 1
      guard function.isPhi(id), let block = function[id].block else { continue }
      for (index, operand) in function.operands(of: id).enumerated() {
        if function.isNull(operand, from: function[block].predecessors[index], to: block) {
          continue
        }
        if function.isPhi(operand) {
          let isPresent =
            present.contains(id)
            || tests.excludeNull(
              operand, from: function[block].predecessors[index], to: block, flow)
          guard depths[operand] == nil else {
            if !isPresent, present.remove(operand) != nil { pending.append(operand) }
            continue
          }
          depths[operand] = (depths[id] ?? 0) + 1
          if isPresent { present.insert(operand) }
          pending.append(operand)
        } else if present.contains(id), function.constant(operand) == 0 {
          continue
        } else {
          let edge = flow.position(of: function[block].predecessors[index])
          entries.append(Entry(value: operand, phi: id, position: edge))
        }
      }
    }
    dropEqualValues(function)
  }

  /// Leaves out values that are known to be equal to others of the variable where they come from:
  /// compilers keep the one or the other then.
  private mutating func dropEqualValues(_ function: borrowing Function) {
    let values = Set(entries.map(\.value)).union(depths.keys)
    var equal: [Instruction.ID: Set<Instruction.ID>] = [:]
    for phi in Set(entries.map(\.phi)) {
      guard let block = function[phi].block else { continue }
      for (operand, source) in zip(function.operands(of: phi), function[block].predecessors)
      where values.contains(operand)
        && function.isEqual(operand, toOneOf: values, from: source, to: block)
      {
        equal[phi, default: []].insert(operand)
      }
    }
    entries.removeAll { entry in
      function[entry.phi].block == nil || equal[entry.phi]?.contains(entry.value) == true
    }
  }

  /// The first place from which each value comes into one of some phis.
  func firstEntries(into isOwn: (Instruction.ID) -> Bool) -> [Instruction.ID: Int] {
    var result: [Instruction.ID: Int] = [:]
    for entry in entries where isOwn(entry.phi) {
      result[entry.value] = min(result[entry.value] ?? .max, entry.position)
    }
    return result
  }

  /// The blocks from which each value comes into a phi, for those that come into no phi of an error's
  /// way and are not released themselves.
  func sources(
    _ flow: ControlFlow, _ function: borrowing Function, _ isNormal: [Bool]
  ) -> [Instruction.ID: Set<Block.ID>] {
    var result: [Instruction.ID: Set<Block.ID>] = [:]
    var others: Set<Instruction.ID> = []
    for entry in entries {
      guard let block = function[entry.phi].block else { continue }
      if !isNormal[flow.position(of: block)] || depths[entry.value] != nil {
        others.insert(entry.value)
      }
      result[entry.value, default: []].insert(flow.order[entry.position])
    }
    return result.filter { !others.contains($0.key) }
  }

  /// Whether the variable is unbound at first, unlike a parameter.
  func startsUnbound(_ function: borrowing Function) -> Bool {
    for entry in entries where function.constant(entry.value) == 0 { return true }
    return false
  }

  /// The released value, if it merges no others.
  var onlyValue: Instruction.ID? {
    entries.isEmpty && depths.count == 1 ? depths.keys.first : nil
  }

  func shares(phisWith other: ReleasedWeb) -> Bool {
    depths.keys.contains { other.depths[$0] != nil }
  }

  mutating func merge(_ other: ReleasedWeb) {
    positions += other.positions
    depths.merge(other.depths, uniquingKeysWith: min)
    entries += other.entries
  }
}

extension Function {
  /// Whether a value comes out of the code of a helper that was inlined, which has addresses of its own.
  fileprivate func isResultOfInlined(_ value: Instruction.ID) -> Bool {
    ([value] + operands(of: value)).contains { part in
      guard isPhi(part), let block = self[part].block else { return false }
      return self[block].address >> 48 != 0
    }
  }

  /// Whether a value is released in a block or right behind it.
  fileprivate func releases(_ value: Instruction.ID, in block: Block.ID) -> Bool {
    var pending = [block]
    var next = 0
    while next < pending.count, next < 6 {
      let block = pending[next]
      next += 1
      for id in self[block].instructions {
        if case .referenceCount(let change) = self[id].operation, change < 0,
          operand(0, of: id) == value
        {
          return true
        }
      }
      pending += successors(of: block).filter { self[$0].predecessors.count == 1 }
    }
    return false
  }

  /// Whether a value is one of many that are loaded in a loop, as the arguments of the wrapper are that
  /// was inlined around the function.
  fileprivate func isInArray(_ value: Instruction.ID) -> Bool {
    self[value].operation == .machine(.load) && isPhi(offset(operand(0, of: value)).base)
  }

  fileprivate func isParameter(_ id: Instruction.ID) -> Bool {
    if case .python(.parameter) = self[id].operation { true } else { false }
  }

  /// Whether a value was found to be equal to another one, which got its value before, on the only way
  /// by which control takes an edge.
  fileprivate func isEqual(
    _ id: Instruction.ID, toOneOf others: Set<Instruction.ID>, from block: Block.ID,
    to target: Block.ID
  ) -> Bool {
    var (block, target) = (block, target)
    for _ in 0..<8 {
      if let site = BranchSite(block, in: self), site.target == target, site.otherTarget != target,
        case .equal(let left, let right) = site.condition.form, left == id || right == id
      {
        let other = left == id ? right : left
        return constant(other) == nil && other < id && others.contains(other)
      }
      guard self[block].predecessors.count == 1 else { return false }
      (block, target) = (self[block].predecessors[0], block)
    }
    return false
  }

  /// Whether a value was found to be null on every way by which control takes an edge.
  ///
  /// Compilers use such a value for a variable that is not bound yet.
  fileprivate func isNull(
    _ id: Instruction.ID, from block: Block.ID, to target: Block.ID
  ) -> Bool {
    var pending = [(block, target)]
    var seen: Set<Block.ID> = []
    while let (block, target) = pending.popLast() {
      if let site = BranchSite(block, in: self), site.valueComparedWithNull(in: self) == id {
        guard site.target == target, site.otherTarget != target else { return false }
        continue
      }
      guard seen.insert(block).inserted else { continue }
      let predecessors = self[block].predecessors
      guard seen.count < 64, self[id].block != block, !predecessors.isEmpty else { return false }
      pending += predecessors.map { ($0, block) }
    }
    return true
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
