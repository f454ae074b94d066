import PythonSyntax

// Values that are used at once.
extension Tidier {
  /// Writes a value where it is used, if nothing is evaluated in another order by that.
  ///
  /// ```
  /// t = f()
  /// return g(t, h())      →      return g(f(), h())
  /// ```
  func inlined(_ last: Statement, in next: Statement) -> Statement? {
    guard case .assign(let targets, let value) = last.kind, targets.count == 1,
      case .name(let name) = targets[0],
      isTemporary(name, count: 2) || isAssignedAgain(last, next, targets),
      !next.expressions.contains(where: { $0.hasGenerator(with: name) })
    else { return nil }
    var search = UseSearch(name: name, locals: locals, isValuePlain: isPlain(value))
    for expression in next.evaluatedFirst where search.state == .searching {
      search.look(at: expression)
    }
    guard search.state == .found else { return nil }
    var result = next
    if case .assign(targets, let other) = next.kind {
      result.kind = .assign(targets, other.mapped { $0 == .name(name) ? value : $0 })
    } else {
      result = next.mappingExpressions { $0 == .name(name) ? value : $0 }
    }
    result.line = next.line ?? last.line
    return result
  }

  /// Writes a text that may be missing where it is formatted, however often.
  ///
  /// ```
  /// t = 'None' if x is None else x
  /// f(f'{t}, {t}')                      →      f(f'{x}, {x}')
  /// ```
  func inlinedText(_ last: Statement, in next: Statement) -> Statement? {
    guard case .assign(let targets, let value) = last.kind, targets.count == 1,
      case .name(let name) = targets[0], let count = temporaries[name], value.isPossibleText,
      case .value(.name(let read), nil, nil)? = value.textParts.first, locals.contains(read)
    else { return nil }
    var found = 0
    let result = next.mappingExpressions { part in
      guard case .formatted(let parts) = part else { return part }
      return .formatted(
        parts.map { text in
          guard case .value(.name(name), nil, nil) = text else { return text }
          found += 1
          return .value(.name(read), nil, nil)
        })
    }
    return found == count - 1 ? result : nil
  }

  /// ```
  /// t = []
  /// for x in y: t.append(f(x))      →      t = [f(x) for x in y]
  /// ```
  func comprehension(_ last: Statement, _ next: Statement) -> Statement? {
    guard case .assign(let targets, .list([])) = last.kind, targets.count == 1,
      case .name(let name) = targets[0], temporaries[name] ?? 0 > 2
    else { return nil }
    var generators: [Expression.Generator] = []
    var kind = next.kind
    while true {
      switch kind {
      case .for(let target, let iterable, let body, let rest, let isAsync):
        guard rest.isEmpty, body.count == 1, !iterable.mentions({ $0 == name }) else { return nil }
        generators.append(.init(target, iterable, [], isAsync: isAsync))
        kind = body[0].kind
      case .if(let test, let body, let rest):
        guard rest.isEmpty, body.count == 1, let inner = generators.popLast(),
          !test.mentions({ $0 == name })
        else { return nil }
        generators.append(
          .init(inner.target, inner.iterable, inner.conditions + [test], isAsync: inner.isAsync))
        kind = body[0].kind
      case .expression(.call(.attribute(.name(name), "append"), let items, [])):
        guard items.count == 1, !items[0].mentions({ $0 == name }), !generators.isEmpty else {
          return nil
        }
        var result = last
        result.kind = .assign(
          targets, .comprehension(.list, items[0], value: nil, generators))
        return result
      default: return nil
      }
    }
  }

  /// ```
  /// t = set()
  /// t.add(x)            →      t = {x}
  /// ```
  func grownSet(_ last: Statement, _ next: Statement) -> Statement? {
    guard case .assign(let targets, let display) = last.kind, targets.count == 1,
      case .name(let name) = targets[0], temporaries[name] ?? 0 > 2,
      case .expression(.call(.attribute(.name(name), "add"), let added, [])) = next.kind,
      added.count == 1, !added[0].mentions({ $0 == name })
    else { return nil }
    var result = last
    switch display {
    case .call(.name("set"), [], []): result.kind = .assign(targets, .set(added))
    case .set(let items): result.kind = .assign(targets, .set(items + added))
    default: return nil
    }
    return result
  }

  /// ```
  /// t = list(x)
  /// t.sort()            →      t = sorted(x)
  /// ```
  /// (`_handle_simple_function_sorted` in `Cython/Compiler/Optimize.py`)
  func sorted(_ last: Statement, _ next: Statement) -> Statement? {
    guard case .assign(let targets, .call(.name("list"), let items, [])) = last.kind,
      items.count == 1, targets.count == 1, case .name(let name) = targets[0],
      isTemporary(name, count: 3) || last.line != nil && last.line == next.line,
      case .expression(.call(.attribute(.name(name), "sort"), [], [])) = next.kind
    else { return nil }
    var result = last
    result.kind = .assign(targets, .call(.name("sorted"), items, []))
    return result
  }

  /// `x = f(x)` on the line on which `x` got its value, which is one statement.
  private func isAssignedAgain(
    _ last: Statement, _ next: Statement, _ targets: [Expression]
  ) -> Bool {
    guard case .assign(targets, let value) = next.kind, let line = last.line, line == next.line
    else { return false }
    return value.count(of: targets[0]) == 1
  }

  /// Whether it does not matter when a value is evaluated.
  private func isPlain(_ value: Expression) -> Bool {
    switch value {
    case .constant: true
    case .name(let name): locals.contains(name)
    case .call(.name("type"), let arguments, let keywords):
      arguments.count == 1 && keywords.isEmpty && isPlain(arguments[0])
    default: false
    }
  }
}

extension Expression {
  func count(of name: Expression) -> Int {
    self == name ? 1 : parts.reduce(0) { $0 + $1.count(of: name) }
  }
}

/// Looks for the use of a name in the order of evaluation.
private struct UseSearch {
  enum State { case searching, found, blocked }

  let name: String
  let locals: Set<String>
  let isValuePlain: Bool
  var state = State.searching

  mutating func look(at expression: Expression) {
    guard state == .searching else { return }
    switch expression {
    case .constant: return
    case .name(let other):
      if other == name { state = .found } else if !locals.contains(other) { pass() }
    case .call(.name("type"), let arguments, let keywords)
    where arguments.count == 1 && keywords.isEmpty:
      look(at: arguments[0])
    // The method is looked up when the arguments are there.
    case .call(.attribute(.name(let object), _), let arguments, let keywords)
    where locals.contains(object):
      look(at: .name(object))
      for argument in arguments + keywords.map(\.value) { look(at: argument) }
      pass()
    // Cython evaluates the first argument last (`_optimise_min_max` in `Optimize.py`).
    case .call(.name(let function), let arguments, [])
    where ["min", "max"].contains(function) && arguments.count > 1:
      for argument in arguments.dropFirst() + arguments.prefix(1) { look(at: argument) }
      pass()
    case .boolean(_, let operands): look(atFirstOf: operands)
    case .conditional(let test, let yes, let no): look(atFirstOf: [test, yes, no])
    case .comparison(let first, let parts):
      look(at: first)
      look(atFirstOf: parts.map(\.operand))
      pass()
    case .comprehension(_, let element, let value, let generators):
      let rest = [element] + [value].compactMap(\.self)
      let others = generators.flatMap { [$0.target] + $0.conditions }
      look(
        atFirstOf: generators.prefix(1).map(\.iterable) + rest + others
          + generators.dropFirst().map(\.iterable))
      pass()
    case .lambda:
      if expression.mentions({ $0 == name }) { state = .blocked }
    case .assignment: state = .blocked
    case .tuple(let items), .list(let items):
      for item in items { look(at: item) }
    default:
      for part in expression.parts { look(at: part) }
      pass()
    }
  }

  /// Only the first of some expressions is evaluated for sure.
  private mutating func look(atFirstOf expressions: [Expression]) {
    guard let first = expressions.first else { return }
    look(at: first)
    guard state == .searching else { return }
    if expressions.dropFirst().contains(where: { $0.mentions { $0 == name } }) { state = .blocked }
  }

  /// Something is evaluated that the value may not be moved behind.
  private mutating func pass() {
    if state == .searching, !isValuePlain { state = .blocked }
  }
}

extension Statement {
  /// The expressions of the statement itself that are evaluated once, in the order of evaluation.
  fileprivate var evaluatedFirst: [Expression] {
    switch kind {
    case .expression(let value): [value]
    case .assign(let targets, let value): [value] + targets.flatMap(\.parts)
    case .augmentedAssign(let target, _, let value): [target, value]
    case .return(let value?): [value]
    case .raise(let exception?, let cause): [exception] + [cause].compactMap(\.self)
    case .if(let test, _, _): [test]
    case .assert(let test, _): [test]
    case .for(_, let iterable, _, _, _): [iterable]
    case .delete(let targets): targets.prefix(1).flatMap(\.parts)
    case .with(let items, _, _): items.prefix(1).map(\.context)
    default: []
    }
  }
}
