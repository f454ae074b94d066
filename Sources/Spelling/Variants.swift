import PythonSyntax

/// Other spellings of statements that mean the same and compile to the same code.
///
/// Each variant differs in one place; a search applies them one after the other.
struct Variants {
  /// The names of variables that stand nowhere in the function.
  let unusedNames: [String]

  /// Every body that differs from a function's in one place.
  func bodies(_ statements: [Statement]) -> [[Statement]] {
    block(statements, endsFunction: true)
  }

  /// Every block that differs in one place; `endsFunction` tells that the function returns behind it.
  private func block(_ statements: [Statement], endsFunction: Bool) -> [[Statement]] {
    var result: [[Statement]] = []
    if endsFunction, !statements.isEmpty, !statements.alwaysLeaves {
      result.append(statements + [Statement(.return(nil))])
      result.append(statements + [Statement(.return(.constant(.none)))])
    }
    for (index, statement) in statements.enumerated() {
      let before = Array(statements[..<index])
      let after = Array(statements[(index + 1)...])
      for replacement in StatementVariants(
        statement, followedBy: after, endsFunction: endsFunction, unusedNames: unusedNames
      ).all {
        result.append(before + replacement)
      }
      for variant in inside(statement, endsFunction: endsFunction && after.isEmpty) {
        result.append(before + [variant] + after)
      }
    }
    return result
  }

  /// The statement with one place in it spelt in another way.
  private func inside(_ statement: Statement, endsFunction: Bool) -> [Statement] {
    var result: [Statement] = []
    let own = statement.expressions
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
    var count = 0
    _ = statement.mappingBodies { body in
      count += 1
      return body
    }
    let staysInside: Bool
    switch statement.kind {
    case .for, .while, .with: staysInside = true
    case .try(_, _, let rest, let last): staysInside = !rest.isEmpty || !last.isEmpty
    default: staysInside = false
    }
    for index in 0..<count {
      var original: [Statement] = []
      var position = -1
      _ = statement.mappingBodies { body in
        position += 1
        if position == index { original = body }
        return body
      }
      guard !original.isEmpty else { continue }
      for variant in block(original, endsFunction: endsFunction && !staysInside) {
        position = -1
        result.append(
          statement.mappingBodies { body in
            position += 1
            return position == index ? variant : body
          })
      }
    }
    return result.filter { $0 != statement }
  }

  private func expression(_ expression: Expression) -> [Expression] {
    var result = expression.spellings
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
