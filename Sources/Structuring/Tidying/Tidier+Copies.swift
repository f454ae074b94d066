import PythonSyntax

// Variables that get what another one holds.
extension Tidier {
  /// Writes an assignment once that both arms of a test start with.
  ///
  /// ```
  /// if c: x = a; f()            x = a
  /// else: x = a          →      if c: f()
  /// ```
  /// The test does not read the variable, and no handler does that its exception may come to.
  func hoistCopy(_ statement: inout Statement, into result: inout [Statement]) {
    while case .if(let test, let body, let rest) = statement.kind, let first = body.first,
      first.kind == rest.first?.kind, case .assign(let targets, let value) = first.kind,
      targets.count == 1, case .name(let name) = targets[0], isKept(value),
      locals.contains(name), !test.mentions({ $0 == name }), test.bindings.isEmpty,
      !hasHandlers || test.isAtHand
    {
      result.append(first)
      let (yes, no) = (Array(body.dropFirst()), Array(rest.dropFirst()))
      statement.kind =
        if yes.isEmpty, no.isEmpty {
          .expression(test)
        } else if yes.isEmpty {
          .if(test.negated, no, [])
        } else {
          .if(test, yes, no)
        }
    }
  }

  /// Whether a value is the same before a test and behind it.
  private func isKept(_ value: Expression) -> Bool {
    switch value {
    case .constant: true
    case .name(let name): locals.contains(name)
    default: false
    }
  }
}

extension [Statement] {
  /// Writes one variable for two, if the first one is read no more when the second one gets what it holds.
  ///
  /// ```
  /// t = x                       if c: x += y
  /// if c: t += y         →      return x
  /// return t
  /// ```
  ///
  /// - Parameters:
  ///   - temporaries: the names that were made up.
  ///   - locals: the names of variables that nothing changes but the function itself.
  /// - Returns: the statements of a function's body.
  func withoutIdleCopies(temporaries: Set<String>, locals: Set<String>) -> [Statement] {
    var result = self
    for index in result.indices.reversed() {
      guard case .assign(let targets, .name(let name)) = result[index].kind, targets.count == 1,
        case .name(let copy) = targets[0], temporaries.contains(copy), locals.contains(name),
        !temporaries.contains(name)
      else { continue }
      let (before, after) = (result[..<index], result[(index + 1)...])
      guard !after.contains(where: { $0.mentions { $0 == name } }),
        !before.contains(where: { $0.mentions { $0 == copy } }),
        !after.contains(where: { $0.hasDefinition(with: [copy]) })
      else { continue }
      result = before + after.map { $0.renaming([copy: name]) }
    }
    return result
  }
}

extension Expression {
  /// Whether evaluating this can raise no exception.
  fileprivate var isAtHand: Bool {
    switch self {
    case .name, .constant: true
    case .comparison(let first, let parts):
      first.isAtHand
        && parts.allSatisfy { [.is, .isNot].contains($0.operator) && $0.operand.isAtHand }
    default: false
    }
  }
}
