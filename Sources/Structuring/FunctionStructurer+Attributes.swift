import Basics
import PythonSyntax

// Attributes by their names.
extension FunctionStructurer {
  /// Whether `o.name` means the attribute of that name; others are asked for by `getattr` and its kin.
  ///
  /// ```
  /// setattr(o, 'not a name', v); setattr(o, '__private', v)
  /// ```
  /// In a class, names with two underscores are mangled, which Cython has done to all that stand in the
  /// code as attributes.
  func isWritten(attribute name: String) -> Bool {
    // Marks of what is no attribute of the source.
    if name.hasPrefix("\u{1}") { return true }
    guard Identifiers.isValid(name) else { return false }
    let isPrivate = name.hasPrefix("__") && !name.hasSuffix("__")
    return !isPrivate || (scope.kind == .module && classes.isEmpty)
  }

  /// `getattr(o, 'name')`, or another function of an object and a name.
  static func call(
    _ function: String, _ object: Expression, _ attribute: String, _ others: [Expression] = []
  ) -> Expression {
    .call(.name(function), [object, .constant(.string(Text(attribute)))] + others, [])
  }
}
