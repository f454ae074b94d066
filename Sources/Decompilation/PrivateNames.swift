import PythonSyntax

/// Attributes that are private to a class.
enum PrivateNames {
  /// What Cython puts in front of private names in a function, as Python does; nil outside of classes.
  ///
  /// ```
  /// Outer.<locals>.Table.fill     →     _Table
  /// ```
  static func prefix(in qualifiedName: String) -> String? {
    let paths = qualifiedName.split(separator: ".").split { $0 == "<locals>" }
    guard let path = paths.last(where: { $0.count > 1 }) else { return nil }
    let name = path[path.endIndex - 2].drop { $0 == "_" }
    return name.isEmpty ? nil : "_" + name
  }
}

extension [Statement] {
  /// The statements with the private names of a class as the source has them.
  ///
  /// ```
  /// self._Table__rows     →     self.__rows
  /// ```
  func withPrivateNames(_ prefix: String) -> [Statement] {
    map { statement in
      statement.mappingBodies { $0.withPrivateNames(prefix) }.mappingExpressions { expression in
        guard case .attribute(let object, let name) = expression, name.hasPrefix(prefix + "__"),
          !name.hasSuffix("__"), name.count > prefix.count + 2
        else { return expression }
        return .attribute(object, String(name.dropFirst(prefix.count)))
      }
    }
  }
}
