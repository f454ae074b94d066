import IR
import PythonSyntax
import Raising
import Simplification

// What is written of functions that are not understood as a whole.
extension FunctionStructurer {
  /// Writes a `try` or `with` statement, or its parts as the arms of a decision that nobody knows.
  ///
  /// ```
  /// if python.tryBegin: x = f()            if not _not_understood('…'): x = f()
  /// else: x = None                 →       else: x = None
  /// ```
  func tryOrRest(
    _ block: Block.ID, _ state: inout State, _ context: RegionContext
  ) throws -> Way? {
    guard isLenient, scope.kind == .function else {
      return try tryStatement(block, &state, context)
    }
    let point = checkpoint(state)
    do {
      return try tryStatement(block, &state, context)
    } catch let problem as NotUnderstood where isWithinBudget {
      if let value = problem.separable { separable.insert(value) }
      guard case .branch(_, let body, let handler) = raiser.function[block].terminator else {
        throw problem
      }
      state = restore(point)
      let test = Test(
        expression: .unary(.not, .notUnderstood(problem.reason)),
        yes: .init(target: body, edges: [(block, nil)]),
        no: .init(target: handler, edges: [(block, nil)]), blocks: [block], line: nil)
      return try ifStatement(test, &state, context)
    }
  }
}

extension [Statement] {
  /// The statements without what the structurer leaves for itself: marks of the ends of bodies, and
  /// names of what has no expression.
  ///
  /// What is said twice in a row is said once.
  var withoutMarks: [Statement] {
    var result: [Statement] = []
    for statement in self {
      let statement = statement.withoutMarks
      if statement.isMark, let last = result.last, last.kind == statement.kind,
        statement.comments.isEmpty || statement.comments == last.comments
      {
        continue
      }
      result.append(statement)
    }
    return result
  }
}

extension Statement {
  /// Whether this only says what is not understood.
  fileprivate var isMark: Bool {
    if case .expression(let expression) = kind { expression.isNotUnderstood } else { false }
  }

  fileprivate var withoutMarks: Statement {
    if case .expression(.name(let name)) = kind, name.hasPrefix("\u{1}") {
      if name == FunctionStructurer.resumePlaceholder {
        let reason = "an exception that is raised again in an unknown way"
        return Statement(.raise(.notUnderstood(reason), cause: nil), line: line)
      }
      let reason = "where the body of a statement ends"
      return Statement(.expression(.notUnderstood(reason)), line: line)
    }
    var result = mappingBodies(\.withoutMarks)
    if case .class(var definition) = kind {
      definition.body = definition.body.withoutMarks
      result.kind = .class(definition)
    }
    return result.mappingExpressions { expression in
      switch expression {
      case .name(let name) where name.hasPrefix("\u{1}"):
        .notUnderstood(NotUnderstood.unknownUse)
      case .attribute(let object, let name) where name.hasPrefix("\u{1}"):
        .notUnderstood(NotUnderstood.unknownUse, [object])
      default: expression
      }
    }
  }
}
