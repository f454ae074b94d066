import Analysis
import Basics
import IR
import PythonSyntax
import Raising
import Simplification

// Branches, as conditional expressions and `if` statements.
extension FunctionStructurer {
  func branch(
    _ block: Block.ID, _ state: inout State, _ context: RegionContext
  ) throws -> Way {
    if let way = try tryOrRest(block, &state, context) { return way }
    if let top = state.stack.last, !shared.contains(top.id), isTyped(top.id, by: block),
      isRead(top.id, inTestsBehind: raiser.function.successors(of: block))
    {
      try spill(&state)
    }
    guard var test = try test(block, &state) else { return .left }
    if let top = state.stack.last, !shared.contains(top.id),
      isRead(top.id, inTestsBehind: [test.yes.target, test.no.target])
    {
      try spill(&state)
    }
    try absorbAll(&test, state, context)
    if let way = try conditionalExpression(test, &state, context) { return way }
    return try ifStatement(test, &state, context)
  }

  /// Whether a value that waits is read where a decision goes on: it was evaluated for all of it.
  ///
  /// ```
  /// isinstance(x, (list, a.C))     →     t = a.C
  ///                                      isinstance(x, list) or isinstance(x, t)
  /// ```
  private func isRead(_ id: Instruction.ID, inTestsBehind targets: [Block.ID]) -> Bool {
    var pending = targets
    var next = 0
    while next < pending.count, next < 8 {
      let block = pending[next]
      next += 1
      guard case .branch = raiser.function[block].terminator else { continue }
      if raiser.function[block].instructions.contains(where: {
        raiser.function.operands(of: $0).contains(id)
      }) || isTyped(id, by: block) {
        return true
      }
      for successor in raiser.function.successors(of: block) where !pending.contains(successor) {
        pending.append(successor)
      }
    }
    return false
  }

  /// Whether the decision at the end of a block is about the type of a value, which may have been
  /// loaded before: `isinstance(f(), (list, tuple))`.
  private func isTyped(_ id: Instruction.ID, by block: Block.ID) -> Bool {
    guard case .branch(let condition, _, _) = raiser.function[block].terminator else {
      return false
    }
    return asks(raiser.function.resolve(condition), about: id)
  }

  private func asks(_ condition: Instruction.ID, about value: Instruction.ID) -> Bool {
    if let owner = raiser.testedObject(condition) { return owner == value }
    guard raiser.function[condition].block == nil,
      case .machine = raiser.function[condition].operation
    else { return false }
    return raiser.function.operands(of: condition).contains { asks($0, about: value) }
  }

  // MARK: Expressions

  /// Turns a diamond whose arms only make one value into an expression.
  ///
  /// ```
  /// if c: goto A else goto B
  /// A: x = f(); goto J           →     x = f() if c else g()
  /// B: y = g(); goto J
  /// J: phi x, y
  /// ```
  private func conditionalExpression(
    _ test: Test, _ state: inout State, _ context: RegionContext
  ) throws -> Way? {
    guard let join = valueJoin(test, context) else { return nil }
    let phis = raiser.function[join].instructions.filter {
      raiser.function.isPhi($0) && (uses[$0] ?? 0) > 0
    }
    guard phis.count == 1, let phi = phis.first, loops[join] == nil else { return nil }
    var attempt = state
    let before = (functions, variables, importedModules, importedNames)
    let name = variables.isVariable.contains(phi) ? variables.name(of: phi) : nil
    let wasQuiet = name.map { !quietNames.insert($0).inserted } ?? true
    defer { if let name, !wasQuiet { quietNames.remove(name) } }
    guard let result = try? value(of: test, join, phi, &attempt, context),
      raiser.function[join].predecessors.allSatisfy(result.blocks.contains) || isReturn(join, phi),
      result.isBoolean || prefersExpression(test, result, phi, join, state),
      !keepsValue(result.expression, of: phi) || isOneStatement(test) == true
    else {
      (functions, variables, importedModules, importedNames) = before
      return nil
    }
    state = attempt
    visited.formUnion(result.blocks)
    state.line =
      max(state.line ?? 0, result.lines.max() ?? 0) > 0
      ? max(state.line ?? 0, result.lines.max() ?? 0) : nil
    if isReturn(join, phi),
      !raiser.function[join].predecessors.allSatisfy(result.blocks.contains)
    {
      try emit(.return(result.expression), line: result.lines.first ?? test.line, &state)
      return .left
    }
    if variables.isVariable.contains(phi) || (uses[phi] ?? 0) > 1 {
      variables.insert(phi)
      try assign(result.expression, toVariable: phi, line: result.lines.first ?? test.line, &state)
      state.current[variables.name(of: phi)] = phi
    } else {
      state.stack.append(Pending(id: phi, expression: result.expression, line: test.line))
    }
    if join == context.follow { return .end }
    return .block(join)
  }

  private func isReturn(_ join: Block.ID, _ phi: Instruction.ID) -> Bool {
    guard case .return(let value) = raiser.function[join].terminator else { return false }
    return raiser.function.resolve(value) == phi
      && raiser.function[join].instructions.allSatisfy { id in
        switch raiser.function[id].operation {
        case .phi, .referenceCount, .undefined: true
        default: false
        }
      }
  }

  /// The block in which the values of a test's arms may meet.
  private func valueJoin(_ test: Test, _ context: RegionContext) -> Block.ID? {
    for side in [test.yes, test.no] where hasLivePhis(side.target) { return side.target }
    if let join = findJoin(test, context), hasLivePhis(join) { return join }
    // Returned values meet in the block that returns.
    if case .jump(let target) = raiser.function[test.yes.target].terminator,
      hasLivePhis(target)
    {
      return target
    }
    return nil
  }

  private struct ArmValue {
    var expression: Expression
    var blocks: Set<Block.ID>
    var lines: [Int]
    /// Joined by `and` or `or`, which no `if` statement looks like.
    var isBoolean = false
  }

  private func value(
    of test: Test, _ join: Block.ID, _ phi: Instruction.ID, _ state: inout State,
    _ context: RegionContext
  ) throws -> ArmValue? {
    let lines = test.line.map { [$0] } ?? []
    let yesIsOwn = isOwn(test.yes, join, phi)
    let noIsOwn = isOwn(test.no, join, phi)
    if keepsVariable(test.yes, join, phi) || keepsVariable(test.no, join, phi) { return nil }
    if yesIsOwn != noIsOwn {
      if let last = state.stack.last, shared.contains(last.id) { state.stack.removeLast() }
      guard let other = try armValue(yesIsOwn ? test.no : test.yes, test, join, phi, state, context)
      else { return nil }
      return ArmValue(
        expression: .joined(yesIsOwn ? .or : .and, test.expression, other.expression),
        blocks: test.blocks.union(other.blocks), lines: lines + other.lines, isBoolean: true)
    }
    if let last = state.stack.last, shared.contains(last.id) { return nil }
    guard let yes = try armValue(test.yes, test, join, phi, state, context),
      let no = try armValue(test.no, test, join, phi, state, context)
    else { return nil }
    return ArmValue(
      expression: .choice(test.expression, yes.expression, no.expression),
      blocks: test.blocks.union(yes.blocks).union(no.blocks),
      lines: lines + yes.lines + no.lines,
      isBoolean: test.expression.isDecision(yes.expression, no.expression))
  }

  /// Whether a variable is left as it is on one way, which `if` does and no expression.
  private func keepsVariable(_ side: Test.Side, _ join: Block.ID, _ phi: Instruction.ID) -> Bool {
    guard side.target == join, variables.isVariable.contains(phi) else { return false }
    let name = variables.name(of: phi)
    return side.edges.allSatisfy { edge in
      guard let value = operand(of: phi, from: edge.from) else { return false }
      if let parameter = parameterName(value) { return parameter == name }
      guard variables.isVariable.contains(value) || raiser.function.isPhi(value) else {
        return false
      }
      return variables.name(of: value) == name
    }
  }

  /// `x = f(x) if c else x`, for which people write `if c: x = f(x)`.
  private func keepsValue(_ value: Expression, of phi: Instruction.ID) -> Bool {
    guard variables.isVariable.contains(phi) || (uses[phi] ?? 0) > 1,
      case .conditional(_, let yes, let no) = value
    else { return false }
    let name = Expression.name(variables.name(of: phi))
    return yes == name || no == name
  }

  private func isOwn(_ side: Test.Side, _ join: Block.ID, _ phi: Instruction.ID) -> Bool {
    side.target == join
      && side.edges.allSatisfy { $0.own != nil && operand(of: phi, from: $0.from) == $0.own }
  }

  private func armValue(
    _ side: Test.Side, _ test: Test, _ join: Block.ID, _ phi: Instruction.ID, _ state: State,
    _ context: RegionContext
  ) throws -> ArmValue? {
    if side.target == join {
      let values = Set(side.edges.map { operand(of: phi, from: $0.from) })
      guard values.count == 1, let value = values.first ?? nil else { return nil }
      let expression = try truthConstant(value, of: phi) ?? expression(value, state, [:])
      return ArmValue(expression: expression, blocks: [], lines: [])
    }
    let block = side.target
    guard raiser.function[block].predecessors.allSatisfy(test.blocks.contains),
      loops[block] == nil, !isTaken(block), block != context.follow, bodyEnds[block] == nil,
      !hasLivePhis(block)
    else { return nil }
    var inner = side.start(from: state)
    try translate(block, &inner)
    guard inner.statements.isEmpty else { return nil }
    let lines = raiser.function[block].instructions.compactMap { raiser.sites[$0]?.line }
    switch raiser.function[block].terminator {
    case .jump(join):
      guard let operand = operand(of: phi, from: block) else { return nil }
      let value = try truthValue(operand, of: phi, &inner) ?? read([operand], &inner)[0]
      guard inner.stack.isEmpty, inner.statements.isEmpty else { return nil }
      return ArmValue(expression: value, blocks: [block], lines: lines)
    case .branch:
      guard var next = try self.test(block, &inner), inner.statements.isEmpty else { return nil }
      try absorbAll(&next, inner, context)
      guard var result = try value(of: next, join, phi, &inner, context), inner.stack.isEmpty
      else { return nil }
      result.lines += lines
      return result
    default: return nil
    }
  }

  /// Whether a choice between two values was one expression rather than two statements.
  private func prefersExpression(
    _ test: Test, _ value: ArmValue, _ phi: Instruction.ID, _ join: Block.ID, _ state: State
  ) -> Bool {
    let isReturn = isReturn(join, phi)
    let isVariable = variables.isVariable.contains(phi)
    if !state.stack.isEmpty { return true }
    guard isReturn || isVariable || (uses[phi] ?? 0) > 1 else { return true }
    let isOne = isOneStatement(test)
    if isOne == true { return true }
    // Statements stand on lines of their own.
    let lines = Set(value.lines)
    if lines.count > 1 { return false }
    let armLines = value.lines.count - (test.line == nil ? 0 : 1)
    return armLines > 0 || !isReturn && isOne != false
  }

  // MARK: Statements

  struct Arm {
    var statements: [Statement]
    /// The state at the join, if control gets there.
    var end: State?

    var line: Int? { statements.firstLine }

    /// Whether this does nothing but leave.
    var isGuard: Bool {
      guard statements.count == 1 else { return false }
      return switch statements[0].kind {
      case .return, .continue, .break: true
      default: false
      }
    }
  }

  func ifStatement(
    _ test: Test, _ state: inout State, _ context: RegionContext
  ) throws -> Way {
    var test = test
    if let last = state.stack.last, shared.contains(last.id) {
      // The value is used again; it needs a variable.
      guard test.blocks.count == 1 else {
        throw NotUnderstood("a value that is tested and used again")
      }
      variables.insert(last.id)
      let negated = last.expression.negated
      try spill(&state)
      let name = Expression.name(variables.name(of: last.id))
      if test.expression == last.expression {
        test.expression = name
      } else if test.expression == negated {
        test.expression = name.negated
      } else {
        throw NotUnderstood("a value that is tested and used again")
      }
    }
    try spill(&state)
    visited.formUnion(test.blocks)
    let join = findJoin(test, context)
    let inner = RegionContext(follow: join ?? context.follow, loop: context.loop)
    let yes = try arm(test.yes, state, inner)
    let no = try arm(test.no, state, inner)
    return combine(test, yes, no, join, &state, context)
  }

  func arm(
    _ side: Test.Side, _ state: State, _ context: RegionContext
  ) throws -> Arm {
    guard let edge = side.edges.first else { throw NotUnderstood("a way without an edge") }
    var inner = side.start(from: state)
    inner.line = nil
    switch try leave(edge.from, side.target, &inner, context) {
    case .end: return Arm(statements: inner.statements, end: inner)
    case .left: return Arm(statements: inner.statements, end: nil)
    case .block(let next):
      let end = try region(from: next, inner, context)
      return Arm(statements: end?.statements ?? written, end: end)
    }
  }

  private func combine(
    _ test: Test, _ yes: Arm, _ no: Arm, _ join: Block.ID?, _ state: inout State,
    _ context: RegionContext
  ) -> Way {
    let isOne = isOneStatement(test)
    let assigning = assigningInTest(test, yes, no, state)
    if assigning != nil { state.statements.removeLast() }
    var (test, yes, no) = (assigning ?? test.expression, yes, no)
    let line = state.line
    if comesSecond(yes, no) {
      (yes, no) = (no, yes)
      test = test.negated
    }
    if let value = returnedChoice(test, yes, no, line, isOne) {
      state.statements.append(Statement(.return(value), line: line))
    } else if let value = defaulted(test, yes, no, state) {
      state.statements[state.statements.count - 1].kind = value
    } else if isOne == true, let value = kept(test, yes, no) {
      state.statements.append(Statement(value, line: line))
    } else if let assertion = assertion(test, yes, no) {
      state.statements.append(Statement(assertion, line: yes.line ?? line))
      state.statements += no.statements
    } else if yes.statements.isEmpty, no.statements.isEmpty {
      state.statements.append(Statement(.expression(test), line: line))
    } else if yes.end == nil, !no.statements.isEmpty {
      // Control leaves behind the first arm, so that the other one needs no `else`.
      state.statements.append(Statement(.if(test, yes.statements, []), line: line))
      state.statements += no.statements
    } else {
      state.statements.append(Statement(.if(test, yes.statements, no.statements), line: line))
    }
    let statements = state.statements
    switch (yes.end, no.end) {
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

  /// `return x if c else y`, unless the two values are returned on lines of their own.
  private func returnedChoice(
    _ test: Expression, _ yes: Arm, _ no: Arm, _ line: Int?, _ isOne: Bool?
  ) -> Expression? {
    guard yes.statements.count == 1, case .return(let first?) = yes.statements[0].kind,
      no.statements.count == 1, case .return(let second?) = no.statements[0].kind
    else { return nil }
    let choice = Expression.choice(test, first, second)
    if test.isDecision(first, second) { return choice }
    if isOne == true { return choice }
    let lines = [yes.line, no.line].compactMap(\.self)
    guard lines.allSatisfy({ $0 == line }) else { return nil }
    // Truth values that depend on something else were returned by statements.
    let truths: [Expression] = [.constant(.true), .constant(.false)]
    if truths.contains(first), truths.contains(second) { return nil }
    // People return constants by statements, unless something tells otherwise.
    if case .constant = first, case .constant = second { return nil }
    return lines.isEmpty ? nil : choice
  }

  /// `if not x: x = b` in one statement → `x = x or b`.
  private func kept(_ test: Expression, _ yes: Arm, _ no: Arm) -> Statement.Kind? {
    guard no.statements.isEmpty, yes.statements.count == 1,
      case .assign(let targets, let value) = yes.statements[0].kind, targets.count == 1,
      case .name(let name) = targets[0], !variables.temporaryNames.contains(name)
    else { return nil }
    switch test {
    case targets[0]: return .assign(targets, .joined(.and, targets[0], value))
    case .unary(.not, targets[0]): return .assign(targets, .joined(.or, targets[0], value))
    default: return nil
    }
  }

  /// `x = a; if not x: x = b` on one line → `x = a or b`.
  private func defaulted(
    _ test: Expression, _ yes: Arm, _ no: Arm, _ state: State
  ) -> Statement.Kind? {
    guard case .unary(.not, let name) = test, case .name = name, no.statements.isEmpty,
      yes.statements.count == 1, case .assign([name], let other) = yes.statements[0].kind,
      let last = state.statements.last, case .assign([name], let value) = last.kind,
      last.line == state.line, yes.line ?? last.line == last.line
    else { return nil }
    return .assign([name], .joined(.or, value, other))
  }

  /// Whether the arms of a test stood the other way round in the source.
  private func comesSecond(_ yes: Arm, _ no: Arm) -> Bool {
    if failedAssertion(yes) != nil { return false }
    if failedAssertion(no) != nil { return true }
    if yes.statements.isEmpty { return !no.statements.isEmpty }
    if no.statements.isEmpty { return false }
    if let first = yes.line, let second = no.line, first != second { return second < first }
    if yes.end != nil, no.end == nil { return true }
    // Whoever leaves at once does so first.
    if yes.end == nil, no.end == nil, no.isGuard, !yes.isGuard, yes.statements.count > 1 {
      return true
    }
    return false
  }

  /// `if not c: raise AssertionError` as Cython compiles `assert c`.
  private func assertion(_ test: Expression, _ yes: Arm, _ no: Arm) -> Statement.Kind? {
    failedAssertion(yes).map { .assert(test.negated.withoutDebugTest, message: $0.first) }
  }

  /// The message, if any, with which an assertion fails that is all that an arm does.
  private func failedAssertion(_ arm: Arm) -> [Expression]? {
    guard arm.statements.count == 1, case .raise(let exception?, nil) = arm.statements[0].kind,
      case .call(.name("\u{1}AssertionError"), let arguments, _) = exception
    else { return nil }
    return arguments
  }

  // MARK: Joins

  /// Where the two ways of a test meet again.
  func findJoin(_ test: Test, _ context: RegionContext) -> Block.ID? {
    let first = reached(by: test.yes, context)
    let second = reached(by: test.no, context)
    let common = first.intersection(second).sorted { flow.position(of: $0) < flow.position(of: $1) }
    // Neither way gets past the join to a place that the other one reaches as well.
    let join = common.prefix(8).first { candidate in
      let inner = RegionContext(follow: candidate, loop: context.loop)
      let shared = reached(by: test.yes, inner).intersection(reached(by: test.no, inner))
      return shared.isSubset(of: [candidate])
    }
    return join ?? common.first
  }

  private func reached(by side: Test.Side, _ context: RegionContext) -> Set<Block.ID> {
    guard let edge = side.edges.first else { return [] }
    return reachable([(edge.from, side.target)], context)
  }

  /// The blocks that control can reach along edges without leaving a region or a loop.
  func reachable(
    _ edges: [(from: Block.ID, to: Block.ID)], _ context: RegionContext
  ) -> Set<Block.ID> {
    var result: Set<Block.ID> = []
    var pending = edges
    while let (from, to) = pending.popLast() {
      if to != context.follow, let loop = context.loop,
        to == loop.header || to == loop.breakTarget
      {
        continue
      }
      if let value = returned(by: to, from: from), !isNone(value),
        raiser.function[to].predecessors.count > 1
      {
        continue
      }
      guard result.insert(to).inserted, to != context.follow else { continue }
      pending += raiser.function.successors(of: to).map { (to, $0) }
    }
    return result
  }
}

extension Statement {
  /// The line of the first statement in this one whose line is known.
  var firstLine: Int? {
    if let line { return line }
    switch kind {
    case .if, .while, .for, .try, .with: return inner.firstLine
    default: return nil
    }
  }
}

extension [Statement] {
  /// The first line that is known of the statements.
  var firstLine: Int? {
    // A lazy sequence would ask each statement several times, at each level anew.
    for statement in self {
      if let line = statement.firstLine { return line }
    }
    return nil
  }
}

extension Expression {
  /// `not __debug__ or x` → `x`, in an assertion, which is not made otherwise.
  ///
  /// Cython asks first whether assertions are on (`AssertStatNode` in `Cython/Compiler/Nodes.py`).
  fileprivate var withoutDebugTest: Expression {
    guard case .boolean(.or, let operands) = self,
      operands.count > 1, operands[0] == .unary(.not, .name("__debug__"))
    else { return self }
    return operands.count == 2 ? operands[1] : .boolean(.or, Array(operands.dropFirst()))
  }
}
