// Names that the end of a handler deletes.
extension [Statement] {
  /// Whether a caught exception is read by its name behind its handler, where there is none.
  ///
  /// ```
  /// except KeyError as error: pass
  /// raise ValueError(name) from error
  /// ```
  /// Python deletes the name where the handler ends, so that such statements never say what the module
  /// does.
  ///
  /// - Parameter later: the statements behind these.
  /// - Returns: whether there is such a name.
  package func readsDeletedName(before later: [Statement] = []) -> Bool {
    for (index, statement) in enumerated() {
      let following = Array(self[(index + 1)...]) + later
      let isRead: Bool
      switch statement.kind {
      case .try(let body, let handlers, let rest, let last):
        let behind = last + following
        isRead =
          handlers.contains { handler in
            let ends = !handler.body.alwaysLeaves
            return handler.name.map { ends && behind.use(of: $0) == .read } ?? false
              || handler.body.readsDeletedName(before: behind)
          } || body.readsDeletedName(before: rest + behind)
          || rest.readsDeletedName(before: behind) || last.readsDeletedName(before: following)
      case .if(_, let body, let rest), .while(_, let body, let rest),
        .for(_, _, let body, let rest, _):
        isRead =
          body.readsDeletedName(before: following) || rest.readsDeletedName(before: following)
      case .with(_, let body, _): isRead = body.readsDeletedName(before: following)
      default: isRead = false
      }
      if isRead { return true }
    }
    return false
  }

  /// What the statements do first with a name, as far as they certainly come to it or may read it.
  fileprivate func use(of name: String) -> NameUse? {
    for statement in self {
      if let use = statement.use(of: name) { return use }
    }
    return nil
  }
}

private enum NameUse { case read, bound }

extension Statement {
  fileprivate func use(of name: String) -> NameUse? {
    func isRead(_ body: [Statement]) -> Bool { body.use(of: name) == .read }
    switch kind {
    case .function, .class: return nil
    case .assign(let targets, let value):
      if value.reads(name) { return .read }
      if targets.contains(where: { $0.leafNames.contains(name) }) { return .bound }
      return targets.contains { $0.reads(name) } ? .read : nil
    case .for(let target, let iterable, let body, let rest, _):
      if iterable.reads(name) { return .read }
      if target.leafNames.contains(name) { return .bound }
      return isRead(body) || isRead(rest) ? .read : nil
    case .with(let items, let body, _):
      if items.contains(where: { $0.context.reads(name) }) { return .read }
      if items.contains(where: { $0.target?.leafNames.contains(name) ?? false }) { return .bound }
      return isRead(body) ? .read : nil
    case .try(let body, let handlers, let rest, let last):
      let caught = handlers.contains { handler in
        handler.type?.reads(name) ?? false || handler.name != name && isRead(handler.body)
      }
      return caught || isRead(body) || isRead(rest) || isRead(last) ? .read : nil
    case .if(let test, let body, let rest), .while(let test, let body, let rest):
      return test.reads(name) || isRead(body) || isRead(rest) ? .read : nil
    default: return expressions.contains { $0.reads(name) } ? .read : nil
    }
  }
}

extension Expression {
  /// Whether the expression reads a variable of the function; comprehensions and lambdas have their own.
  fileprivate func reads(_ name: String) -> Bool {
    switch self {
    case .name(let other): other == name
    case .comprehension(_, _, _, let generators)
    where generators.contains { $0.target.mentions { $0 == name } }:
      generators.first?.iterable.reads(name) ?? false
    case .lambda: false
    default: parts.contains { $0.reads(name) }
    }
  }
}

extension Expression {
  /// The names that a target assigns to, in their order.
  package var leafNames: [String] {
    if case .name(let name) = self { return [name] }
    switch self {
    case .tuple, .list, .starred: return parts.flatMap(\.leafNames)
    default: return []
    }
  }
}
