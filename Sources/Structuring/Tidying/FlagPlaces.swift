import PythonSyntax

// Variables that hold nothing but `True` and `False`, which are C numbers.
extension [Statement] {
  /// The statements with flags set where lines and loops say, and returned as they are.
  ///
  /// ```
  /// for x in y:                    for x in y:
  ///   if not started:                if not started:
  ///     f(x)                  →        started = True
  ///   g(x)                             f(x)
  ///   started = True                 g(x)
  ///
  /// if c:        # 3               if c:        # 3
  ///   f()        # 5          →      ok = False
  ///   ok = False                     f()        # 5
  ///
  /// if ok: return True
  /// return False            →      return ok
  /// ```
  /// Setting a C number leaves no trace but its value where ways meet; compilers know that a flag is set at the
  /// end of each turn, and forget where that was done. Exceptions and what reads the flag see no difference.
  ///
  /// - Parameter others: the names of parameters, which may have other values.
  /// - Returns: the statements, in every body.
  func placingFlags(others: Set<String>) -> [Statement] {
    let flags = truthNames.subtracting(others).filter { name in !isReadByHandlers(name) }
    return flags.isEmpty ? self : placing(flags, behind: nil).reading(flags)
  }

  /// The statements with flags read as they are: `True if ok else False` is `ok`.
  private func reading(_ flags: Set<String>) -> [Statement] {
    let kinds = NameKinds(truths: flags)
    return map { statement in
      statement.mappingExpressions { $0.with(kinds) }.mappingBodies { $0.reading(flags) }
    }
  }

  private func isReadByHandlers(_ name: String) -> Bool {
    contains { statement in
      switch statement.kind {
      case .try, .with, .function, .class: statement.mentions { $0 == name }
      default: statement.inner.isReadByHandlers(name)
      }
    }
  }

  /// The statements of a body, behind a `line` of what stands in front.
  private func placing(_ flags: Set<String>, behind line: Int?) -> [Statement] {
    var result: [Statement] = []
    var before = line
    for (index, statement) in enumerated() {
      var changed = statement
      let next = index + 1 < count ? self[index + 1].lines.min() : nil
      switch statement.kind {
      case .if(let test, let yes, let no):
        let end = no.lines.min().map { $0 - 1 } ?? next
        let start = statement.line ?? before.map { $0 + 1 }
        changed.kind = .if(
          test, yes.placing(flags, behind: start).placingLast(flags, behind: start, end),
          no.placing(flags, behind: yes.lines.max().map { $0 + 1 })
            .placingLast(flags, behind: yes.lines.max().map { $0 + 1 }, next))
      default:
        changed = statement.mappingBodies { $0.placing(flags, behind: statement.line) }
        changed = changed.placingFlagOfTurns(among: flags)
      }
      result.append(changed)
      before = statement.lines.max() ?? before
    }
    return result.returningFlag(flags)
  }

  /// The statements of a branch with the flag that is set last set first, if only there lines leave room.
  private func placingLast(
    _ flags: Set<String>, behind line: Int?, _ next: Int?
  ) -> [Statement] {
    guard count > 1, let last, last.line == nil, let name = last.flag(among: flags)?.name,
      case let rest = Array(dropLast()), !rest.leavesTurn,
      !rest.contains(where: { $0.mentions { $0 == name } }),
      rest.hasRoomAtStart(behind: line), !rest.hasRoomAtEnd(before: next)
    else { return self }
    return [last] + rest
  }

  private func returningFlag(_ flags: Set<String>) -> [Statement] {
    guard count > 1, case .if(let test, let body, []) = self[count - 2].kind, body.count == 1,
      case .return(.constant(let first)?) = body[0].kind,
      case .return(.constant(let second)?) = self[count - 1].kind,
      Set([first, second]) == [.true, .false]
    else { return self }
    let (value, isNegated): (Expression, Bool) =
      if case .unary(.not, let inner) = test { (inner, true) } else { (test, false) }
    guard case .name(let name) = value, flags.contains(name) else { return self }
    let returned = (first == .true) != isNegated ? value : .unary(.not, value)
    return dropLast(2) + [Statement(.return(returned), line: self[count - 1].line)]
  }

  /// A loop's body with the flag that is set at its end set in the branch for which it was not.
  ///
  /// The loop's head stands on `line`; nil if there is no such flag.
  fileprivate func placingFlag(among flags: Set<String>, behind line: Int?) -> [Statement]? {
    guard let last, let (name, isSet) = last.flag(among: flags), !leavesTurn else { return nil }
    let asking = indices.dropLast().filter { self[$0].mentions { $0 == name } }
    guard asking.count == 1, let index = asking.first,
      case .if(let test, let yes, let no) = self[index].kind,
      !(yes + no).contains(where: { $0.mentions { $0 == name } })
    else { return nil }
    let takesFirst: Bool
    switch test {
    case .name(name): takesFirst = !isSet
    case .unary(.not, .name(name)): takesFirst = isSet
    default: return nil
    }
    let before = self[..<index].lines.max() ?? line
    let flag = Statement(last.kind)
    var result = Array(dropLast())
    switch (takesFirst, takesFirst ? yes : no) {
    case (_, let arm) where arm.alwaysLeaves: return nil
    case (true, _):
      let start = self[index].line ?? before.map { $0 + 1 }
      let end = no.lines.min().map { $0 - 1 } ?? self[index + 1].lines.min()
      let isLast = !yes.hasRoomAtStart(behind: start) && yes.hasRoomAtEnd(before: end)
      result[index].kind = .if(test, isLast ? yes + [flag] : [flag] + yes, no)
    case (false, []):
      // `if first: first = False` and `else:` take three lines more.
      guard let before, let first = yes.lines.min(), first - before > 3 else { return nil }
      result[index].kind = .if(test.negated, [flag], yes)
    default: result[index].kind = .if(test, yes, [flag] + no)
    }
    return result
  }

  /// Whether a `continue` or a `break` ends a turn of the loop whose body this is somewhere before its end.
  private var leavesTurn: Bool {
    contains { statement in
      switch statement.kind {
      case .continue, .break: true
      case .for(_, _, _, let rest, _), .while(_, _, let rest): rest.leavesTurn
      default: statement.inner.leavesTurn
      }
    }
  }

  /// Whether there may be a statement between a line and the first one.
  private func hasRoomAtStart(behind line: Int?) -> Bool {
    guard let line, let first = self.first?.lines.min() else { return false }
    return first - line > 1
  }

  /// Whether there may be a statement between the last one and a line.
  private func hasRoomAtEnd(before line: Int?) -> Bool {
    guard let line, let last = lines.max() else { return false }
    return line - last > 1
  }
}

extension Statement {
  /// What the statement makes of a flag, if it does nothing else.
  fileprivate func flag(among flags: Set<String>) -> (name: String, isSet: Bool)? {
    guard case .assign(let targets, .constant(let value)) = kind, targets.count == 1,
      case .name(let name) = targets[0], flags.contains(name), value == .true || value == .false
    else { return nil }
    return (name, value == .true)
  }

  /// The statement, if it is a loop, with the flag that tells its first turn set where it is asked for.
  fileprivate func placingFlagOfTurns(among flags: Set<String>) -> Statement {
    var result = self
    switch kind {
    case .for(let target, let iterable, let body, let rest, let isAsync):
      guard let body = body.placingFlag(among: flags, behind: line) else { return self }
      result.kind = .for(target, iterable, body, rest, isAsync: isAsync)
    case .while(let test, let body, let rest) where !test.mentions(flags.contains):
      guard let body = body.placingFlag(among: flags, behind: line) else { return self }
      result.kind = .while(test, body, rest)
    default: break
    }
    return result
  }
}
