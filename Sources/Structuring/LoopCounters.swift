import Analysis
import Basics
import BigInt
import IR
import Interpretation
import PythonSyntax
import Raising
import Simplification

/// A number that a loop counts with, which the source does not show.
struct LoopCounter {
  let phi: Instruction.ID
  let start: Instruction.ID
  /// The phi's value in the next turn.
  let next: Instruction.ID
  /// The bound of a loop over `range`, and the step; nil for `enumerate`.
  var range: (limit: Instruction.ID, step: Int)?
  /// Where a loop over `range` goes on, and where it ends.
  var ways: (inside: Block.ID, outside: Block.ID)?
}

extension FunctionStructurer {
  /// Finds the loops that count.
  func findCounters() {
    for header in flow.order {
      guard let body = loops[header] else { continue }
      let found = rangeCounter(header, body) ?? enumerationCounter(header, body)
      guard let found else { continue }
      counters[header] = found
      counterPhis.insert(found.phi)
      if found.range == nil { skippedSteps.insert(found.next) }
    }
  }

  /// ```
  /// i = phi 0, j; if i < n: …; j = i + 1      →      for i in range(n)
  /// ```
  private func rangeCounter(_ header: Block.ID, _ body: Set<Block.ID>) -> LoopCounter? {
    guard isOnlyTest(header), let site = BranchSite(header, in: raiser.function),
      body.contains(site.target), !body.contains(site.otherTarget),
      case .less(let left, let right) = site.condition.form
    else { return nil }
    for (phi, limit, isUp) in [(left, right, true), (right, left, false)] {
      guard let (start, next) = cycle(phi, in: header, body),
        let (opcode, value, amount) = raiser.function.machine(next), opcode == .add, value == phi,
        let number = raiser.function.constant(amount), isFixed(limit, body)
      else { continue }
      let step = Int(Opcode.signed(number, raiser.function.size(amount)))
      guard step != 0, (step > 0) == isUp else { continue }
      return LoopCounter(
        phi: phi, start: start, next: next, range: (limit, step),
        ways: (site.target, site.otherTarget))
    }
    return nil
  }

  /// ```
  /// i = phi 0, j; x = next; j = i + 1; …      →      for i, x in enumerate(…)
  /// ```
  private func enumerationCounter(_ header: Block.ID, _ body: Set<Block.ID>) -> LoopCounter? {
    guard iteration(header) != nil else { return nil }
    for phi in raiser.function[header].instructions where raiser.function.isPhi(phi) {
      guard let (start, next) = cycle(phi, in: header, body),
        raiser.function[next].operation == .python(.binary(.add, inPlace: false)),
        raiser.function.operand(0, of: next) == phi,
        raiser.object(raiser.function.operand(1, of: next)) == .integer(1),
        readers(of: next) == [phi], isEarly(next, in: header)
      else { continue }
      return LoopCounter(phi: phi, start: start, next: next)
    }
    return nil
  }

  private func isOnlyTest(_ header: Block.ID) -> Bool {
    raiser.function[header].instructions.allSatisfy { id in
      switch raiser.function[id].operation {
      case .phi, .referenceCount, .undefined: true
      default: false
      }
    }
  }

  /// What a phi of a loop's header is at first and in every later turn.
  private func cycle(
    _ phi: Instruction.ID, in header: Block.ID, _ body: Set<Block.ID>
  ) -> (start: Instruction.ID, next: Instruction.ID)? {
    guard raiser.function.isPhi(phi), raiser.function[phi].block == header else { return nil }
    var starts: Set<Instruction.ID> = []
    var nexts: Set<Instruction.ID> = []
    for (index, operand) in raiser.function.operands(of: phi).enumerated() {
      if body.contains(raiser.function[header].predecessors[index]) {
        nexts.insert(operand)
      } else {
        starts.insert(operand)
      }
    }
    guard starts.count == 1, nexts.count == 1, let start = starts.first, let next = nexts.first
    else { return nil }
    return (start, next)
  }

  /// What the variable of a counter holds when the loop ends by itself: the number of the last turn.
  func lastNumber(_ counter: LoopCounter, _ header: Block.ID) -> Instruction.ID? {
    guard let body = loops[header] else { return nil }
    return raiser.function[header].instructions.first { phi in
      phi != counter.phi && raiser.function.isPhi(phi) && variables.areOne(phi, counter.phi)
        && cycle(phi, in: header, body)?.next == counter.phi
    }
  }

  /// Whether a value is the same in every turn of a loop.
  private func isFixed(_ id: Instruction.ID, _ body: Set<Block.ID>) -> Bool {
    if let block = raiser.function[id].block { return !body.contains(block) }
    return raiser.function.operands(of: id).allSatisfy { isFixed($0, body) }
  }

  /// Whether a step stands before anything else that a turn of a loop does, the unpacking of the item
  /// aside.
  private func isEarly(_ step: Instruction.ID, in header: Block.ID) -> Bool {
    guard let block = raiser.function[step].block,
      raiser.function[block].predecessors.contains(header)
    else { return false }
    for id in raiser.function[block].instructions {
      if id == step { return true }
      switch raiser.function[id].operation {
      case .phi, .referenceCount, .undefined, .python(.unpack), .python(.element),
        .python(.storeGlobal):
        continue
      default: return false
      }
    }
    return false
  }

  /// The steps that read a value, reference counts aside; pure steps are none.
  func readers(of value: Instruction.ID) -> [Instruction.ID] {
    var result: [Instruction.ID] = []
    for block in flow.order {
      for id in raiser.function[block].instructions {
        if case .referenceCount = raiser.function[id].operation { continue }
        if raiser.function.operands(of: id).contains(value) { result.append(id) }
      }
    }
    return result
  }

  // MARK: Writing

  /// Writes a loop over `range`.
  func rangeLoop(
    _ header: Block.ID, _ counter: LoopCounter, _ state: inout State, _ context: RegionContext
  ) throws -> Block.ID? {
    guard let range = counter.range, let ways = counter.ways, let body = loops[header] else {
      return nil
    }
    let hasStart = raiser.function.constant(counter.start) != 0 || range.step != 1
    let values = try read(hasStart ? [counter.start, range.limit] : [range.limit], &state)
    let step: [Expression] = range.step == 1 ? [] : [.integer(range.step)]
    let iterable = Expression.call(.name("range"), values + step, [])
    let line = state.line
    let suspended = state.stack
    state.stack = []
    try enterLoop(header, &state)
    let target = breakTarget(body, testBlocks: [header], exit: ways.outside, context)
    var inner = state.fresh
    variables.insert(counter.phi)
    let name = variables.name(of: counter.phi)
    inner.current[name] = counter.phi
    let statements = try loopBody(header, from: header, to: ways.inside, &inner, target, &state)
    try finishFor(
      .name(name), iterable, statements, FinishedLoop(header, ways.outside, target, line),
      suspended, &state, context)
    return target ?? ways.outside
  }

  /// The target and iterable of a loop, with the number that counts its turns.
  func enumerated(
    _ header: Block.ID, _ item: Expression, _ iterable: Expression, start: Expression,
    _ state: inout State
  ) throws -> (Expression, Expression) {
    guard let counter = counters[header] else { return (item, iterable) }
    variables.insert(counter.phi)
    let name = variables.name(of: counter.phi)
    state.current[name] = counter.phi
    var arguments = [iterable]
    if start != .integer(0) { arguments.append(start) }
    return (.tuple([.name(name), item]), .call(.name("enumerate"), arguments, []))
  }
}
