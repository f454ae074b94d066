package import PythonSyntax

// Texts with values, for which there are two forms.
extension [Statement] {
  /// The statements of a module with `%` for what may have been that or an f-string, if they use nothing but `%`
  /// where the two can be told apart.
  ///
  /// ```
  /// f'{x:.3f}'     →     '%.3f' % (x,)
  /// ```
  /// `ConstantFolding._build_fstring` in `Cython/Compiler/Optimize.py` makes one of the other.
  package var inUsualFormats: [Statement] {
    var counts = FormatCounts()
    for statement in self { counts.add(statement) }
    return counts.percents > 0 && counts.formatted == 0 ? withPercentFormats : self
  }

  private var withPercentFormats: [Statement] {
    map { statement in
      var result = statement.mappingExpressions { $0.withLikelyPercentFormat }
        .mappingBodies { $0.withPercentFormats }
      switch result.kind {
      case .function(var definition):
        definition.body = definition.body.withPercentFormats
        result.kind = .function(definition)
      case .class(var definition):
        definition.body = definition.body.withPercentFormats
        result.kind = .class(definition)
      default: break
      }
      return result
    }
  }
}

/// How often each form stands in a module for sure.
private struct FormatCounts {
  var percents = 0
  var formatted = 0

  mutating func add(_ statement: Statement) {
    for expression in statement.expressions { add(expression) }
    for inner in statement.inner { add(inner) }
  }

  private mutating func add(_ expression: Expression) {
    switch expression {
    case .binary(.constant(.string), .remainder, _): percents += 1
    case .formatted where expression.withLikelyPercentFormat == expression: formatted += 1
    default: break
    }
    for part in expression.parts { add(part) }
  }
}
