import Analysis
import Basics
import IR
import PythonSyntax
import Raising
import Simplification

// Loops.
extension FunctionStructurer {
  /// Writes a loop.
  ///
  /// - Returns: the block behind it, or nil if control never gets there.
  func loop(
    _ header: Block.ID, _ state: inout State, _ context: RegionContext
  ) throws -> Block.ID? {
    openLoops.insert(header)
    defer { openLoops.remove(header) }
    try writeDefinitions(&state)
    if let counter = counters[header], counter.range != nil {
      return try rangeLoop(header, counter, &state, context)
    }
    if let step = iteration(header) { return try forLoop(header, step, &state, context) }
    return try whileLoop(header, &state, context)
  }

  // MARK: for

  /// The step that takes the next item, if a loop's header does nothing else.
  func iteration(_ header: Block.ID) -> Instruction.ID? {
    var found: Instruction.ID?
    for id in raiser.function[header].instructions {
      switch raiser.function[id].operation {
      case .phi, .referenceCount, .undefined: continue
      case .python(.next) where found == nil: found = id
      case .python(.asyncNext) where found == nil: found = id
      default: return nil
      }
    }
    guard let found, case .branch(let value, _, _) = raiser.function[header].terminator,
      let (opcode, tested, zero) = raiser.function.machine(raiser.function.resolve(value)),
      opcode == .equal || opcode == .notEqual, tested == found,
      raiser.function.constant(zero) == 0
    else { return nil }
    return found
  }

  private func forLoop(
    _ header: Block.ID, _ step: Instruction.ID, _ state: inout State, _ context: RegionContext
  ) throws -> Block.ID? {
    guard case .branch(let value, let first, let second) = raiser.function[header].terminator,
      let (opcode, _, _) = raiser.function.machine(raiser.function.resolve(value))
    else { return nil }
    let (bodyStart, exit) = opcode == .notEqual ? (first, second) : (second, first)
    // The number that counts starts with is there before the iterator is.
    let values = try read(
      (counters[header].map { [$0.start] } ?? []) + [raiser.function.operand(0, of: step)], &state)
    let iterable = values[values.count - 1]
    let line = state.line
    let suspended = state.stack
    state.stack = []
    try enterLoop(header, &state)
    let target =
      loops[header].map { breakTarget($0, testBlocks: [header], exit: exit, context) }
      ?? joinBehind(header, bodyStart, exit, context)
    var inner = state.fresh
    let (item, whole) = try enumerated(
      header, try loopTarget(step, bodyStart, &inner), iterable, start: values[0], &inner)
    let statements = try loopBody(
      header, from: header, to: bodyStart, &inner, target, &state)
    var finished = FinishedLoop(header, exit, target, line)
    finished.isAsync = raiser.function[step].operation == .python(.asyncNext)
    try finishFor(item, whole, statements, finished, suspended, &state, context)
    return target ?? exit
  }

  /// Whether a block takes an item as a `for` loop does whose body never comes to its end.
  ///
  /// ```
  /// for x in y: return x
  /// ```
  func isUnrepeatedLoop(_ block: Block.ID) -> Bool {
    guard loops[block] == nil, let step = iteration(block),
      raiser.function[step].operation == .python(.next)
    else { return false }
    let iterator = raiser.function.operand(0, of: step)
    return raiser.function[iterator].operation == .python(.iterator)
      && readers(of: iterator) == [step]
  }

  /// Where control gets both from the body of a loop and from its end.
  private func joinBehind(
    _ header: Block.ID, _ body: Block.ID, _ exit: Block.ID, _ context: RegionContext
  ) -> Block.ID? {
    let test = Test(
      expression: .constant(.true), yes: .init(target: body, edges: [(header, nil)]),
      no: .init(target: exit, edges: [(header, nil)]), blocks: [header], line: nil)
    return findJoin(test, context) ?? context.follow
  }

  /// A loop whose body is written.
  struct FinishedLoop {
    let header: Block.ID
    let exit: Block.ID
    let target: Block.ID?
    let line: Int?
    var isAsync = false

    init(_ header: Block.ID, _ exit: Block.ID, _ target: Block.ID?, _ line: Int?) {
      self.header = header
      self.exit = exit
      self.target = target
      self.line = line
    }
  }

  /// Adds a `for` loop to the statements, or a comprehension to what waits.
  func finishFor(
    _ item: Expression, _ iterable: Expression, _ body: [Statement], _ loop: FinishedLoop,
    _ suspended: [Pending], _ state: inout State, _ context: RegionContext
  ) throws {
    let kind = Statement.Kind.for(item, iterable, body, [], isAsync: loop.isAsync)
    if loop.target == nil || loop.target == loop.exit, let last = suspended.last,
      let comprehension = comprehension(kind, adding: Self.placeholder(last.id), last.expression)
    {
      state.stack = suspended
      state.stack[state.stack.count - 1].expression = comprehension
      state.line = last.line ?? loop.line
      try copyPhis(from: loop.header, to: loop.exit, &state)
      return try assignDisplay(last.id, &state)
    }
    if let counter = counters[loop.header] {
      state.current[variables.name(of: counter.phi)] = lastNumber(counter, loop.header)
    }
    let (rest, behind) = try leaveLoop(from: loop.header, loop, body, &state, context)
    state.stack = suspended
    try spill(&state)
    state.statements.append(
      Statement(.for(item, iterable, body, rest, isAsync: loop.isAsync), line: loop.line))
    state.statements += behind
  }

  /// The variables that an item is assigned to.
  private func loopTarget(
    _ step: Instruction.ID, _ bodyStart: Block.ID, _ state: inout State
  ) throws -> Expression {
    let first = raiser.function[bodyStart].instructions.first { id in
      switch raiser.function[id].operation {
      case .phi, .referenceCount, .undefined: false
      default: true
      }
    }
    if let first, case .python(.unpack) = raiser.function[first].operation,
      raiser.function.operand(0, of: first) == step, readers(of: step) == [first]
    {
      unpackedByLoops.insert(first)
      return try unpackTarget(first, &state)
    }
    variables.insert(step)
    let name = variables.name(of: step)
    state.current[name] = step
    return .name(name)
  }

  // MARK: while

  private func whileLoop(
    _ header: Block.ID, _ state: inout State, _ context: RegionContext
  ) throws -> Block.ID? {
    try spill(&state)
    try enterLoop(header, &state)
    guard let body = loops[header] else { return nil }
    var probe = state.fresh
    let isPossible = (try? translate(header, &probe)) != nil
    if isPossible, probe.statements.isEmpty, var test = try? self.test(header, &probe),
      probe.statements.isEmpty, probe.stack.isEmpty
    {
      test.setCurrent(probe.current)
      try absorbAll(&test, probe, RegionContext(follow: nil, loop: nil))
      let leavesOnNo = body.contains(test.yes.target) && !body.contains(test.no.target)
      let leavesOnYes = body.contains(test.no.target) && !body.contains(test.yes.target)
      if leavesOnNo || leavesOnYes {
        return try whileTest(
          header, body, test, leavesOnNo: leavesOnNo, line: probe.line, &state, context)
      }
    }
    let target = breakTarget(body, testBlocks: [], exit: nil, context)
    var inner = state.fresh
    let before = readValues
    readValues = []
    defer { readValues.formUnion(before) }
    if let target { valuesAtBreaks[target] = nil }
    visited.remove(header)
    let end = try region(
      from: header, inner,
      RegionContext(follow: header, loop: .init(header: header, breakTarget: target)))
    inner.statements = end?.statements ?? written
    try closeLoop(header, inner.statements, &state)
    // Nothing else leads there.
    if let target, let values = valuesAtBreaks[target] {
      for name in inner.statements.assignedNames { state.current[name] = values[name] }
    }
    let line = inner.statements.first?.line
    state.statements.append(
      Statement(.while(.constant(.true), inner.statements.withoutLastContinue, []), line: line))
    // Ways that return from inside come to nothing behind the loop; what breaks out may not be understood.
    return isLenient || inner.statements.hasBreak ? target : nil
  }

  private func whileTest(
    _ header: Block.ID, _ body: Set<Block.ID>, _ test: Test, leavesOnNo: Bool, line: Int?,
    _ state: inout State, _ context: RegionContext
  ) throws -> Block.ID? {
    let (inside, outside) = leavesOnNo ? (test.yes, test.no) : (test.no, test.yes)
    guard let enter = inside.edges.first, let leave = outside.edges.first else { return nil }
    visited.formUnion(test.blocks)
    let target = breakTarget(body, testBlocks: test.blocks, exit: outside.target, context)
    var inner = inside.start(from: state)
    let statements: [Statement]
    if inside.target == header {
      statements = []
      try copyPhis(from: enter.from, to: header, &inner)
    } else {
      statements = try loopBody(
        header, from: enter.from, to: inside.target, &inner, target, &state)
    }
    let (rest, behind) = try leaveLoop(
      from: leave.from, FinishedLoop(header, outside.target, target, line), statements, &state,
      context)
    let expression = leavesOnNo ? test.expression : test.expression.negated
    state.statements.append(Statement(.while(expression, statements, rest), line: line))
    state.statements += behind
    return target ?? outside.target
  }

  // MARK: Parts

  /// Keeps what variables hold where a loop is left, as far as it is the same wherever that is.
  func noteBreak(to target: Block.ID, _ state: State) {
    if valuesAtBreaks[target] == nil {
      valuesAtBreaks[target] = state.current
    } else {
      valuesAtBreaks[target]?.meet(state.current)
    }
  }

  func enterLoop(_ header: Block.ID, _ state: inout State) throws {
    visited.insert(header)
    try enter(header, &state)
  }

  func loopBody(
    _ header: Block.ID, from block: Block.ID, to start: Block.ID, _ inner: inout State,
    _ target: Block.ID?, _ state: inout State
  ) throws -> [Statement] {
    let before = readValues
    readValues = []
    defer { readValues.formUnion(before) }
    let context = RegionContext(follow: header, loop: .init(header: header, breakTarget: target))
    try copyPhis(from: block, to: start, &inner)
    let end = start == header ? inner : try region(from: start, inner, context)
    let statements = end?.statements ?? written
    try closeLoop(header, statements, &state)
    return statements.withoutLastContinue
  }

  /// Checks that no variable is read in a loop after another turn has changed it.
  private func closeLoop(
    _ header: Block.ID, _ statements: [Statement], _ state: inout State
  ) throws {
    // The first one that does not fit is told apart from others, so their order matters.
    let assigned = statements.assignedNames.sorted()
    guard loops[header] != nil else {
      for name in assigned { state.current[name] = nil }
      return
    }
    var phis: [String: Instruction.ID] = [:]
    for id in raiser.function[header].instructions where raiser.function.isPhi(id) {
      if (uses[id] ?? 0) > 0, !counterPhis.contains(id) { phis[variables.name(of: id)] = id }
    }
    for name in assigned {
      if let phi = phis[name] {
        state.current[name] = phi
        continue
      }
      if demandedNames.contains(name) {
        throw NotUnderstood(
          "a variable whose value an exception leaves open", at: address(of: header))
      }
      let value = state.current[name] ?? readParameter(name, state)
      if let value, statements.assignsForNextTurn(name), readValues.contains(value) {
        var problem = NotUnderstood(
          "a variable that another turn of the loop changes", at: address(of: header))
        problem.separable = value
        throw problem
      }
      state.current[name] = nil
    }
  }

  /// The value of a parameter that nothing was assigned to before a loop, if the loop reads it.
  private func readParameter(_ name: String, _ state: State) -> Instruction.ID? {
    guard state.current.isUntouched(name) else { return nil }
    return readValues.sorted().first { parameterName($0) == name }
  }

  /// What is done when a loop ends by itself: in its `else` clause, or behind it if nothing else ends
  /// it.
  private func leaveLoop(
    from source: Block.ID, _ loop: FinishedLoop, _ body: [Statement], _ state: inout State,
    _ context: RegionContext
  ) throws -> (rest: [Statement], behind: [Statement]) {
    var after = state.fresh
    try copyPhis(from: source, to: loop.exit, &after)
    if let target = loop.target, target != loop.exit {
      if loop.exit == context.loop?.breakTarget {
        noteBreak(to: loop.exit, after)
        return (after.statements + [Statement(.break)], [])
      }
      let end = try region(
        from: loop.exit, after, RegionContext(follow: target, loop: context.loop))
      if let end { state.meet(end) }
      let rest = end?.statements ?? written
      // What only the loop's own end leads to stands behind it.
      if loops[loop.header] == nil, !body.hasBreak { return ([], rest) }
      return (rest, [])
    }
    let isOnlyEnd = !body.hasBreak
    for name in after.statements.assignedNames {
      state.current[name] = isOnlyEnd ? after.current[name] : nil
    }
    return isOnlyEnd ? ([], after.statements) : (after.statements, [])
  }

  /// Where `break` leads, if anything leaves a loop other than by its test.
  func breakTarget(
    _ body: Set<Block.ID>, testBlocks: Set<Block.ID>, exit: Block.ID?, _ context: RegionContext
  ) -> Block.ID? {
    var ways: [Set<Block.ID>] = []
    let outside = RegionContext(follow: context.follow, loop: context.loop)
    for block in flow.order where body.contains(block) && !testBlocks.contains(block) {
      for successor in raiser.function.successors(of: block) where !body.contains(successor) {
        let reached = reachable(edges(from: block, to: successor), outside)
        if !reached.isEmpty { ways.append(reached) }
      }
    }
    if let exit, let outer = context.loop, exit == outer.breakTarget,
      let target = nextTurn(of: outer.header, from: body, besides: testBlocks, ways)
    {
      return target
    }
    if let exit {
      guard let testBlock = testBlocks.first else { return exit }
      let behind = reachable([(testBlock, exit)], outside).union([exit])
      let relevant = ways.filter { !$0.isDisjoint(with: behind) }
      let common = relevant.reduce(behind) { $0.intersection($1) }
      return first(of: common, in: context) ?? exit
    }
    guard var common = ways.first else { return nil }
    for way in ways.dropFirst() where !way.isDisjoint(with: common) {
      common.formIntersection(way)
    }
    return first(of: common, in: context)
  }

  /// The block that control reaches first; the head of the loop around is reached last, in the next turn.
  private func first(of blocks: Set<Block.ID>, in context: RegionContext) -> Block.ID? {
    let inside = blocks.filter { $0 != context.loop?.header }
    return inside.min { flow.position(of: $0) < flow.position(of: $1) } ?? blocks.first
  }

  /// The edges behind which a `break` may lead, if control leaves a loop by an edge: not those in the body
  /// of a `try` statement that begins in the loop, nor those in its handlers, but those behind it.
  private func edges(
    from block: Block.ID, to successor: Block.ID
  ) -> [(from: Block.ID, to: Block.ID)] {
    guard case .branch(let value, let body, let handler) = raiser.function[block].terminator,
      raiser.function.opensBody(raiser.function.resolve(value))
    else { return [(block, successor)] }
    let decision = raiser.function.resolve(value)
    if successor != body {
      return edges(behindHandler: handler, of: decision, body, block) ?? [(block, successor)]
    }
    let inside = protectedBlocks(decision, from: successor, block)
    let ends = frontier(of: inside, except: handler)
    return flow.order.filter { ends.contains($0) }.flatMap { end in
      raiser.function[end].predecessors.filter { inside.contains($0) }.map { (from: $0, to: end) }
    }
  }

  /// The edges on which control leaves the handlers of a statement; nil if it is not known where these
  /// end.
  private func edges(
    behindHandler handler: Block.ID, of decision: Instruction.ID, _ body: Block.ID,
    _ block: Block.ID
  ) -> [(from: Block.ID, to: Block.ID)]? {
    let inside = blocks(
      from: handler,
      leadingTo: { self.raiser.errorWays[$0]?.left.contains(decision) ?? false }, block)
    if inside.isEmpty {
      let ends = endsOfIdleHandler(handler)
      return ends.isEmpty ? nil : ends.map { (from: handler, to: $0) }
    }
    let ends = frontier(of: inside, except: body)
    return flow.order.filter { ends.contains($0) }.flatMap { end in
      raiser.function[end].predecessors.filter { inside.contains($0) }.map { (from: $0, to: end) }
    }
  }

  /// Where `break` leads in a loop whose own end is a `break` of the loop around it.
  ///
  /// ```
  /// while x:
  ///   for y in z:
  ///     if y: break
  ///   else: break
  /// ```
  private func nextTurn(
    of outer: Block.ID, from body: Set<Block.ID>, besides testBlocks: Set<Block.ID>,
    _ ways: [Set<Block.ID>]
  ) -> Block.ID? {
    let sources = body.subtracting(testBlocks).union(ways.flatMap { $0 })
    guard sources.contains(where: { raiser.function.successors(of: $0).contains(outer) })
    else { return nil }
    let common = ways.dropFirst().reduce(ways.first ?? []) { $0.intersection($1) }
    guard ways.count > 1 else { return outer }
    return common.min { flow.position(of: $0) < flow.position(of: $1) } ?? outer
  }

  // MARK: Unpacking

  /// `a, b` for the values that an unpacking makes.
  func unpackTarget(_ unpack: Instruction.ID, _ state: inout State) throws -> Expression {
    guard
      case .python(.unpack(let before, let after, let isStarred)) = raiser.function[unpack]
        .operation,
      let block = raiser.function[unpack].block
    else { throw failure("an unpacking of an unknown form", unpack) }
    var names: [Expression] = []
    for position in 0..<(before + (isStarred ? 1 : 0) + after) {
      let element = raiser.function[block].instructions.first { id in
        guard case .python(.element(position)) = raiser.function[id].operation else {
          return false
        }
        return raiser.function.operand(0, of: id) == unpack
      }
      guard let element else { throw failure("an unpacking that misses a target", unpack) }
      let isRest = isStarred && position == before
      if !isRest, let nested = nestedUnpack(element, in: block) {
        unpackedByLoops.insert(nested)
        names.append(try unpackTarget(nested, &state))
        continue
      }
      variables.insert(element)
      let name = variables.name(of: element)
      state.current[name] = element
      names.append(isRest ? .starred(.name(name)) : .name(name))
    }
    return .tuple(names)
  }

  private func nestedUnpack(_ element: Instruction.ID, in block: Block.ID) -> Instruction.ID? {
    guard uses[element] == 1 else { return nil }
    return raiser.function[block].instructions.first { id in
      guard case .python(.unpack) = raiser.function[id].operation else { return false }
      return raiser.function.operand(0, of: id) == element
    }
  }

  // MARK: Comprehensions

  /// Whether a container is added to as only displays and comprehensions do, so that it is a variable's
  /// value once it is complete.
  func isUnderConstruction(_ id: Instruction.ID) -> Bool {
    switch raiser.function[id].operation {
    case .python(.list), .python(.set), .python(.dictionary), .python(.call):
      return readers(of: id).contains { raiser.adds($0, to: id) }
    default: return false
    }
  }

  /// Assigns a complete display or comprehension to its variable, if it has one.
  func assignDisplay(_ id: Instruction.ID, _ state: inout State) throws {
    guard variables.isVariable.contains(id), let done = state.stack.last, done.id == id else {
      return
    }
    state.stack.removeLast()
    if !state.stack.isEmpty { try spill(&state) }
    try assign(done.expression, toVariable: id, line: done.line, &state)
  }

  /// A loop that only adds to a new list, set or dict, as a comprehension.
  private func comprehension(
    _ loop: Statement.Kind, adding placeholder: String, _ display: Expression
  ) -> Expression? {
    var generators: [Expression.Generator] = []
    var kind = loop
    while true {
      switch kind {
      case .for(let target, let iterable, let body, let rest, let isAsync):
        guard rest.isEmpty, body.count == 1 else { return nil }
        generators.append(.init(target, iterable, [], isAsync: isAsync))
        kind = body[0].kind
      case .if(let test, let body, let rest):
        guard rest.isEmpty, body.count == 1, let last = generators.popLast() else { return nil }
        generators.append(
          .init(last.target, last.iterable, last.conditions + [test], isAsync: last.isAsync))
        kind = body[0].kind
      case .expression(.call(.name(placeholder), let values, _)):
        switch (display, values.count) {
        case (.list([]), 1): return .comprehension(.list, values[0], value: nil, generators)
        case (.set([]), 1): return .comprehension(.set, values[0], value: nil, generators)
        case (.dictionary([]), 2):
          return .comprehension(.dictionary, values[0], value: values[1], generators)
        default: return nil
        }
      default: return nil
      }
    }
  }
}

extension [Statement] {
  /// A loop's body without a `continue` at its end.
  var withoutLastContinue: [Statement] {
    if let last, last.kind == .continue { return Array(dropLast()) }
    return self
  }

  /// Whether a `break` in the statements ends the loop around them.
  var hasBreak: Bool {
    contains { statement in
      switch statement.kind {
      case .break: true
      case .for(_, _, _, let rest, _), .while(_, _, let rest): rest.hasBreak
      case .function, .class: false
      default: statement.inner.hasBreak
      }
    }
  }

  /// Whether a variable may have been assigned to when these have been done as the body of a loop, and it
  /// goes on.
  func assignsForNextTurn(_ name: String) -> Bool {
    switch last?.kind {
    case .break, .return, .raise: if !hasContinue { return false }
    default: break
    }
    return contains { statement in
      guard case .if(_, let body, let rest) = statement.kind else {
        return [statement].assignedNames.contains(name)
      }
      return body.assignsForNextTurn(name) || rest.assignsForNextTurn(name)
    }
  }

  private var hasContinue: Bool { contains { $0.kind == .continue || $0.inner.hasContinue } }

  /// The variables that statements assign to.
  var assignedNames: Set<String> {
    var result: Set<String> = []
    func add(_ target: Expression) {
      switch target {
      case .name(let name): result.insert(name)
      case .tuple(let items), .list(let items): items.forEach(add)
      case .starred(let inner): add(inner)
      default: break
      }
    }
    for statement in self {
      switch statement.kind {
      case .assign(let targets, _): targets.forEach(add)
      case .augmentedAssign(let target, _, _): add(target)
      case .if(_, let body, let rest), .while(_, let body, let rest):
        result.formUnion(body.assignedNames.union(rest.assignedNames))
      case .for(let target, _, let body, let rest, _):
        add(target)
        result.formUnion(body.assignedNames.union(rest.assignedNames))
      case .with(let items, let body, _):
        items.compactMap(\.target).forEach(add)
        result.formUnion(body.assignedNames)
      case .try(_, let handlers, _, _):
        result.formUnion(handlers.compactMap(\.name))
        result.formUnion(statement.inner.assignedNames)
      default: break
      }
    }
    return result
  }
}
