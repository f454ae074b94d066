import PythonSyntax

// Names that go by the order in which the source binds them.
extension [Statement] {
  /// The statements with the names that no release tells of in the order in which variables are bound.
  ///
  /// ```
  /// try: msg = f()                        try: result = f()
  /// except E as name: result = g()   →    except E as err: name = g()
  /// ```
  /// A code object has its variables in the order of the source (`co_varnames`), in which they are written
  /// here, too; they were named in the order in which their code was read. Nothing is done if there are
  /// more or fewer variables than names.
  ///
  /// - Parameters:
  ///   - names: the names that are not known to belong to a variable, in the order of the source.
  ///   - temporaries: the names that were made up.
  /// - Returns: the statements with those names.
  func namingInOrder(_ names: [String], temporaries: Set<String>) -> [Statement] {
    let fixed = definedNames
    let wanted = names.filter { !fixed.contains($0) }
    let bound = boundNames.filter {
      !fixed.contains($0) && (wanted.contains($0) || temporaries.contains($0))
    }
    guard bound.count == wanted.count, bound != wanted else { return self }
    // Definitions keep the names that they know.
    let changed = Set(bound + wanted)
    guard !contains(where: { $0.hasDefinition(with: changed) || $0.hasLambda(with: changed) })
    else {
      return self
    }
    let renamed = Dictionary(uniqueKeysWithValues: zip(bound, wanted))
    return map { $0.renaming(renamed) }
  }

  /// The names of what is defined or imported under its own name.
  private var definedNames: Set<String> {
    var result: Set<String> = []
    for statement in self {
      switch statement.kind {
      case .function(let definition): result.insert(definition.name)
      case .class(let definition): result.insert(definition.name)
      case .import(let names):
        for name in names where name.alias == nil {
          result.insert(name.name.split(separator: ".").first.map(String.init) ?? name.name)
        }
      case .importFrom(_, _, let names):
        result.formUnion(names.filter { $0.alias == nil }.map(\.name))
      default: result.formUnion(statement.inner.definedNames)
      }
    }
    return result
  }

  /// The names that are assigned to, each once, in the order in which the text assigns to them first.
  private var boundNames: [String] {
    var result: [String] = []
    var known: Set<String> = []
    for name in flatMap(\.bindings) where known.insert(name).inserted { result.append(name) }
    return result
  }
}

extension Statement {
  /// What the statement binds, in the order of the text.
  var bindings: [String] {
    let own = expressions.flatMap(\.bindings)
    func inside(_ body: [Statement]) -> [String] { body.flatMap(\.bindings) }
    switch kind {
    case .assign(let targets, _): return targets.flatMap(\.leafNames) + own
    case .annotatedAssign(let target, _, _), .augmentedAssign(let target, _, _):
      return target.leafNames + own
    case .for(let target, _, let body, let rest, _):
      return target.leafNames + own + inside(body) + inside(rest)
    case .with(let items, let body, _):
      return own + items.compactMap(\.target).flatMap(\.leafNames) + inside(body)
    case .import(let names), .importFrom(_, _, let names): return names.compactMap(\.alias)
    case .try(let body, let handlers, let rest, let last):
      return inside(body) + handlers.flatMap { ($0.name.map { [$0] } ?? []) + inside($0.body) }
        + inside(rest) + inside(last)
    case .function, .class: return []
    default: return own + inside(inner)
    }
  }
}

extension Statement {
  /// Whether a lambda in the statement mentions one of some names.
  fileprivate func hasLambda(with names: Set<String>) -> Bool {
    expressions.contains { $0.hasLambda(with: names) }
      || inner.contains { $0.hasLambda(with: names) }
  }
}

extension Expression {
  /// Whether a lambda in the expression mentions one of some names.
  func hasLambda(with names: Set<String>) -> Bool {
    if case .lambda = self { return mentions { names.contains($0) } }
    return parts.contains { $0.hasLambda(with: names) }
  }

  /// The variables that `:=` assigns to, in the order of the text.
  var bindings: [String] {
    if case .assignment(let name, let value) = self { return [name] + value.bindings }
    return parts.flatMap(\.bindings)
  }
}
