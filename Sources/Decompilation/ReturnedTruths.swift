import PythonSyntax

extension [Statement] {
  /// The body of a function that is declared to return `bool`, which converts what it returns by itself.
  ///
  /// ```
  /// return True if x.startswith(y) else False     →     return x.startswith(y)
  /// ```
  /// Other objects than what methods return are mostly converted by whoever declares that.
  var returningTruths: [Statement] {
    map { statement in
      var result = statement.mappingBodies { $0.returningTruths }
      guard case .return(let value?) = statement.kind else { return result }
      switch value {
      case .conditional(let test, .constant(.true), .constant(.false)) where test.isMethodCall:
        result.kind = .return(test)
      case .call(.name("bool"), let arguments, [])
      where arguments.count == 1 && arguments[0].isMethodCall:
        result.kind = .return(arguments[0])
      default: break
      }
      return result
    }
  }
}

extension Expression {
  fileprivate var isMethodCall: Bool {
    if case .call(.attribute, _, _) = self { true } else { false }
  }
}
