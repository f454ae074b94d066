import PythonSyntax

// `with` statements whose bodies cannot fail.
extension [Statement] {
  /// The statements with `with` for calls of `__enter__` and `__exit__` that no handler stands between.
  ///
  /// ```
  /// t = type(o).__exit__
  /// x = type(o).__enter__()            with o as x:
  /// y = x                        →         y = x
  /// t(None, None, None)                    return y
  /// return y
  /// ```
  /// Nothing that may raise an exception stands between them, so that no way leads to the other call of
  /// `__exit__` (`WithStatNode` in `Cython/Compiler/Nodes.py`).
  var withQuietBodies: [Statement] {
    var result = map { $0.mappingBodies(\.withQuietBodies) }
    while let found = result.indices.lazy.compactMap({ result.quietWith(at: $0) }).first {
      result.replaceSubrange(found.range, with: [found.statement])
    }
    return result
  }

  /// The `with` statement that a look-up of `__exit__` starts, and where what it stands for is.
  private func quietWith(at start: Int) -> (range: ClosedRange<Int>, statement: Statement)? {
    guard start + 2 < count,
      case .assign(let exits, .attribute(let manager, Self.exit)) = self[start].kind,
      exits.count == 1, case .name(let method) = exits[0]
    else { return nil }
    let target: Expression?
    switch self[start + 1].kind {
    case .assign(let targets, .call(.attribute(manager, Self.enter), [], []))
    where targets.count == 1:
      target = targets[0]
    case .expression(.call(.attribute(manager, Self.enter), [], [])): target = nil
    default: return nil
    }
    let none = Expression.constant(.none)
    guard
      let end = self[(start + 2)...].firstIndex(where: {
        $0.kind == .expression(.call(exits[0], [none, none, none], []))
      }), self[(start + 2)..<end].allSatisfy(\.isQuiet)
    else { return nil }
    var body = Array(self[(start + 2)..<end])
    var (first, last) = (start, end)
    if end + 1 == count - 1, case .return(let value) = self[end + 1].kind, value?.isQuiet ?? true {
      body.append(self[end + 1])
      last += 1
    }
    let others = self[..<start] + self[(last + 1)...]
    guard !(body + others).contains(where: { $0.mentions { $0 == method } }) else { return nil }
    var context = manager
    if case .name(let name) = manager, FunctionStructurer.isTemporary(name), start > 0,
      case .assign(let targets, let value) = self[start - 1].kind, targets == [manager]
    {
      (first, context) = (start - 1, value)
    }
    if body.isEmpty { body = [Statement(.pass)] }
    let item = Statement.WithItem(context, target)
    let line = self[first].line ?? self[start].line
    return (first...last, Statement(.with([item], body, isAsync: false), line: line))
  }

  private static let enter = FunctionStructurer.special("__enter__")
  private static let exit = FunctionStructurer.special("__exit__")
}

extension Statement {
  /// Whether a method is looked up in an object's type, which only a `with` statement does.
  var looksSpecialMethodsUp: Bool {
    expressions.contains(where: \.looksSpecialMethodsUp)
      || inner.contains(where: \.looksSpecialMethodsUp)
  }

  /// Whether the statement gives a variable what cannot fail.
  fileprivate var isQuiet: Bool {
    guard case .assign(let targets, let value) = kind, targets.count == 1, case .name = targets[0]
    else { return kind == .pass }
    return value.isQuiet
  }
}

extension Expression {
  fileprivate var looksSpecialMethodsUp: Bool {
    if case .attribute(_, let name) = self, name.hasPrefix("\u{1}") { return true }
    return parts.contains(where: \.looksSpecialMethodsUp)
  }

  /// Whether this is a constant or a variable.
  fileprivate var isQuiet: Bool {
    switch self {
    case .name, .constant: true
    default: false
    }
  }
}
