package import PythonSyntax

// Choices between a new value of a variable and the one that it has.
extension [Statement] {
  /// The statements with a test for a choice that leaves a variable as it is which nothing has given a value
  /// before: reading it would fail.
  ///
  /// ```
  /// x = f() if c else x      →      if c: x = f()
  /// ```
  /// `x = c or f()` compiles to this where nothing reads `x` behind it.
  ///
  /// - Parameter parameters: the names of the function's parameters.
  /// - Returns: the statements of a function's body.
  package func withoutUnboundChoices(parameters: Set<String>) -> [Statement] {
    var bound = parameters
    return withoutUnboundChoices(&bound)
  }

  private func withoutUnboundChoices(_ bound: inout Set<String>) -> [Statement] {
    map { statement in
      var result = statement
      switch statement.kind {
      case .assign(let targets, .conditional(let test, let yes, let no)) where targets.count == 1:
        guard case .name(let name) = targets[0], !bound.contains(name) else { break }
        if no == targets[0] {
          result.kind = .if(test, [Statement(.assign(targets, yes), line: statement.line)], [])
        } else if yes == targets[0] {
          result.kind = .if(
            test.negated, [Statement(.assign(targets, no), line: statement.line)], [])
        }
      // A variable may have got its value in an earlier turn.
      case .for, .while: bound.formUnion(statement.bindings)
      default: break
      }
      bound.formUnion(statement.expressions.flatMap(\.bindings))
      result = result.mappingBodies { $0.withoutUnboundChoices(&bound) }
      bound.formUnion(statement.bindings)
      return result
    }
  }
}
