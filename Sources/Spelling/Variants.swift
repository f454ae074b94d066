import PythonSyntax

/// Other spellings of statements that mean the same and compile to the same code.
///
/// Each variant differs in one place; a search applies them one after the other.
struct Variants {
  /// What is wanted to know of a function to spell its parts in other ways.
  private let facts: SpellingFacts
  private let statements: [Statement]
  /// The lines at which something is to change, from the function's head on; nil for all of them.
  private let focus: Set<Int>?

  init(_ definition: FunctionDefinition, variables: [String], focus: Set<Int>? = nil) {
    facts = SpellingFacts(definition, variables: variables)
    statements = definition.body
    self.focus = focus
  }

  /// Every body that differs from the function's in one place.
  ///
  /// Where one has a variable more, it is also there with other names for all of them.
  var bodies: [[Statement]] {
    let all = block(statements, at: 1, Place(endsFunction: true))
    guard !facts.unusedNames.isEmpty else { return all }
    return all.flatMap { [$0] + ($0.namingInOrder(facts).map { [$0] } ?? []) }
  }

  /// Whether a statement on some lines may change.
  private func isWanted(_ first: Int, _ last: Int) -> Bool {
    guard let focus else { return true }
    return focus.contains { first - 1 <= $0 && $0 <= last + 1 }
  }

  /// Every block that differs in one place.
  private func block(_ statements: [Statement], at line: Int, _ place: Place) -> [[Statement]] {
    var result: [[Statement]] = []
    let end = line + statements.lineCount
    let kept = statements.filter { $0.kind != .pass }
    if place.endsFunction, !statements.alwaysLeaves, isWanted(end, end) {
      result.append(kept + [Statement(.return(nil))])
      result.append(kept + [Statement(.return(.constant(.none)))])
    }
    if place.endsLoop, isWanted(end, end) {
      if !statements.alwaysLeaves { result.append(kept + [Statement(.continue)]) }
      if statements.last?.kind == .continue { result.append(Array(statements.dropLast())) }
    }
    var line = line
    for (index, statement) in statements.enumerated() {
      let last = line + statement.lineCount - 1
      defer { line = last + 1 }
      guard isWanted(line, last + 1) else { continue }
      let before = Array(statements[..<index])
      let after = Array(statements[(index + 1)...])
      for replacement in StatementVariants(statement, followedBy: after, place, facts).all {
        result.append(before + replacement)
      }
      for variant in inside(statement, at: line, after.isEmpty ? place : place.inner) {
        result.append(before + [variant] + after)
      }
    }
    return result
  }

  /// The statement with one place in it spelt in another way.
  private func inside(_ statement: Statement, at line: Int, _ place: Place) -> [Statement] {
    var result: [Statement] = []
    let own = isWanted(line, line) ? statement.expressions : []
    for index in own.indices {
      for variant in expression(own[index]) {
        var position = -1
        result.append(
          statement.mappingOwnExpressions { part in
            position += 1
            return position == index && part == own[index] ? variant : part
          })
      }
    }
    for body in statement.bodies(at: line) where !body.statements.isEmpty || body.isHandler {
      let inner = body.place(in: place)
      guard isWanted(body.line, body.line + body.statements.lineCount) else { continue }
      for variant in block(body.statements, at: body.line, inner) {
        var position = -1
        result.append(
          statement.mappingBodies { part in
            position += 1
            return position == body.index ? variant : part
          })
      }
    }
    return result.filter { $0 != statement }
  }

  private func expression(_ expression: Expression) -> [Expression] {
    var result = expression.spellings(facts)
    var parts: [Expression] = []
    _ = expression.mappingParts { part in
      parts.append(part)
      return part
    }
    if case .lambda = expression { return result }
    for index in parts.indices {
      for variant in self.expression(parts[index]) {
        var position = -1
        result.append(
          expression.mappingParts { part in
            position += 1
            return position == index ? variant : part
          })
      }
    }
    return result
  }
}
