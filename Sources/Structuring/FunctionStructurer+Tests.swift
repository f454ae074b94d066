import Basics
import IR
import PythonSyntax
import Raising
import Simplification

/// A decision, made in one or several blocks.
struct Test {
  /// One way out of a decision.
  struct Side {
    let target: Block.ID
    /// Where control comes from, and the value that was tested there, if it is the test's own.
    var edges: [(from: Block.ID, own: Instruction.ID?)]
    /// What variables hold on this way, if the test's own blocks read some of them; nil if that is what
    /// they held before.
    var current: HeldValues?

    /// An empty state for what stands on this way.
    func start(from state: State) -> State {
      var inner = state.fresh
      if let current { inner.current = current }
      return inner
    }
  }

  var expression: Expression
  var yes: Side
  var no: Side
  var blocks: Set<Block.ID>
  var line: Int?
  /// The line of the step that is asked first, where an error of its own tells it.
  var askedLine: Int?

  /// Says what variables hold behind the test.
  mutating func setCurrent(_ current: HeldValues) {
    yes.current = current
    no.current = current
  }
}

// Decisions, and short circuits between them.
extension FunctionStructurer {
  /// The decision at the end of a block whose steps were translated.
  func test(_ block: Block.ID, _ state: inout State) throws -> Test? {
    guard case .branch(let value, let first, let second) = raiser.function[block].terminator,
      !raiser.function.opensBody(raiser.function.resolve(value))
    else { return nil }
    let expression = try readCondition(raiser.function.resolve(value), &state)
    var own: Instruction.ID?
    if let last = state.stack.last, shared.contains(last.id) { own = last.id }
    let sides = [first, second].map { Test.Side(target: $0, edges: [(block, own)]) }
    let askedLine = lineAsked(by: raiser.function.resolve(value))
    // `not x` decides as `x` does, the other way round; `x` may be the result itself.
    if case .unary(.not, let inner) = expression {
      return Test(
        expression: inner, yes: sides[1], no: sides[0], blocks: [block], line: state.line,
        askedLine: askedLine)
    }
    return Test(
      expression: expression, yes: sides[0], no: sides[1], blocks: [block], line: state.line,
      askedLine: askedLine)
  }

  func readCondition(
    _ id: Instruction.ID, _ state: inout State
  ) throws -> Expression {
    let order = Dictionary(
      state.stack.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    let leaves = waiting(id, state).sorted { (order[$0] ?? 0) < (order[$1] ?? 0) }
    let values = try read(leaves, &state)
    let taken = Dictionary(
      zip(leaves, values).map { ($0, Pending(id: $0, expression: $1, line: nil)) },
      uniquingKeysWith: { first, _ in first })
    do {
      return try condition(id, state, taken)
    } catch let problem as NotUnderstood where isLenient && scope.kind == .function {
      return .notUnderstood(problem.reason, values)
    }
  }

  private func waiting(_ id: Instruction.ID, _ state: State) -> [Instruction.ID] {
    if state.stack.contains(where: { $0.id == id }) { return [id] }
    if let owner = raiser.testedObject(id) { return waiting(owner, state) }
    guard raiser.function[id].block == nil, case .machine = raiser.function[id].operation else {
      return []
    }
    return raiser.function.operands(of: id).flatMap { waiting($0, state) }
  }

  /// Makes a test larger by blocks that go on deciding, until none is left.
  func absorbAll(_ test: inout Test, _ state: State, _ context: RegionContext) throws {
    while try absorb(&test, state, context) {}
  }

  /// Joins a test with a block that only tests more and shares one way out.
  ///
  /// ```
  /// if a: goto B else goto Y           if a and b: goto X else goto Y
  /// B: if b: goto X else goto Y    →
  /// ```
  private func absorb(
    _ test: inout Test, _ state: State, _ context: RegionContext
  ) throws -> Bool {
    for isYes in [true, false] {
      let (side, other) = isYes ? (test.yes, test.no) : (test.no, test.yes)
      guard side.target != other.target, let next = try innerTest(side, test, state, context)
      else { continue }
      let operation: Expression.BooleanOperator = isYes ? .and : .or
      // The shared way is left when the inner test has the same answer.
      let (sameSide, oppositeSide) = isYes ? (next.no, next.yes) : (next.yes, next.no)
      if let shared = joined(other, sameSide, keepsOwn: true, next, test, context) {
        test = combined(test, operation, next, next.expression, isYes, shared, oppositeSide)
        return true
      }
      if let shared = joined(other, oppositeSide, keepsOwn: false, next, test, context) {
        var rest = sameSide
        rest.edges = rest.edges.map { ($0.from, nil) }
        test = combined(test, operation, next, next.expression.negated, isYes, shared, rest)
        return true
      }
    }
    return false
  }

  private func combined(
    _ test: Test, _ operation: Expression.BooleanOperator, _ next: Test, _ expression: Expression,
    _ isYes: Bool, _ shared: Test.Side, _ rest: Test.Side
  ) -> Test {
    Test(
      expression: .joined(operation, test.expression, expression),
      yes: isYes ? rest : shared, no: isYes ? shared : rest,
      blocks: test.blocks.union(next.blocks), line: test.line, askedLine: test.askedLine)
  }

  /// The test that a block makes and does nothing else.
  private func innerTest(
    _ side: Test.Side, _ outer: Test, _ state: State, _ context: RegionContext
  ) throws -> Test? {
    let block = side.target
    guard raiser.function[block].predecessors.allSatisfy(outer.blocks.contains),
      loops[block] == nil, !isTaken(block), block != context.follow,
      bodyEnds[block] == nil, case .branch = raiser.function[block].terminator, !hasLivePhis(block)
    else { return nil }
    var inner = side.start(from: state)
    guard (try? translate(block, &inner)) != nil, inner.statements.isEmpty,
      var test = try self.test(block, &inner), inner.statements.isEmpty
    else { return nil }
    let isClean =
      inner.stack.isEmpty || (inner.stack.count == 1 && shared.contains(inner.stack[0].id))
    guard isClean else { return nil }
    test.setCurrent(inner.current)
    try absorbAll(&test, inner, context)
    return test
  }

  func hasLivePhis(_ block: Block.ID) -> Bool {
    raiser.function[block].instructions.contains { id in
      raiser.function.isPhi(id) && (uses[id] ?? 0) > 0
    }
  }

  /// One way out, if two ways are the same for whoever comes along them.
  private func joined(
    _ outer: Test.Side, _ inner: Test.Side, keepsOwn: Bool, _ next: Test, _ test: Test,
    _ context: RegionContext
  ) -> Test.Side? {
    guard outer.target == inner.target || areTwins(outer.target, inner.target) else { return nil }
    let innerEdges = keepsOwn ? inner.edges : inner.edges.map { ($0.from, nil) }
    let edges = outer.edges + innerEdges
    for phi in raiser.function[outer.target].instructions
    where raiser.function.isPhi(phi) && (uses[phi] ?? 0) > 0 {
      let values = edges.map { operand(of: phi, from: $0.from) }
      let isSame = Set(values).count == 1
      let isOwn = zip(values, edges).allSatisfy { value, edge in
        value != nil && value == edge.own
      }
      guard isSame || isOwn else { return nil }
    }
    // Two statements that leave to the same place are rarely one.
    if isLeaving(outer, context), let first = test.line, let second = next.line, first != second {
      return nil
    }
    return Test.Side(target: outer.target, edges: edges)
  }

  /// Whether two blocks do nothing but return the same variable; compilers like to copy such ends.
  private func areTwins(_ first: Block.ID, _ second: Block.ID) -> Bool {
    guard case .return(let value) = raiser.function[first].terminator,
      case .return(let other) = raiser.function[second].terminator,
      raiser.function.resolve(value) == raiser.function.resolve(other)
    else { return false }
    return (raiser.function[first].instructions + raiser.function[second].instructions).allSatisfy {
      if case .referenceCount = raiser.function[$0].operation { true } else { false }
    }
  }

  private func isLeaving(_ side: Test.Side, _ context: RegionContext) -> Bool {
    guard let edge = side.edges.first else { return false }
    if side.target == context.follow { return false }
    if let loop = context.loop, side.target == loop.header || side.target == loop.breakTarget {
      return true
    }
    return returned(by: side.target, from: edge.from) != nil
  }
}
