/// Writes statements that stand on one line.
struct SimpleStatementPrinter {
  private let expressions: ExpressionPrinter

  init(_ expressions: ExpressionPrinter) { self.expressions = expressions }

  func text(_ kind: Statement.Kind) -> String {
    switch kind {
    // `:=` alone needs parentheses, which nobody writes.
    case .expression(.assignment(let name, let value)):
      return text(.assign([.name(name)], value))
    case .expression(let value): return expressions.text(value)
    case .assign(let targets, let value):
      return targets.map { expressions.target($0) + " = " }.joined() + expressions.text(value)
    case .augmentedAssign(let target, let operation, let value):
      return "\(expressions.text(target)) \(operation.rawValue)= \(expressions.text(value))"
    case .annotatedAssign(let target, let annotation, let value):
      let head = "\(expressions.text(target)): \(expressions.text(annotation, .lambda))"
      return head + (value.map { " = " + expressions.text($0) } ?? "")
    case .delete(let targets):
      return expressions.listed("del ")
        + targets.map { expressions.text($0, .lambda) }.joined(separator: ", ")
    case .return(let value):
      return expressions.listed("return") + (value.map { " " + operand($0) } ?? "")
    case .raise(let exception, let cause):
      return expressions.listed("raise") + (exception.map { " " + operand($0) } ?? "")
        + (cause.map { " from " + operand($0) } ?? "")
    case .assert(let test, let message):
      return expressions.listed("assert ") + "\(expressions.text(test, .lambda))"
        + (message.map { ", " + expressions.text($0, .lambda) } ?? "")
    case .break: return expressions.listed("break")
    case .continue: return expressions.listed("continue")
    case .global(let names): return expressions.listed("global ") + list(names)
    case .nonlocal(let names): return expressions.perhaps("nonlocal ") + list(names)
    case .import(let names): return "import " + list(names, Identifiers.sanitizedPath)
    case .importFrom(let module, let level, let names):
      let dots = String(repeating: ".", count: min(max(level, 0), 64))
      let path = module.isEmpty && level > 0 ? "" : Identifiers.sanitizedPath(module)
      let from =
        expressions.listed("from ") + dots + (path.isEmpty ? "" : expressions.perhaps(path))
      return "\(from) import \(list(names, Identifiers.sanitized))"
    default: return "pass"
    }
  }

  /// An expression behind a keyword, where a `yield` needs parentheses.
  private func operand(_ value: Expression) -> String {
    switch value {
    case .yield, .yieldFrom: expressions.text(value, .lambda)
    default: expressions.text(value)
    }
  }

  private func list(_ names: [String]) -> String {
    names.map(Identifiers.sanitized).joined(separator: ", ")
  }

  /// `import` takes paths, `from … import` names.
  private func list(
    _ names: [Statement.ImportedName], _ sanitized: (String) -> String
  ) -> String {
    names.map { entry in
      let name = entry.name == "*" ? "*" : sanitized(entry.name)
      return expressions.listed(name)
        + (entry.alias.map { " as " + expressions.listed(Identifiers.sanitized($0)) } ?? "")
    }.joined(separator: ", ")
  }
}
