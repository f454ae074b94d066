import Analysis
import Basics
import IR
import PythonSyntax
import Raising

// Handled exceptions.
extension FunctionStructurer {
  /// The name of what asks for the type of an exception, until a clause is made of it.
  static let matchPlaceholder = "\u{1}except"

  /// Writes `try` if a block ends with the decision that opens one.
  ///
  /// ```
  /// if python.tryBegin: x = f()                          try: x = f()
  /// else: if python.exceptMatch E: x = None       →      except E: x = None
  /// ```
  func tryStatement(
    _ block: Block.ID, _ state: inout State, _ context: RegionContext
  ) throws -> Way? {
    guard case .branch(let value, let body, let handler) = raiser.function[block].terminator,
      raiser.function[raiser.function.resolve(value)].operation == .python(.tryBegin)
    else { return nil }
    try spill(&state)
    let test = Test(
      expression: .constant(.true), yes: .init(target: body, edges: [(block, nil)]),
      no: .init(target: handler, edges: [(block, nil)]), blocks: [block], line: nil)
    let join = findJoin(test, context)
    unhandledSteps.formUnion(try unhandledSteps(from: body, to: join, context))
    let inner = RegionContext(follow: join ?? context.follow, loop: context.loop)
    let attempted = try arm(test.yes, state, inner)
    let handled = try arm(test.no, state, inner)
    // Steps whose errors are handled have no line: nobody writes a traceback for them.
    let end = attempted.statements.firstIndex { $0.firstLine != nil } ?? attempted.statements.count
    guard end > 0 else { throw NotUnderstood("a try without a body") }
    let clauses = try clauses(handled.statements[...])
    let (attempt, rest) = (attempted.statements[..<end], Array(attempted.statements[end...]))
    // What no handler gets to needs no `else`.
    let isElse = handled.end != nil
    state.statements.append(Statement(.try(Array(attempt), clauses, isElse ? rest : [], [])))
    if !isElse { state.statements += rest }
    return finish(attempted, handled, join, &state, context)
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

  /// The steps behind the body, whose errors are not handled: those of an `else` clause.
  private func unhandledSteps(
    from body: Block.ID, to join: Block.ID?, _ context: RegionContext
  ) throws -> Set<Instruction.ID> {
    let blocks = reachable([(body, body)], RegionContext(follow: join, loop: context.loop))
    var result: Set<Instruction.ID> = []
    for block in flow.order where blocks.contains(block) && block != join {
      for id in raiser.function[block].instructions {
        if raiser.handledSteps.contains(id) {
          guard result.isEmpty else { throw failure("an else clause of an unknown form", id) }
        } else if raiser.sites[id] != nil {
          result.insert(id)
        }
      }
    }
    return result
  }

  /// What the body evaluated must have been used there.
  func checkElse(_ id: Instruction.ID, _ state: State) throws {
    guard unhandledSteps.contains(id),
      state.stack.contains(where: { raiser.handledSteps.contains($0.id) })
    else { return }
    throw failure("a value that goes from a try to its else clause", id)
  }

  /// The clauses that a chain of questions for the exception's type makes.
  private func clauses(
    _ statements: ArraySlice<Statement>
  ) throws -> [Statement.ExceptHandler] {
    guard let first = statements.first else { throw NotUnderstood("a handler without a type") }
    let rest = statements.dropFirst()
    switch first.kind {
    case .expression(.call(.name(Self.matchPlaceholder), let types, _)) where types.count == 1:
      return [clause(types[0], rest)]
    case .if(.call(.name(Self.matchPlaceholder), let types, _), let body, let other)
    where types.count == 1 && (other.isEmpty || rest.isEmpty):
      return try [clause(types[0], body[...])] + clauses(other.isEmpty ? rest : other[...])
    case .if(.unary(.not, .call(.name(Self.matchPlaceholder), let types, _)), let other, let body)
    where types.count == 1 && (body.isEmpty || rest.isEmpty):
      return try [clause(types[0], body.isEmpty ? rest : body[...])] + clauses(other[...])
    default: throw NotUnderstood("a handler of an unknown form")
    }
  }

  private func clause(
    _ type: Expression, _ body: ArraySlice<Statement>
  ) -> Statement.ExceptHandler {
    Statement.ExceptHandler(type, nil, Array(body))
  }
}
