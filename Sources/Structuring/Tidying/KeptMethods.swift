import PythonSyntax

// Methods that a variable keeps.
extension [Statement] {
  /// ```
  /// add = names.append                  add = names.append
  /// for x in y: names.append(x)    →    for x in y: add(x)
  /// ```
  /// Cython follows a variable that is assigned a method once, and calls what it has for the method
  /// (`_dispatch_to_handler` in `Cython/Compiler/Optimize.py`); the variable itself stays.
  ///
  /// - Parameter locals: the names of the function's parameters and local variables.
  /// - Returns: the statements, with the same meaning.
  func callingKeptMethods(_ locals: Set<String>) -> [Statement] {
    callingKeptMethods(locals, in: self)
  }

  private func callingKeptMethods(_ locals: Set<String>, in function: [Statement]) -> [Statement] {
    var result = map { statement in
      statement.mappingBodies { $0.callingKeptMethods(locals, in: function) }
    }
    for index in result.indices {
      guard case .assign(let targets, let method) = result[index].kind, targets.count == 1,
        case .name(let keeper) = targets[0], locals.contains(keeper),
        case .attribute(.name(let object), _) = method, locals.contains(object), object != keeper,
        function.mentionCount(of: keeper) == 1, function.bindingCount(of: object) <= 1
      else { continue }
      for later in result.indices[(index + 1)...] {
        result[later] = result[later].calling(.name(keeper), for: method)
      }
    }
    return result
  }

  /// How often a name is bound in the statements, functions inside included.
  private func bindingCount(of name: String) -> Int {
    reduce(0) { count, statement in
      count + statement.bindingCount(of: name) + statement.inner.bindingCount(of: name)
    }
  }
}

extension Statement {
  /// The statement with another callee in the calls of one.
  fileprivate func calling(_ callee: Expression, for other: Expression) -> Statement {
    mappingExpressions { expression in
      guard case .call(other, let arguments, let keywords) = expression else { return expression }
      return .call(callee, arguments, keywords)
    }.mappingBodies { $0.map { $0.calling(callee, for: other) } }
  }

  /// How often the statement itself binds a name.
  fileprivate func bindingCount(of name: String) -> Int {
    let targets: [Expression] =
      switch kind {
      case .assign(let targets, _), .delete(let targets): targets
      case .augmentedAssign(let target, _, _), .annotatedAssign(let target, _, _): [target]
      case .for(let target, _, _, _, _): [target]
      case .with(let items, _, _): items.compactMap(\.target)
      default: []
      }
    let leaves = targets.flatMap(\.leafNames).count { $0 == name }
    let walrus = expressions.reduce(0) { $0 + $1.walrusCount(of: name) }
    return leaves + walrus + (defines(name) ? 1 : 0)
  }
}

extension Expression {
  fileprivate func walrusCount(of name: String) -> Int {
    let own = if case .assignment(name, _) = self { 1 } else { 0 }
    return parts.reduce(own) { $0 + $1.walrusCount(of: name) }
  }
}
