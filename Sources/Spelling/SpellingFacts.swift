import PythonSyntax

/// What is wanted to know of a function to spell its parts in other ways.
struct SpellingFacts {
  /// The names of the local variables, in the order of the source.
  let variables: [String]
  /// The names of variables that stand nowhere in the function.
  let unusedNames: [String]
  /// The function's own variables that no function in it sees, parameters among them.
  let locals: Set<String>
  /// The variables that hold nothing but integers.
  let integers: Set<String>

  /// - Parameters:
  ///   - definition: the function.
  ///   - variables: the names of its local variables.
  init(_ definition: FunctionDefinition, variables: [String]) {
    let statements = definition.body
    self.variables = variables
    unusedNames = variables.filter { name in !statements.contains { $0.mentions { $0 == name } } }
    let parameters = definition.parameters.names
    locals = Set(variables + parameters).subtracting(statements.capturedNames)
    integers = statements.integerNames.subtracting(parameters)
  }
}

extension Parameters {
  var names: [String] {
    (positionalOnly + positional + keywordOnly).map(\.name)
      + [star, doubleStar].compactMap { $0?.name }
  }
}

extension [Statement] {
  /// The names that stand in functions inside.
  fileprivate var capturedNames: Set<String> {
    var result: Set<String> = []
    func note(_ name: String) -> Bool {
      result.insert(name)
      return false
    }
    func visit(_ expression: Expression) {
      switch expression {
      case .lambda, .comprehension(.generator, _, _, _): _ = expression.mentions(note)
      default: for part in expression.parts { visit(part) }
      }
    }
    func visit(_ statement: Statement) {
      switch statement.kind {
      case .function, .class: _ = statement.mentions(note)
      case .global(let names), .nonlocal(let names): result.formUnion(names)
      default:
        for expression in statement.expressions { visit(expression) }
        for inner in statement.inner { visit(inner) }
      }
    }
    for statement in self { visit(statement) }
    return result
  }
}
