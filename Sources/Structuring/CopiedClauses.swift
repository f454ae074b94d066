import PythonSyntax

// Copies of one clause whose variables got different names.
extension [Statement] {
  /// The statements with the names that a copy of them has, if one stands among others.
  ///
  /// Numbers of C leave no trace of which variable they belong to, so that each copy of a `finally`
  /// clause may have one of its own.
  /// ```
  /// _value1 = len(x); f(_value1)     y = len(x); f(y)     →     y = len(x); f(y)
  /// ```
  func named(asCopyIn statements: [Statement]) -> [Statement] {
    guard !isEmpty, namesInOrder.contains(where: FunctionStructurer.isTemporary) else {
      return self
    }
    return copy(in: statements) ?? self
  }

  private func copy(in statements: [Statement]) -> [Statement]? {
    if statements.count >= count {
      for start in 0...(statements.count - count) {
        let window = Array(statements[start..<(start + count)])
        if let renamed = renamed(like: window) { return renamed }
      }
    }
    for statement in statements {
      var found: [Statement]?
      _ = statement.mappingBodies { inner in
        found = found ?? copy(in: inner)
        return inner
      }
      if let found { return found }
    }
    return nil
  }

  /// The statements with the names that others assign to in the same places, if that makes them equal.
  private func renamed(like other: [Statement]) -> [Statement]? {
    let (own, names) = (namesInOrder, other.namesInOrder)
    guard own.count == names.count, Set(names).count == names.count else { return nil }
    let different = zip(own, names).filter { $0 != $1 }
    guard !different.isEmpty, different.allSatisfy({ FunctionStructurer.isTemporary($0.0) })
    else { return nil }
    let meanings = Dictionary(different, uniquingKeysWith: { first, _ in first })
    let result = renaming(meanings)
    return result.withoutLines == other.withoutLines ? result : nil
  }

  /// The variables that the statements assign to, each once, in the order of the first assignments.
  private var namesInOrder: [String] {
    var result: [String] = []
    func add(_ target: Expression) {
      switch target {
      case .name(let name): if !result.contains(name) { result.append(name) }
      case .tuple(let items), .list(let items): items.forEach(add)
      case .starred(let inner): add(inner)
      default: break
      }
    }
    func visit(_ statements: [Statement]) {
      for statement in statements {
        switch statement.kind {
        case .assign(let targets, _): targets.forEach(add)
        case .augmentedAssign(let target, _, _): add(target)
        case .for(let target, _, _, _, _): add(target)
        case .with(let items, _, _): items.compactMap(\.target).forEach(add)
        default: break
        }
        visit(statement.inner)
      }
    }
    visit(self)
    return result
  }
}
