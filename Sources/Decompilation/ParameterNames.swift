import PythonSyntax

/// Names for parameters of functions that C code alone calls: nothing in the module tells them.
///
/// A parameter is called what callers call the variable that they give, or the attribute that it is kept
/// in; nobody can give it by keyword, so that its name changes nothing.
struct ParameterNames {
  private var votes: [Place: [String: Int]] = [:]

  /// A parameter without a name: that of a function, or of methods of one name.
  private struct Place: Hashable {
    let function: String
    let isMethod: Bool
    let index: Int
  }

  static func placeholder(_ index: Int) -> String { "_argument\(index)" }

  private static func isMadeUp(_ name: String) -> Bool {
    ["_argument", "_value", "_cell", "_variable"].contains { name.hasPrefix($0) }
  }

  /// Names the parameters of all functions that have some without a name.
  static func fill(in body: inout [Statement]) {
    // What callers were called before their callers were known says nothing.
    for _ in 0..<64 {
      var names = ParameterNames()
      names.visit(body, locals: [], inClass: false)
      let named = body.mappingFunctions(inClass: false) { names.named($0, isMethod: $1) }
      if named == body { return }
      body = named
    }
  }

  // MARK: Votes

  private mutating func visit(_ statements: [Statement], locals: Set<String>, inClass: Bool) {
    for statement in statements {
      for expression in statement.expressions { visit(expression, locals) }
      if case .assign(let targets, .name(let value)) = statement.kind, Self.isMadeUp(value) {
        for case .attribute(_, let name) in targets { kept[value, default: []].append(name) }
      }
      switch statement.kind {
      case .function(let definition):
        let outer = kept
        kept = [:]
        visit(
          definition.body, locals: Set(definition.parameters.allNames + definition.body.assigned),
          inClass: false)
        for (index, parameter) in definition.parameters.positional.enumerated() {
          for name in kept[parameter.name] ?? [] {
            vote(name, definition.name, inClass, index, weight: 2)
          }
        }
        kept = outer
      case .class(let definition): visit(definition.body, locals: [], inClass: true)
      default: visit(statement.inner, locals: locals, inClass: inClass)
      }
    }
  }

  /// The attributes that parameters without a name are kept in, in the function at hand.
  private var kept: [String: [String]] = [:]

  private mutating func visit(_ expression: Expression, _ locals: Set<String>) {
    if case .call(let callee, let arguments, []) = expression {
      for (index, argument) in arguments.enumerated() {
        guard case .name(let name) = argument, locals.contains(name) else { continue }
        switch callee {
        case .name(let function): vote(name, function, false, index, weight: 2)
        case .attribute(_, let function): vote(name, function, true, index + 1, weight: 2)
        default: break
        }
      }
    }
    for part in expression.parts { visit(part, locals) }
  }

  private mutating func vote(
    _ name: String, _ function: String, _ isMethod: Bool, _ index: Int, weight: Int
  ) {
    guard !Self.isMadeUp(name), name != "self" else { return }
    votes[Place(function: function, isMethod: isMethod, index: index), default: [:]][
      name, default: 0] += weight
  }

  // MARK: Names

  private func named(_ definition: FunctionDefinition, isMethod: Bool) -> FunctionDefinition {
    var names: [String: String] = [:]
    var taken = Set(definition.parameters.allNames)
    for (index, parameter) in definition.parameters.positional.enumerated()
    where parameter.name == Self.placeholder(index) {
      let place = Place(function: definition.name, isMethod: isMethod, index: index)
      let best = (votes[place] ?? [:]).sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      let free = best.first { name, _ in
        !taken.contains(name) && !definition.body.contains { $0.mentions { $0 == name } }
      }
      guard let name = free?.key else { continue }
      names[parameter.name] = name
      taken.insert(name)
    }
    guard !names.isEmpty else { return definition }
    var result = definition
    result.parameters.positional = definition.parameters.positional.map { parameter in
      names[parameter.name].map { .init($0) } ?? parameter
    }
    result.body = definition.body.renaming(names)
    return result
  }
}

extension Parameters {
  fileprivate var allNames: [String] {
    (positionalOnly + positional + keywordOnly + [star, doubleStar].compactMap(\.self)).map(\.name)
  }
}

extension [Statement] {
  /// The variables that assignments, loops and `with` statements bind.
  fileprivate var assigned: [String] {
    flatMap { statement -> [String] in
      switch statement.kind {
      case .assign(let targets, _): targets.flatMap(\.boundNames)
      case .for(let target, _, _, _, _): target.boundNames + statement.inner.assigned
      case .with(let items, let body, _):
        items.compactMap(\.target).flatMap(\.boundNames) + body.assigned
      case .function, .class: []
      default: statement.inner.assigned
      }
    }
  }

  /// The statements with every function changed that stands among them or in a class.
  fileprivate func mappingFunctions(
    inClass: Bool, _ change: (FunctionDefinition, Bool) -> FunctionDefinition
  ) -> [Statement] {
    map { statement in
      var result = statement
      switch statement.kind {
      case .function(let definition): result.kind = .function(change(definition, inClass))
      case .class(var definition):
        definition.body = definition.body.mappingFunctions(inClass: true, change)
        result.kind = .class(definition)
      default: break
      }
      return result
    }
  }
}

extension Expression {
  fileprivate var boundNames: [String] {
    switch self {
    case .name(let name): [name]
    case .tuple, .list, .starred: parts.flatMap(\.boundNames)
    default: []
    }
  }
}
