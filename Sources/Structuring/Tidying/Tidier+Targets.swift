import PythonSyntax

// Targets that are no variables.
extension Tidier {
  /// ```
  /// t, u = f()
  /// self.a = t            →      self.a, self.b = f()
  /// self.b = u
  /// ```
  func joinUnpacking(_ result: inout [Statement]) {
    guard case .assign(let targets, .name(let name))? = result.last?.kind, targets.count == 1,
      isTemporary(name, count: 2), let start = unpacking(before: result)
    else { return }
    var names: [String] = []
    for statement in result[(start + 1)...] {
      guard case .assign(let others, .name(let other)) = statement.kind, others.count == 1,
        isTemporary(other, count: 2)
      else { return }
      names.append(other)
    }
    guard case .assign(let tuple, let value) = result[start].kind, tuple.count == 1 else { return }
    let parts = tuple[0].leaves.compactMap { leaf -> String? in
      if case .name(let name) = leaf, temporaries[name] != nil { name } else { nil }
    }
    guard parts == names else { return }
    var replacements: [String: Expression] = [:]
    for statement in result[(start + 1)...] {
      if case .assign(let others, .name(let other)) = statement.kind {
        replacements[other] = others[0]
      }
    }
    let target = tuple[0].mapped { part in
      if case .name(let name) = part, let target = replacements[name] { target } else { part }
    }
    result[start].kind = .assign([target], value)
    result.removeSubrange((start + 1)...)
  }

  private func unpacking(before result: [Statement]) -> Int? {
    result.indices.last { index in
      if case .assign(let targets, _) = result[index].kind, targets.count == 1,
        case .tuple = targets[0]
      {
        true
      } else {
        false
      }
    }
  }

  /// ```
  /// t = f()
  /// u = g()
  /// self.a = t            →      self.a, self.b = f(), g()
  /// self.b = u
  /// ```
  func joinParallel(_ result: inout [Statement]) {
    var targets: [Expression] = []
    var names: [String] = []
    for statement in result.reversed() {
      guard case .assign(let target, .name(let name)) = statement.kind, target.count == 1,
        isTemporary(name, count: 2), !names.contains(name)
      else { break }
      targets.insert(target[0], at: 0)
      names.insert(name, at: 0)
    }
    let count = names.count
    guard count > 1, result.count >= 2 * count else { return }
    let start = result.count - 2 * count
    var values: [Expression] = []
    for (statement, name) in zip(result[start...], names) {
      guard case .assign([.name(name)], let value) = statement.kind else { return }
      values.append(value)
    }
    result[start].kind = .assign([.tuple(targets)], .tuple(values))
    result.removeSubrange((start + 1)...)
  }

  /// ```
  /// except E as t:
  ///   e = t               →      except E as e:
  ///   try: f(e)                    f(e)
  ///   finally: del e
  /// ```
  func handlerName(_ statement: Statement) -> Statement? {
    guard case .try(let body, let handlers, let rest, let last) = statement.kind else { return nil }
    var isChanged = false
    let named = handlers.map { handler -> Statement.ExceptHandler in
      guard let name = handler.name, isTemporary(name, count: 1), handler.body.count == 2,
        case .assign(let targets, .name(name)) = handler.body[0].kind, targets.count == 1,
        case .name(let target) = targets[0],
        case .try(let body, [], [], let last) = handler.body[1].kind,
        last.map(\.kind) == [.delete(targets)]
      else { return handler }
      isChanged = true
      return .init(handler.type, target, body)
    }
    guard isChanged else { return nil }
    var result = statement
    result.kind = .try(body, named, rest, last)
    return result
  }

  /// ```
  /// for t in y:
  ///   a, b = t            →      for a, b in y:
  ///   f(a)                         f(a)
  /// for t, u in y:
  ///   a = t               →      for a, b in y:
  ///   b = u
  /// ```
  func loopTarget(_ statement: Statement) -> Statement? {
    guard case .for(let item, let iterable, let body, let rest, let isAsync) = statement.kind
    else { return nil }
    let names = item.leaves.compactMap { leaf -> String? in
      if case .name(let name) = leaf, isTemporary(name, count: 2) { name } else { nil }
    }
    guard !names.isEmpty, body.count >= names.count else { return nil }
    var targets: [String: Expression] = [:]
    var order: [String] = []
    for statement in body.prefix(names.count) {
      guard case .assign(let others, .name(let name)) = statement.kind, others.count == 1,
        names.contains(name), targets.updateValue(others[0], forKey: name) == nil
      else { return nil }
      order.append(name)
    }
    // In which order names are bound shows to nobody.
    guard order == names || Set(targets.values).count == names.count,
      order == names || targets.values.allSatisfy(\.isName)
    else { return nil }
    let target = item.mapped { part in
      if case .name(let name) = part, let target = targets[name] { target } else { part }
    }
    var result = statement
    result.kind = .for(
      target, iterable, Array(body.dropFirst(names.count)), rest, isAsync: isAsync)
    return result
  }
}

extension Expression {
  fileprivate var isName: Bool { if case .name = self { true } else { false } }

  /// The targets inside of a target.
  fileprivate var leaves: [Expression] {
    switch self {
    case .tuple(let items), .list(let items): items.flatMap(\.leaves)
    case .starred(let inner): inner.leaves
    default: [self]
    }
  }
}
