import PythonSyntax

extension [Statement] {
  /// Whether a variable that was made up for a value is read here but never gets the value, or one of
  /// the given ones, the function's own.
  ///
  /// A function is not right then, whatever led there; inner functions and classes are asked on their own.
  package func readUnassigned(_ variables: Set<String>) -> Bool {
    var assigned: Set<String> = []
    var mentioned: Set<String> = []
    func note(_ target: Expression) {
      if case .name(let name) = target { assigned.insert(name) }
      for part in target.parts { note(part) }
    }
    func visit(_ expression: Expression) {
      switch expression {
      case .name(let name): mentioned.insert(name)
      case .assignment(let name, _): assigned.insert(name)
      case .comprehension(_, _, _, let generators):
        for generator in generators { note(generator.target) }
      // The parameters of a lambda have such names where the module does not tell them.
      case .lambda: return
      default: break
      }
      for part in expression.parts { visit(part) }
    }
    func visit(_ statement: Statement) {
      for expression in statement.expressions { visit(expression) }
      switch statement.kind {
      case .assign(let targets, _): for target in targets { note(target) }
      case .annotatedAssign(let target, _, _), .for(let target, _, _, _, _): note(target)
      case .with(let items, _, _): for item in items.compactMap(\.target) { note(item) }
      case .try(_, let handlers, _, _): assigned.formUnion(handlers.compactMap(\.name))
      case .import(let names), .importFrom(_, _, let names):
        // `import a.b` binds `a`.
        for name in names {
          assigned.insert(name.alias ?? name.name)
          if name.alias == nil {
            assigned.formUnion(name.name.split(separator: ".").prefix(1).map(String.init))
          }
        }
      case .function(let definition):
        assigned.insert(definition.name)
        return
      case .class(let definition):
        assigned.insert(definition.name)
        return
      default: break
      }
      for inner in statement.inner { visit(inner) }
    }
    for statement in self { visit(statement) }
    return mentioned.subtracting(assigned).contains {
      FunctionStructurer.isTemporary($0) || variables.contains($0)
    }
  }
}
