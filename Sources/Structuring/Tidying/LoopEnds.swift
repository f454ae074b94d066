import PythonSyntax

// What is done when a loop ends, by the lines on which it stands.
extension [Statement] {
  /// The statements with what a `break` leads to in front of it or behind the loop, as their lines say.
  ///
  /// ```
  /// while True:   # 1                    while True:   # 1
  ///   x = f()     # 2                      x = f()     # 2
  ///   if x: break # 3               →      if x:       # 3
  ///   g()         # 5                        h()       # 4
  /// h()           # 4                        break
  ///                                        g()         # 5
  /// ```
  /// and the other way round, where it stands on lines behind the loop. A loop that ends by nothing but one
  /// `break` does the same in both places.
  ///
  /// - Parameter endsFunction: whether nothing comes behind the statements.
  /// - Returns: the statements, in every body.
  func placingLoopEnds(endsFunction: Bool) -> [Statement] {
    var result: [Statement] = []
    for (index, statement) in enumerated() {
      let isLast = endsFunction && index == count - 1
      result.append(
        statement.mappingBodies { body in
          if case .if = statement.kind { return body.placingLoopEnds(endsFunction: isLast) }
          return body.placingLoopEnds(endsFunction: false)
        })
    }
    for index in result.indices.reversed() {
      guard case .while(.constant(.true), let body, []) = result[index].kind else { continue }
      if let (inner, rest) = body.takingIn(Array(result[(index + 1)...])) {
        result[index].kind = .while(.constant(.true), inner, [])
        result.replaceSubrange((index + 1)..., with: rest)
      } else if endsFunction, index == result.count - 1, let (inner, rest) = body.givingOut() {
        result[index].kind = .while(.constant(.true), inner, [])
        result += rest
      }
    }
    return result
  }

  /// The body of a loop with what stands behind the loop on lines inside of it, and what is left there.
  private func takingIn(_ rest: [Statement]) -> (body: [Statement], rest: [Statement])? {
    guard breakCount == 1, let last = lines.max(), let first = lines.min() else { return nil }
    let end = rest.firstIndex { $0.line.map { $0 > last } ?? !$0.isReturn } ?? rest.count
    let tail = Array(rest[..<end])
    guard let line = tail.first?.line, first < line, line < last, !tail.endsTurn,
      tail.lines.allSatisfy({ $0 < last })
    else { return nil }
    let changed = replacingBreak(with: tail)
    return changed == self ? nil : (changed, Array(rest[end...]))
  }

  /// The body of a loop that nothing but a `return` leaves, with a `break` for what is done before that on
  /// lines behind the loop, and that.
  private func givingOut() -> (body: [Statement], rest: [Statement])? {
    guard breakCount == 0 else { return nil }
    var found: [[Statement]] = []
    let changed = replacingEnds { end in
      var others = lines
      for line in end.lines {
        if let index = others.firstIndex(of: line) { others.remove(at: index) }
      }
      guard let line = end.first?.line, let last = others.max(), line > last, !end.endsTurn else {
        return nil
      }
      found.append(end)
      return [Statement(.break)]
    }
    guard found.count == 1, var rest = found.first else { return nil }
    if rest.last?.kind == .return(nil) { rest.removeLast() }
    return (changed, rest)
  }

  /// Whether a `break` or `continue` stands among the statements, which would be that of another loop where
  /// they are put.
  private var endsTurn: Bool {
    contains { statement in
      switch statement.kind {
      case .break, .continue: true
      case .for(_, _, _, let rest, _), .while(_, _, let rest): rest.endsTurn
      case .function, .class: false
      default: statement.inner.endsTurn
      }
    }
  }

  /// How many `break`s end the loop of which this is the body.
  private var breakCount: Int {
    reduce(0) { count, statement in
      switch statement.kind {
      case .break: count + 1
      case .for(_, _, _, let rest, _), .while(_, _, let rest): count + rest.breakCount
      case .function, .class: count
      default: count + statement.inner.breakCount
      }
    }
  }

  /// The body with some statements for the only `break`, which follows them unless they leave themselves; as it
  /// is if the `break` stands in something else than tests, whose handlers and ends are not for those.
  private func replacingBreak(with tail: [Statement]) -> [Statement] {
    flatMap { statement -> [Statement] in
      switch statement.kind {
      case .break: tail.alwaysLeaves ? tail : tail + [statement]
      case .if: [statement.mappingBodies { $0.replacingBreak(with: tail) }]
      default: [statement]
      }
    }
  }

  /// The body with something else for the ends of branches that return.
  private func replacingEnds(with new: ([Statement]) -> [Statement]?) -> [Statement] {
    map { statement in
      guard case .if = statement.kind else { return statement }
      return statement.mappingBodies { body in
        if case .return? = body.last?.kind, let end = new(body) { return end }
        return body.replacingEnds(with: new)
      }
    }
  }
}

extension Statement {
  fileprivate var isReturn: Bool { if case .return = kind { true } else { false } }
}
