import PythonSyntax

// Names of the variables of comprehensions.
extension [Statement] {
  /// The statements with the names that the code object lists for the variables of comprehensions, and the names
  /// that are left for the function's own variables.
  ///
  /// ```
  /// names c, x, v, t, v, t
  /// c = {_value1: _value2 for _value1, _value2 in x}     →   c = {v: t for v, t in x}
  /// ```
  /// A comprehension is a scope of its own, whose variables are listed behind those of the function
  /// (`GeneratorExpressionScope` in `Cython/Compiler/Symtab.py`), once for each comprehension. Those of
  /// generator expressions are not.
  ///
  /// - Parameters:
  ///   - listed: all names of variables in the order of the code object, also those that are listed again.
  ///   - temporaries: the names that were made up.
  /// - Returns: the statements and the function's own names; nil if the names do not belong to these.
  func namingComprehensions(
    _ listed: [String], temporaries: Set<String>
  ) -> (statements: [Statement], own: [String])? {
    let count = comprehensionVariableCount
    guard count > 0, count <= listed.count else { return nil }
    let own = [String](listed.dropLast(count))
    // All others that the text binds must be the function's own.
    let bound = Set(flatMap(\.bindings)).subtracting(temporaries)
    guard Set(own).count == own.count, bound.isDisjoint(with: Set(listed).subtracting(own)) else {
      return nil
    }
    var naming = ComprehensionNaming(names: [String](listed.suffix(count)))
    let result = map { naming.naming($0) }
    return naming.isPossible ? (result, own) : nil
  }

  /// The names in a list of a code object that belong to the function itself, each once.
  ///
  /// - Parameter listed: all names of variables in the order of the code object, also those that are listed again.
  /// - Returns: the names without those of comprehensions.
  package func ownNames(of listed: [String]) -> [String] {
    let count = comprehensionVariableCount
    let own = [String](listed.dropLast(count))
    if count <= listed.count, Set<String>(own).count == own.count { return own }
    var seen: Set<String> = []
    return listed.filter { seen.insert($0).inserted }
  }

  private var comprehensionVariableCount: Int {
    var count = ComprehensionNaming(names: nil)
    _ = map { count.naming($0) }
    return count.used
  }
}

/// Gives the variables of comprehensions their names, one comprehension after the other.
private struct ComprehensionNaming {
  /// The names; nil if they are only to be counted.
  let names: [String]?
  private(set) var used = 0
  /// Whether no name hides another variable.
  private(set) var isPossible = true

  init(names: [String]?) { self.names = names }

  mutating func naming(_ statement: Statement) -> Statement {
    switch statement.kind {
    case .function, .class: return statement
    default: break
    }
    return statement.mappingOwnExpressions { naming($0) }.mappingBodies { $0.map { naming($0) } }
  }

  private mutating func naming(_ expression: Expression) -> Expression {
    switch expression {
    case .lambda: return expression
    case .comprehension(.generator, _, let value, _):
      // Only what it goes through is evaluated outside.
      let first = value == nil ? 2 : 3
      var index = -1
      return expression.mappingParts { part in
        index += 1
        return index == first ? naming(part) : part
      }
    case .comprehension(_, _, _, let generators):
      var old: [String] = []
      for name in generators.flatMap(\.target.leafNames) where !old.contains(name) {
        old.append(name)
      }
      let renamed = renaming(expression, old)
      return renamed.mappingParts { naming($0) }
    default: return expression.mappingParts { naming($0) }
    }
  }

  private mutating func renaming(_ expression: Expression, _ old: [String]) -> Expression {
    defer { used += old.count }
    guard let names, used + old.count <= names.count else { return expression }
    let new = Array(names[used..<used + old.count])
    guard new != old else { return expression }
    if Set(new).count < new.count || expression.hasLambda(with: Set(old + new))
      || expression.mentions({ new.contains($0) && !old.contains($0) })
    {
      isPossible = false
    }
    return expression.renaming(Dictionary(uniqueKeysWithValues: zip(old, new)))
  }
}
