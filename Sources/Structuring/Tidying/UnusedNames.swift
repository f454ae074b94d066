import PythonSyntax

// Names of variables that nothing was found to hold.
extension [Statement] {
  /// The statements with a variable for each name that has none, if it is clear for what.
  ///
  /// ```
  /// [f(t) for t in x]       →      [f(a) for a in x]
  /// m['b']                  →      b = m['b']
  /// return f(x)             →      y = f(x); return y
  /// ```
  func namingUnused(_ variables: [String], _ temporaries: Set<String>) -> [Statement] {
    let unused = variables.filter { name in !contains { $0.binds(name) } }
    guard !unused.isEmpty else { return self }
    let made = madeUpNames(temporaries)
    // Definitions keep the names that they know.
    guard !contains(where: { $0.hasDefinition(with: made) }) else { return self }
    guard made.isEmpty else {
      let items = comprehensionNames.filter { temporaries.contains($0) }
      let isOnly = made.count == 1 && unused.count == 1
      guard isOnly || items.count == unused.count && Set(items) == made else { return self }
      let names = Dictionary(uniqueKeysWithValues: zip(isOnly ? made.sorted() : items, unused))
      return map { $0.renaming(names) }
    }
    guard unused.count == 1, !contains(where: \.hasNamelessTarget) else { return self }
    return naming(unused[0])
  }

  /// The names of a set that stand anywhere.
  private func madeUpNames(_ names: Set<String>) -> Set<String> {
    var found: Set<String> = []
    for statement in self { statement.collectNames(into: &found) }
    return names.intersection(found)
  }

  /// The variables of comprehensions in the order in which they stand; generators have functions of their
  /// own.
  private var comprehensionNames: [String] {
    var result: [String] = []
    func look(_ expression: Expression) {
      if case .comprehension(let kind, _, _, let generators) = expression, kind != .generator {
        for name in generators.flatMap(\.target.leafNames) where !result.contains(name) {
          result.append(name)
        }
      }
      for part in expression.parts { look(part) }
    }
    func look(_ statement: Statement) {
      for expression in statement.expressions { look(expression) }
      if case .function = statement.kind { return }
      for inner in statement.inner { look(inner) }
    }
    for statement in self { look(statement) }
    return result
  }

  /// Gives a name to the only value that is looked up and not used, or to what is returned in the end.
  private func naming(_ name: String) -> [Statement] {
    let lookups = reduce(0) { $0 + $1.lookups }
    if lookups == 1 { return map { $0.namingLookup(name) } }
    guard lookups == 0, let last, case .return(let value?) = last.kind, value.isMade else {
      return self
    }
    var assignment = last
    assignment.kind = .assign([.name(name)], value)
    return dropLast() + [assignment, Statement(.return(.name(name)))]
  }
}

extension Statement {
  /// How many values are looked up and not used.
  fileprivate var lookups: Int {
    switch kind {
    case .expression(.item), .expression(.attribute): 1
    case .function, .class: 0
    default: inner.reduce(0) { $0 + $1.lookups }
    }
  }

  fileprivate func namingLookup(_ name: String) -> Statement {
    var result = self
    switch kind {
    case .expression(.item(let object, let index)):
      result.kind = .assign([.name(name)], .item(object, index))
    case .expression(.attribute(let object, let attribute)):
      result.kind = .assign([.name(name)], .attribute(object, attribute))
    case .function, .class: break
    default: return mappingBodies { $0.map { $0.namingLookup(name) } }
    }
    return result
  }

  /// Whether a definition in the statement mentions one of some names.
  func hasDefinition(with names: Set<String>) -> Bool {
    switch kind {
    case .function, .class: mentions { names.contains($0) }
    default: inner.contains { $0.hasDefinition(with: names) }
    }
  }

  func renaming(_ names: [String: String]) -> Statement {
    func renamed(_ imported: [ImportedName]) -> [ImportedName] {
      imported.map { name in
        let alias = name.alias.map { names[$0] ?? $0 }
        return .init(name.name, as: alias == name.name ? nil : alias)
      }
    }
    switch kind {
    case .function, .class: return self
    case .import(let imported):
      var result = self
      result.kind = .import(renamed(imported))
      return result
    case .importFrom(let module, let level, let imported):
      var result = self
      result.kind = .importFrom(module: module, level: level, renamed(imported))
      return result
    default: break
    }
    var result = mappingBodies { $0.map { $0.renaming(names) } }.mappingOwnExpressions {
      $0.renaming(names)
    }
    if case .try(let body, let handlers, let rest, let last) = result.kind {
      let renamed = handlers.map { handler in
        Statement.ExceptHandler(
          handler.type, handler.name.map { names[$0] ?? $0 }, handler.body)
      }
      result.kind = .try(body, renamed, rest, last)
    }
    return result
  }

  /// Whether something may have a name here that nothing tells of.
  fileprivate var hasNamelessTarget: Bool {
    switch kind {
    case .try(_, let handlers, _, _) where handlers.contains { $0.name == nil && $0.type != nil }:
      true
    case .with(let items, _, _) where items.contains { $0.target == nil }: true
    case .function, .class: false
    default: inner.contains(where: \.hasNamelessTarget)
    }
  }

  /// Collects the names that stand anywhere but in generators that have a variable of that name.
  fileprivate func collectNames(into names: inout Set<String>) {
    if case .function = kind { return }
    if case .try(_, let handlers, _, _) = kind { names.formUnion(handlers.compactMap(\.name)) }
    for expression in expressions { expression.collectNames(besides: [], into: &names) }
    for statement in inner { statement.collectNames(into: &names) }
  }

  /// Whether a name is assigned to, or stands anywhere.
  fileprivate func binds(_ name: String) -> Bool {
    if expressions.contains(where: { $0.mentions { $0 == name } }) { return true }
    return defines(name) || inner.contains { $0.binds(name) }
  }

  /// Whether the statement itself binds a name as what it defines, imports or catches.
  func defines(_ name: String) -> Bool {
    switch kind {
    case .function(let definition): definition.name == name
    case .class(let definition): definition.name == name
    case .import(let names):
      names.contains {
        ($0.alias ?? $0.name.split(separator: ".").first.map(String.init)) == name
      }
    case .importFrom(_, _, let names): names.contains { ($0.alias ?? $0.name) == name }
    case .try(_, let handlers, _, _): handlers.contains { $0.name == name }
    default: false
    }
  }
}

extension Expression {
  /// The expression with other names for some variables.
  func renaming(_ names: [String: String]) -> Expression {
    if case .name(let name) = self { return names[name].map { .name($0) } ?? self }
    let own = generatorVariables
    let others = own.isEmpty ? names : names.filter { !own.contains($0.key) }
    return mappingParts { $0.renaming(others) }
  }

  /// Collects the names in the expression besides the variables of generators around.
  fileprivate func collectNames(besides own: Set<String>, into names: inout Set<String>) {
    if case .name(let name) = self, !own.contains(name) { names.insert(name) }
    let own = own.union(generatorVariables)
    for part in parts { part.collectNames(besides: own, into: &names) }
  }

  /// Whether this makes or looks up a value.
  fileprivate var isMade: Bool {
    switch self {
    case .call, .binary, .attribute, .item, .comprehension, .formatted: true
    default: false
    }
  }
}
