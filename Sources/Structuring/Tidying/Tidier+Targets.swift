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
  /// for t in y:
  ///   a, b = t            →      for a, b in y:
  ///   f(a)                         f(a)
  /// ```
  func loopTarget(_ statement: Statement) -> Statement? {
    guard
      case .for(.name(let name), let iterable, let body, let rest, let isAsync) = statement.kind,
      isTemporary(name, count: 2), let first = body.first,
      case .assign(let targets, .name(name)) = first.kind, targets.count == 1
    else { return nil }
    var result = statement
    result.kind = .for(targets[0], iterable, Array(body.dropFirst()), rest, isAsync: isAsync)
    return result
  }
}

extension Expression {
  /// The targets inside of a target.
  fileprivate var leaves: [Expression] {
    switch self {
    case .tuple(let items), .list(let items): items.flatMap(\.leaves)
    case .starred(let inner): inner.leaves
    default: [self]
    }
  }
}
