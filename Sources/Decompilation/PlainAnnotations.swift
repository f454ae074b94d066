import PythonSyntax

extension [Statement] {
  /// Writes annotations as they stand in the source.
  ///
  /// ```
  /// def f(a: 'int') -> "'A'": …     →     from __future__ import annotations
  ///                                       def f(a: int) -> 'A': …
  /// ```
  /// Cython 3 keeps the text of every annotation (`AnnotationNode` in `Cython/Compiler/ExprNodes.py`),
  /// which is what the import says. It is all or none: the import holds for the whole module.
  func withPlainAnnotations() -> [Statement] {
    var pass = PlainAnnotations()
    let result = pass.apply(self)
    guard pass.isComplete, pass.isNeeded else { return self }
    let feature = Statement.ImportedName("annotations")
    return [Statement(.importFrom(module: "__future__", level: 0, [feature]))] + result
  }
}

/// What is known of a module's annotations on the way through its statements.
private struct PlainAnnotations {
  /// Whether each of them is a text that was read.
  var isComplete = true
  /// Whether there are any.
  var isNeeded = false

  mutating func apply(_ statements: [Statement]) -> [Statement] {
    statements.map { apply($0) }
  }

  private mutating func apply(_ statement: Statement) -> Statement {
    var result = statement
    switch statement.kind {
    case .function(var definition):
      definition.parameters = apply(definition.parameters)
      definition.returns = definition.returns.map { apply($0) }
      definition.body = apply(definition.body)
      result.kind = .function(definition)
    case .class(var definition):
      definition.body = apply(definition.body)
      result.kind = .class(definition)
    case .annotatedAssign(let target, let annotation, let value):
      result.kind = .annotatedAssign(target, annotation: apply(annotation), value)
    default: result = statement.mappingBodies { apply($0) }
    }
    return result
  }

  private mutating func apply(_ parameters: Parameters) -> Parameters {
    var result = parameters
    result.positionalOnly = parameters.positionalOnly.map { apply($0) }
    result.positional = parameters.positional.map { apply($0) }
    result.star = parameters.star.map { apply($0) }
    result.keywordOnly = parameters.keywordOnly.map { apply($0) }
    result.doubleStar = parameters.doubleStar.map { apply($0) }
    return result
  }

  private mutating func apply(_ parameter: Parameters.Parameter) -> Parameters.Parameter {
    guard let annotation = parameter.annotation else { return parameter }
    return .init(
      parameter.name, annotation: apply(annotation), default: parameter.defaultValue)
  }

  private mutating func apply(_ annotation: Expression) -> Expression {
    isNeeded = true
    guard case .constant(.string(let text)) = annotation,
      let expression = AnnotationParser.expression(text)
    else {
      isComplete = false
      return annotation
    }
    return expression
  }
}
