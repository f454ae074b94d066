import PythonSyntax

/// How well the places of steps in the C source fit a candidate.
struct CLineFit {
  private(set) var cost = 0.0
  /// The lines of the candidate around which the places do not fit.
  private(set) var suspectLines: Set<Int> = []

  private enum Cost {
    /// A step that stands before what comes in front of it.
    static let otherOrder = 8.0
    /// A statement that stands in two places with one line.
    static let repetition = 4.0
    /// Fewer lines in the source than the candidate takes.
    static let missingLine = 3.0
    static let otherDistance = 8.0
    /// A statement's own steps with comments of other statements between them.
    static let farApart = 8.0
    /// A name that no variable has, and variables in another order than their names.
    static let unboundName = 3.0
    static let disorder = 3.0
    /// An `else` that could as well be left out.
    static let needlessElse = 0.6
    /// A variable that is only returned.
    static let returnedVariable = 5.0
    static let assignmentExpression = 5.0
    /// What the source cannot hold.
    static let impossible = 1000.0
    /// A variable that is assigned what it holds, as in `x = x` and `x = y if c else x`.
    static let selfAssignment = 5.0
    static let doubtfulDistance = 3.0
  }

  /// How much an expression's own lines may differ from the estimate.
  private static let tolerance = -3...4

  /// From how many lines on there must be another statement between two lines of one.
  private static let statementDistance = 10

  /// - Parameters:
  ///   - definition: the candidate.
  ///   - table: where its steps stand.
  ///   - variables: the names of its local variables in their order.
  ///   - usual: what there is at least of what could be left out.
  init(
    _ definition: FunctionDefinition, _ table: CLineTable, variables: [String],
    usual: WritingHabits = WritingHabits()
  ) {
    let problems = definition.body.bindingProblems(variables)
    cost = Double(min(problems.unbound, 2)) * Cost.unboundName
    cost += Double(problems.disorder) * Cost.disorder
    let needless = definition.body.habits
    cost += Double(max(0, needless.elses - usual.elses)) * Cost.needlessElse
    cost += Double(max(0, needless.variables - usual.variables)) * Cost.returnedVariable
    let assignments = max(0, needless.assignments - usual.assignments)
    cost +=
      Double(assignments)
      * (table.hasAssignmentExpressions ? Cost.assignmentExpression : Cost.impossible)
    cost += Double(definition.body.selfAssignmentCount) * Cost.selfAssignment
    if problems.unbound + problems.disorder > 0 {
      suspectLines.formUnion(1...max(1, definition.body.lineCount))
    }
    var last: CLineLayout.Anchor?
    let parameters = definition.parameters.names
    let layout = CLineLayout(
      definition.body, table, locals: Set(variables + parameters), parameters: Set(parameters))
    cost += Double(layout.repeated.count) * Cost.repetition
    suspectLines.formUnion(layout.repeated)
    for anchor in layout.anchors {
      guard let measured = anchor.measured else {
        add(Cost.otherOrder, last, anchor)
        continue
      }
      defer { last = anchor }
      addGaps(from: last, to: anchor, table)
      guard let last else { continue }
      let missing = (anchor.text - last.text) - (anchor.line - last.line)
      if missing > 0 { add(Cost.missingLine * Double(min(missing, 3)), last, anchor) }
      if anchor.isBehindLost { add(Cost.otherDistance, last, anchor) }
      guard let distance = anchor.distance else { continue }
      let difference = measured - distance
      guard !Self.tolerance.contains(difference) else { continue }
      let excess = abs(difference - difference.clamped(to: Self.tolerance))
      add(excess > 1 ? Cost.otherDistance : Cost.doubtfulDistance, last, anchor)
    }
    addGaps(from: last, to: nil, table)
  }

  /// Steps between two anchors belong to the first one, which is one statement.
  private mutating func addGaps(
    from last: CLineLayout.Anchor?, to anchor: CLineLayout.Anchor?, _ table: CLineTable
  ) {
    guard let last, let start = last.run else { return }
    let end = anchor.map { $0.run ?? start } ?? table.runs.count
    guard end - start > 1 else { return }
    for index in (start + 1)..<end {
      let (before, next) = (table.runs[index - 1], table.runs[index])
      if next.line > before.line, next.line > last.line,
        anchor.map({ next.line < $0.line }) ?? true,
        next.first - before.last >= Self.statementDistance
      {
        add(Cost.farApart, last, anchor ?? last)
      }
    }
  }

  private mutating func add(
    _ cost: Double, _ last: CLineLayout.Anchor?, _ anchor: CLineLayout.Anchor
  ) {
    self.cost += cost
    suspectLines.formUnion((last?.text ?? 1)...max(last?.text ?? 1, anchor.text))
  }
}

/// What some people write though it could be left out.
struct WritingHabits {
  /// `else` clauses behind a body that leaves.
  var elses = 0
  /// Variables that are only returned: `x = f(); return x`.
  var variables = 0
  /// `:=`.
  var assignments = 0
}

extension [Statement] {
  /// How often the statements have what could be left out.
  var habits: WritingHabits {
    var result = WritingHabits()
    func visit(_ statements: [Statement]) {
      for (index, statement) in statements.enumerated() {
        if case .if(_, let body, let rest) = statement.kind, body.alwaysLeaves, !rest.isEmpty {
          result.elses += 1
        }
        if index + 1 < statements.count, case .return(let value?) = statements[index + 1].kind,
          statement.assignsForReturn(value)
        {
          result.variables += 1
        }
        result.assignments += statement.expressions.reduce(0) { $0 + $1.assignmentCount }
        visit(statement.inner)
      }
    }
    visit(self)
    return result
  }

  fileprivate var selfAssignmentCount: Int {
    reduce(0) { count, statement in
      var own = 0
      if case .assign(let targets, let value) = statement.kind {
        var values = [value]
        if case .conditional(_, let yes, let no) = value { values = [yes, no] }
        own = values.contains(where: targets.contains) ? 1 : 0
      }
      return count + own + statement.inner.selfAssignmentCount
    }
  }
}

extension Statement {
  /// Whether the statement only gives a variable, of which nobody asks afterwards, what is returned; of two
  /// arms that do so, the test has asked for what it held before.
  fileprivate func assignsForReturn(_ value: Expression) -> Bool {
    switch kind {
    case .assign(let targets, _): targets == [value]
    case .if(let test, let body, let rest):
      if case .name(let name) = value, test.mentions({ $0 == name }), let one = body.last,
        let other = rest.last
      {
        one.assignsForReturn(value) && other.assignsForReturn(value)
      } else {
        false
      }
    default: false
    }
  }
}

extension Expression {
  fileprivate var assignmentCount: Int {
    let own = if case .assignment = self { 1 } else { 0 }
    return parts.reduce(own) { $0 + $1.assignmentCount }
  }
}

extension Int {
  fileprivate func clamped(to range: ClosedRange<Int>) -> Int {
    Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
  }
}
