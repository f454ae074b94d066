import PythonSyntax

// The order in which a function binds its variables, which is that of its code object's names.
extension [Statement] {
  /// The variables that are assigned to, each once, in the order of the text.
  var boundVariables: [String] {
    var result: [String] = []
    var known: Set<String> = []
    func bind(_ names: [String]) {
      for name in names where known.insert(name).inserted { result.append(name) }
    }
    func visit(_ statements: [Statement]) {
      for statement in statements { visit(statement) }
    }
    func visit(_ statement: Statement) {
      switch statement.kind {
      case .assign(let targets, _): bind(targets.flatMap(\.leafNames))
      case .annotatedAssign(let target, _, _), .augmentedAssign(let target, _, _):
        bind(target.leafNames)
      case .for(let target, _, let body, let rest, _):
        bind(target.leafNames)
        visit(body)
        visit(rest)
      case .with(let items, let body, _):
        bind(items.compactMap(\.target).flatMap(\.leafNames))
        visit(body)
      case .import(let names):
        bind(names.map { $0.alias ?? String($0.name.prefix { $0 != "." }) })
      case .importFrom(_, _, let names): bind(names.map { $0.alias ?? $0.name })
      case .try(let body, let handlers, let rest, let last):
        visit(body)
        for handler in handlers {
          bind(handler.name.map { [$0] } ?? [])
          visit(handler.body)
        }
        visit(rest)
        visit(last)
      case .function(let definition): bind([definition.name])
      case .class(let definition): bind([definition.name])
      default: visit(statement.inner)
      }
    }
    visit(self)
    return result
  }

  /// The statements with their variables named in the order in which they are bound; nil if they are, or if
  /// there are more or fewer of them than names, or functions inside see one.
  ///
  /// ```
  /// y = f()                  x = f()
  /// x = g(y)          →      y = g(x)
  /// ```
  func namingInOrder(_ facts: SpellingFacts) -> [Statement]? {
    let names = facts.variables
    let bound = boundVariables.filter(names.contains)
    guard bound.count == names.count, bound != names, facts.locals.isSuperset(of: names) else {
      return nil
    }
    let renamed = renaming(Dictionary(uniqueKeysWithValues: zip(bound, names)))
    // What is imported or defined keeps its name.
    return renamed.boundVariables.filter(names.contains) == names ? renamed : nil
  }

  /// How many variables are bound in another order than `names` has, and how many are not bound at all.
  func bindingProblems(_ names: [String]) -> (disorder: Int, unbound: Int) {
    let order = Dictionary(
      names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    let bound = boundVariables.compactMap { order[$0] }
    let disorder = zip(bound, bound.dropFirst()).count { $0 > $1 }
    let unbound = names.count { name in !contains { $0.mentions { $0 == name } } }
    return (disorder, unbound)
  }
}
