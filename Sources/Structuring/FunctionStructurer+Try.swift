import Analysis
import Basics
import IR
import PythonSyntax
import Raising
import Simplification

// Handled exceptions, and clauses that run in any case.
extension FunctionStructurer {
  /// The name of what asks for the type of an exception, until a clause is made of it.
  static let matchPlaceholder = "\u{1}except"
  /// The name of the exception that a handler has caught, until its clause names it.
  static let caughtPlaceholder = "\u{1}caught"
  /// Stands where an exception goes on behind a `finally` clause.
  static let resumePlaceholder = "\u{1}resume"

  /// Stands where the body of a statement ends.
  static func endPlaceholder(_ decision: Instruction.ID) -> String { "\u{1}end\(decision.number)" }

  /// Stands where the handlers of a statement end.
  static func handledPlaceholder(_ decision: Instruction.ID) -> String {
    "\u{1}handled\(decision.number)"
  }

  /// Stands where a statement ends if there was no exception.
  static func lastPlaceholder(_ decision: Instruction.ID) -> String {
    "\u{1}last\(decision.number)"
  }

  /// Writes `try` or `with` if a block ends with the decision that opens its body.
  ///
  /// ```
  /// if python.tryBegin: x = f()                          try: x = f()
  /// else: if python.exceptMatch E: x = None       →      except E: x = None
  /// ```
  func tryStatement(
    _ block: Block.ID, _ state: inout State, _ context: RegionContext
  ) throws -> Way? {
    guard case .branch(let value, let body, let handler) = raiser.function[block].terminator
    else { return nil }
    let decision = raiser.function.resolve(value)
    guard raiser.function.opensBody(decision) else { return nil }
    try spill(&state)
    try bindHeld(decision, &state)
    let test = Test(
      expression: .constant(.true), yes: .init(target: body, edges: [(block, nil)]),
      no: .init(target: handler, edges: [(block, nil)]), blocks: [block], line: nil)
    let join = findJoin(test, context)
    let inner = RegionContext(follow: join ?? context.follow, loop: context.loop)
    openBodies.insert(decision)
    // What comes behind the whole statement is no end of its body.
    for follow in [join, context.follow].compactMap(\.self) {
      bodyEnds[follow]?.removeAll {
        $0 == Self.endPlaceholder(decision) || $0 == Self.handledPlaceholder(decision)
      }
    }
    openMarks.insert(Self.endPlaceholder(decision))
    let attempted = try bodyArm(test.yes, state, inner)
    openBodies.remove(decision)
    openMarks.remove(Self.endPlaceholder(decision))
    openMarks.insert(Self.handledPlaceholder(decision))
    var handled = try bodyArm(test.no, state, inner)
    openMarks.remove(Self.handledPlaceholder(decision))
    // The name behind `as` is deleted where the handler ends.
    handled.end?.current.forget(since: state.current) {
      raiser.function[$0].operation == .python(.caught(.value)) && !variables.isReleased($0)
    }
    var parts = split(attempted.statements, decision)
    let isShared = handled.end != nil && !parts.rest.isEmpty
    if attempted.end == nil { moveRest(&handled, &parts, decision) }
    handled.statements = handled.statements.without(Self.handledPlaceholder(decision))
    if let first = parts.rest.first, parts.rest.count == 1, case .return = first.kind {
      handled.statements = handled.statements.withoutLast(first)
    }
    let statements: [Statement]
    if raiser.function[decision].operation == .python(.finallyBegin) {
      statements = try finallyStatement(parts, handled.statements, decision)
    } else if let exit = Self.exit(handled.statements) {
      statements = try withStatement(parts, exit, decision, goesOn: handled.end != nil, &state)
    } else if let (exit, leaving) = Self.leavingExit(handled.statements) {
      statements = try withStatement(
        parts, exit, decision, goesOn: true, leaving: leaving, &state)
    } else {
      // Handlers that start the next turn of a loop leave what is behind the statement out.
      let startsTurn = isShared && inner.follow != nil && inner.follow == context.loop?.header
      if isShared, !startsTurn {
        // Where the handlers go on, control does not come from them to what is behind the body.
        parts.otherwise += parts.rest
        parts.rest = []
      }
      statements = try exceptStatement(parts, handled.statements, decision, goesOn: startsTurn)
    }
    state.statements += statements
    return finish(attempted, handled, join, &state, context)
  }

  /// The body, with everything that it evaluates put into statements.
  private func bodyArm(
    _ side: Test.Side, _ state: State, _ context: RegionContext
  ) throws -> Arm {
    var arm = try arm(side, state, context)
    if var end = arm.end, !end.stack.isEmpty {
      try spill(&end)
      arm = Arm(statements: end.statements, end: end)
    }
    return arm
  }

  private func finish(
    _ body: Arm, _ handler: Arm, _ join: Block.ID?, _ state: inout State, _ context: RegionContext
  ) -> Way {
    let statements = state.statements
    switch (body.end, handler.end) {
    case (nil, nil): return .left
    case (let end?, nil), (nil, let end?): state = end
    case (let first?, let second?):
      state = first
      state.meet(second)
    }
    state.statements = statements
    state.stack = []
    guard let join, join != context.follow else { return .end }
    return .block(join)
  }

  // MARK: Bodies

  /// The statements of a body, and those behind it that are written with it.
  struct BodyParts {
    var body: [Statement]
    /// An `else` clause.
    var otherwise: [Statement]
    /// What comes behind the whole statement.
    var rest: [Statement]
    /// Whether it is known where the body ends.
    var isMarked: Bool
  }

  private func split(_ statements: [Statement], _ decision: Instruction.ID) -> BodyParts {
    let (end, last) = (Self.endPlaceholder(decision), Self.lastPlaceholder(decision))
    var statements = statements
    var rest: [Statement] = []
    var isMarked = false
    if let index = statements.firstIndex(where: { $0.isMark(last) }) {
      rest = Array(statements[(index + 1)...])
      statements.removeSubrange(index...)
      isMarked = true
    }
    guard let first = statements.firstIndex(where: { $0.isMark(end) }) else {
      return BodyParts(body: statements, otherwise: [], rest: rest, isMarked: isMarked)
    }
    return BodyParts(
      body: Array(statements[..<first]), otherwise: Array(statements[(first + 1)...]), rest: rest,
      isMarked: true)
  }

  /// What comes behind handlers is behind the whole statement if control gets there in no other way.
  private func moveRest(_ handled: inout Arm, _ parts: inout BodyParts, _ decision: Instruction.ID)
  {
    let mark = Self.handledPlaceholder(decision)
    guard parts.rest.isEmpty, let index = handled.statements.lastIndex(where: { $0.isMark(mark) })
    else { return }
    let rest = handled.statements[(index + 1)...]
    // A value that a handler returns was made there.
    if rest.count == 1, case .return(let value) = rest[index + 1].kind {
      switch value {
      case nil, .constant, .name: return
      default: break
      }
    }
    // The name behind `as` is deleted where the handler ends.
    let caught = handled.statements[..<index].flatMap(\.caughtNames)
    guard !rest.contains(where: { $0.mentions(caught.contains) }) else { return }
    parts.rest = Array(rest)
    handled.statements.removeSubrange(index...)
  }

  /// Notes that a statement with handlers ends.
  func endHandling(_ id: Instruction.ID, _ state: inout State) throws {
    let kept = raiser.function.operand(0, of: id)
    guard let block = raiser.function[kept].block,
      let value = raiser.function[block].terminator.value, openBodies.contains(value)
    else { return }
    try emit(.expression(.name(Self.lastPlaceholder(value))), line: nil, &state)
  }

  /// Finds the blocks in which bodies of `try` statements end, and their `else` clauses.
  func findBodyEnds() -> [Block.ID: [String]] {
    var result: [Block.ID: [String]] = [:]
    guard raiser.function.hasBodies else { return result }
    for block in flow.order {
      guard case .branch(let value, let body, let handler) = raiser.function[block].terminator,
        raiser.function.opensBody(raiser.function.resolve(value))
      else { continue }
      let decision = raiser.function.resolve(value)
      let inside = protectedBlocks(decision, from: body, block)
      for end in handledEnds(decision, from: handler, body, block) {
        result[end, default: []].append(Self.handledPlaceholder(decision))
      }
      let isFinally = raiser.function[decision].operation == .python(.finallyBegin)
      guard
        isFinally || hasElse(decision, from: body, block, avoiding: handler)
          || failsUnprotected(decision, from: body, avoiding: handler)
      else { continue }
      for end in frontier(of: inside, except: handler) {
        result[end, default: []].append(Self.endPlaceholder(decision))
      }
    }
    return result
  }

  /// Where the handlers of a statement end: errors behind do not leave it any more.
  private func handledEnds(
    _ decision: Instruction.ID, from handler: Block.ID, _ body: Block.ID, _ block: Block.ID
  ) -> Set<Block.ID> {
    let inside = blocks(
      from: handler,
      leadingTo: { self.raiser.errorWays[$0]?.left.contains(decision) ?? false }, block)
    if inside.isEmpty { return endsOfIdleHandler(handler) }
    return frontier(of: inside, except: body)
  }

  /// Where a single handler ends that does nothing.
  ///
  /// ```
  /// try: return f()
  /// except E: pass
  /// return g()
  /// ```
  func endsOfIdleHandler(_ handler: Block.ID) -> Set<Block.ID> {
    let steps = raiser.function[handler].instructions.filter { id in
      if case .python(let operation) = raiser.function[id].operation {
        if case .builtin = operation { false } else { true }
      } else {
        false
      }
    }
    guard case .jump(let next) = raiser.function[handler].terminator, steps.count == 1,
      case .python(.exceptMatch) = raiser.function[steps[0]].operation
    else { return [] }
    return [next]
  }

  /// Whether errors leave a statement without having been handled there, from behind its body.
  private func hasElse(
    _ decision: Instruction.ID, from body: Block.ID, _ block: Block.ID, avoiding handler: Block.ID
  ) -> Bool {
    !blocks(
      from: body,
      leadingTo: { step in
        guard let way = self.raiser.errorWays[step] else { return false }
        return way.left.contains(decision) && !self.raiser.isProtected(step, by: decision)
      }, block, avoiding: handler
    ).isEmpty
  }

  /// Whether errors are not handled by a statement of steps before its end, and behind its body.
  private func failsUnprotected(
    _ decision: Instruction.ID, from body: Block.ID, avoiding handler: Block.ID
  ) -> Bool {
    var reached: Set<Block.ID> = [body, handler]
    var pending = [body]
    var (isFound, hasEnd) = (false, false)
    while let block = pending.popLast() {
      var goesOn = true
      for id in raiser.function[block].instructions {
        if endsHandling(id, of: decision) {
          (hasEnd, goesOn) = (true, false)
          break
        }
        // What a statement inside handles stands in a body.
        if let way = raiser.errorWays[id], way.handler == nil { isFound = true }
      }
      guard goesOn else { continue }
      var ways = raiser.function.successors(of: block)
      // Handlers of statements inside have errors of their own.
      if let value = raiser.function[block].terminator.value,
        raiser.function.opensBody(raiser.function.resolve(value))
      {
        ways = Array(ways.prefix(1))
      }
      for next in ways where reached.insert(next).inserted { pending.append(next) }
    }
    // Where control never comes back from handlers, nothing is put back.
    return isFound && (hasEnd || !endsAnywhere(decision))
  }

  /// Whether it is noted anywhere that a statement ends without an exception.
  private func endsAnywhere(_ decision: Instruction.ID) -> Bool {
    flow.order.contains { block in
      raiser.function[block].instructions.contains { endsHandling($0, of: decision) }
    }
  }

  private func endsHandling(_ id: Instruction.ID, of decision: Instruction.ID) -> Bool {
    guard case .python(.endHandled) = raiser.function[id].operation,
      let block = raiser.function[raiser.function.operand(0, of: id)].block,
      let value = raiser.function[block].terminator.value
    else { return false }
    return raiser.function.resolve(value) == decision
  }

  /// The blocks from which control gets to certain steps without passing a decision again.
  func blocks(
    from start: Block.ID, leadingTo isWanted: (Instruction.ID) -> Bool, _ decision: Block.ID,
    avoiding avoided: Block.ID? = nil
  ) -> Set<Block.ID> {
    var reached: Set<Block.ID> = [start]
    var pending = [start]
    while let block = pending.popLast() {
      for next in raiser.function.successors(of: block)
      where next != decision && next != avoided && reached.insert(next).inserted {
        pending.append(next)
      }
    }
    var result: Set<Block.ID> = []
    for block in flow.order where reached.contains(block) {
      guard raiser.function[block].instructions.contains(where: isWanted) else { continue }
      if result.insert(block).inserted { pending.append(block) }
    }
    while let block = pending.popLast() {
      for previous in raiser.function[block].predecessors
      where reached.contains(previous) && result.insert(previous).inserted {
        pending.append(previous)
      }
    }
    return result
  }

  /// The blocks in the body of a statement, as far as steps that it protects stand there or behind.
  func protectedBlocks(
    _ decision: Instruction.ID, from body: Block.ID, _ block: Block.ID
  ) -> Set<Block.ID> {
    blocks(from: body, leadingTo: { self.raiser.isProtected($0, by: decision) }, block)
  }

  func frontier(of inside: Set<Block.ID>, except handler: Block.ID) -> Set<Block.ID> {
    var result: Set<Block.ID> = []
    for block in inside {
      if let value = raiser.function[block].terminator.value,
        raiser.function.opensBody(raiser.function.resolve(value))
      {
        // The handlers of an inner statement are no end.
        if let body = raiser.function.successors(of: block).first, !inside.contains(body) {
          result.insert(body)
        }
        continue
      }
      for next in raiser.function.successors(of: block)
      where !inside.contains(next) && next != handler {
        result.insert(next)
      }
    }
    return result
  }

  /// Notes that bodies end where a block starts.
  func markBodyEnds(at block: Block.ID, _ state: inout State) throws {
    guard let marks = bodyEnds[block], !openLoops.contains(block) else { return }
    for mark in marks where openMarks.contains(mark) {
      try spill(&state)
      state.statements.append(Statement(.expression(.name(mark))))
    }
  }

  // MARK: except

  private func exceptStatement(
    _ parts: BodyParts, _ handled: [Statement], _ decision: Instruction.ID, goesOn: Bool
  ) throws -> [Statement] {
    let body = parts.body
    guard !body.isEmpty else { throw NotUnderstood("a try without a body") }
    var clauses = try clauses(handled[...])
    if goesOn {
      clauses = clauses.map { clause in
        guard !clause.body.alwaysLeaves else { return clause }
        return .init(clause.type, clause.name, clause.body + [Statement(.continue)])
      }
    }
    // A question that was lost would make a handler of every exception.
    guard !raiser.regions.asking.contains(decision) || clauses.contains(where: { $0.type != nil })
    else { throw NotUnderstood("a handler whose exceptions are not known") }
    let otherwise = parts.otherwise
    return [Statement(.try(body, clauses, otherwise, []))] + parts.rest
  }

  /// The clauses that a chain of questions for the exception's type makes.
  private func clauses(
    _ statements: ArraySlice<Statement>
  ) throws -> [Statement.ExceptHandler] {
    guard let first = statements.first else { return [clause(nil, [])] }
    let rest = statements.dropFirst()
    switch first.kind {
    case .expression(let test):
      guard let type = Self.exceptionTypes(test) else { break }
      return [clause(type, rest)]
    case .if(.unary(.not, let test), let other, [])
    where Self.exceptionTypes(test) != nil
      && other.count == 1 && !rest.isEmpty:
      // if not a: b → one of both.
      guard case .expression(let last) = other[0].kind, Self.exceptionTypes(last) != nil else {
        throw NotUnderstood("a handler of an unknown form")
      }
      return [clause(Self.exceptionTypes(.boolean(.or, [test, last])), rest)]
    case .if(.unary(.not, let test), let other, let body) where Self.exceptionTypes(test) != nil:
      guard body.isEmpty || rest.isEmpty else { break }
      return try [clause(Self.exceptionTypes(test), body.isEmpty ? rest : body[...])]
        + clauses(other[...])
    case .if(let test, let body, let other) where Self.exceptionTypes(test) != nil:
      guard other.isEmpty || rest.isEmpty else { break }
      let others = other.isEmpty ? rest : other[...]
      let own = clause(Self.exceptionTypes(test), body[...])
      return others.isEmpty ? [own] : try [own] + clauses(others)
    default: break
    }
    guard !first.mentions({ $0 == Self.matchPlaceholder }) else {
      throw NotUnderstood("a handler of an unknown form")
    }
    return [clause(nil, statements)]
  }

  /// The class or the tuple of classes that an exception is asked to be an instance of.
  private static func exceptionTypes(_ test: Expression) -> Expression? {
    switch test {
    case .call(.name(Self.matchPlaceholder), let types, _):
      return types.count == 1 ? types[0] : .tuple(types)
    case .boolean(.or, let operands):
      let types = operands.compactMap { exceptionTypes($0) }
      guard types.count == operands.count else { return nil }
      return .tuple(
        types.flatMap { type in if case .tuple(let items) = type { items } else { [type] } })
    default: return nil
    }
  }

  private func clause(
    _ type: Expression?, _ body: ArraySlice<Statement>
  ) -> Statement.ExceptHandler {
    if let first = body.first, let (name, value) = first.namedValue,
      value == .name(Self.caughtPlaceholder), type != nil
    {
      return Statement.ExceptHandler(type, name, Array(body.dropFirst()))
    }
    return Statement.ExceptHandler(type, nil, Array(body))
  }

  /// A part of a caught exception, on its way to a name or to `__exit__`.
  func caught(_ id: Instruction.ID, _ part: CaughtPart, _ state: inout State) throws {
    guard (uses[id] ?? 0) > 0 || part == .value && isBound(id) else { return }
    switch part {
    case .type, .traceback:
      state.stack.append(
        Pending(id: id, expression: .name("\(Self.caughtPlaceholder).\(part)"), line: nil))
    case .value where isPassedToExit(id):
      state.stack.append(Pending(id: id, expression: .name(Self.caughtPlaceholder), line: nil))
    case .value:
      variables.insert(caught: id)
      // The variables of a generator lie in its scope.
      guard variables.isReleased(id), scope.closures.generatorKind == nil else {
        return try assign(.name(Self.caughtPlaceholder), toVariable: id, line: nil, &state)
      }
      // What is released when the function ends is another variable than the one behind `as`.
      let name = variables.nextName()
      try emit(.assign([.name(name)], .name(Self.caughtPlaceholder)), line: nil, &state)
      try assign(.name(name), toVariable: id, line: nil, &state)
    }
  }

  /// Whether a reference to an exception is taken, as for a variable.
  private func isBound(_ id: Instruction.ID) -> Bool {
    raiser.function.blockIDs.contains { block in
      raiser.function[block].instructions.contains { step in
        guard case .referenceCount(let change) = raiser.function[step].operation else {
          return false
        }
        return change > 0 && raiser.function.operand(0, of: step) == id
      }
    }
  }

  /// Whether type and traceback of the same exception are used as well, as only `with` does.
  private func isPassedToExit(_ id: Instruction.ID) -> Bool {
    guard let block = raiser.function[id].block else { return false }
    return raiser.function[block].instructions.contains { other in
      raiser.function[other].operation == .python(.caught(.traceback)) && (uses[other] ?? 0) > 0
    }
  }
}

extension Statement {
  /// Whether the statement only marks a place.
  func isMark(_ placeholder: String) -> Bool { kind == .expression(.name(placeholder)) }

  /// The statement without marks of a kind in it.
  fileprivate func without(_ placeholder: String) -> Statement {
    var result = self
    switch kind {
    case .if(let test, let body, let rest):
      result.kind = .if(test, body.without(placeholder), rest.without(placeholder))
    case .while(let test, let body, let rest):
      result.kind = .while(test, body.without(placeholder), rest.without(placeholder))
    case .for(let target, let iterable, let body, let rest, let isAsync):
      result.kind = .for(
        target, iterable, body.without(placeholder), rest.without(placeholder), isAsync: isAsync)
    case .with(let items, let body, let isAsync):
      result.kind = .with(items, body.without(placeholder), isAsync: isAsync)
    case .try(let body, let handlers, let otherwise, let last):
      result.kind = .try(
        body.without(placeholder),
        handlers.map { .init($0.type, $0.name, $0.body.without(placeholder)) },
        otherwise.without(placeholder), last.without(placeholder))
    default: break
    }
    return result
  }

  /// The variable and the value, if the statement assigns to a variable.
  var namedValue: (name: String, value: Expression)? {
    guard case .assign(let targets, let value) = kind, targets.count == 1,
      case .name(let name) = targets[0]
    else { return nil }
    return (name, value)
  }
}

extension [Statement] {
  /// The statements without one that they all end with, and that comes behind them as well.
  fileprivate func withoutLast(_ end: Statement) -> [Statement] {
    guard var last else { return self }
    if last.kind == end.kind {
      return count == 1 ? [Statement(.pass, line: last.line)] : Array(dropLast())
    }
    guard case .if(let test, let body, let rest) = last.kind else { return self }
    last.kind = .if(test, body.withoutLast(end), rest.withoutLast(end))
    return dropLast() + [last]
  }

  /// The statements without a `return` at their end, where the function ends anyway.
  var withoutLastReturn: [Statement] {
    guard var last else { return self }
    switch last.kind {
    case .return(nil):
      return count == 1 ? [Statement(.pass, line: last.line)] : Array(dropLast())
    case .try(let body, let handlers, let otherwise, let clause):
      let ends = handlers.map { handler in
        Statement.ExceptHandler(handler.type, handler.name, handler.body.withoutLastReturn)
      }
      last.kind = .try(
        otherwise.isEmpty ? body.withoutLastReturn : body, ends, otherwise.withoutLastReturn,
        clause)
    case .with(let items, let body, let isAsync):
      last.kind = .with(items, body.withoutLastReturn, isAsync: isAsync)
    default: return self
    }
    return dropLast() + [last]
  }

  /// The statements without marks of a kind.
  ///
  /// A value that was put into a variable only for a mark's sake is returned as it is.
  fileprivate func without(_ placeholder: String) -> [Statement] {
    var result: [Statement] = []
    var hadMark = false
    for statement in self {
      if statement.isMark(placeholder) {
        hadMark = true
        continue
      }
      if hadMark, case .return(.name(let name)?) = statement.kind,
        FunctionStructurer.isTemporary(name), let last = result.last,
        let (target, value) = last.namedValue, target == name
      {
        result[result.count - 1] = Statement(.return(value), line: last.line)
      } else {
        result.append(statement.without(placeholder))
      }
      hadMark = false
    }
    return result
  }
}

extension Statement {
  /// The names that a caught exception is given in the statement.
  fileprivate var caughtNames: [String] {
    if case .assign(let targets, .name(FunctionStructurer.caughtPlaceholder)) = kind {
      return targets.flatMap(\.leafNames)
    }
    return inner.flatMap(\.caughtNames)
  }
}
