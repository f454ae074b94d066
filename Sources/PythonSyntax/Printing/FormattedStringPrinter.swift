import Basics

/// Writes f-strings that CPython 3.8 and later read.
///
/// Before 3.12 an expression in an f-string holds no backslash and not the quote around it; one that
/// would need them is written as a call of `format` and a sum.
struct FormattedStringPrinter {
  private let expressions: ExpressionPrinter

  init(_ expressions: ExpressionPrinter) { self.expressions = expressions }

  func text(_ parts: [Expression.FormattedPart]) -> String {
    for quote: Character in ["'", "\""] {
      if let inside = inside(parts, quote) { return "f\(quote)\(inside)\(quote)" }
    }
    return "''.join((\(parts.map(call).joined(separator: ", ")),))"
  }

  /// The text between the quotes, or nil if it cannot be written there.
  private func inside(_ parts: [Expression.FormattedPart], _ quote: Character) -> String? {
    var result = ""
    for part in parts {
      switch part {
      case .text(let text): result += braced(Literals.escaped(text, quote: quote))
      case .value(let value, let conversion, let specification):
        let text = expressions.text(value, .conditional)
        guard !text.contains("\\"), !text.contains(quote), !text.contains("\n"),
          !text.contains("#")
        else { return nil }
        let startsWithBrace = text.drop { $0.isMark }.hasPrefix("{")
        result += expressions.perhaps("{") + (startsWithBrace ? " " : "") + text
        if let conversion { result += "!\(conversion.rawValue)" }
        if let specification {
          guard let inner = inside(specification, quote) else { return nil }
          result += ":" + inner
        }
        result += "}"
      }
    }
    return result
  }

  private func braced(_ text: String) -> String {
    text.replacing("{", with: "{{").replacing("}", with: "}}")
  }

  private func call(_ part: Expression.FormattedPart) -> String {
    switch part {
    case .text(let text): return Literals.string(text)
    case .value(let value, let conversion, let specification):
      var text = expressions.text(value, .lambda)
      switch conversion {
      case .string: text = "str(\(text))"
      case .representation: text = "repr(\(text))"
      case .ascii: text = "ascii(\(text))"
      case nil: break
      }
      if let specification { return "format(\(text), \(self.text(specification)))" }
      return conversion == nil ? "format(\(text))" : text
    }
  }
}

/// Writes the parameters of a function.
struct ParameterPrinter {
  private let expressions: ExpressionPrinter

  init(_ expressions: ExpressionPrinter) { self.expressions = expressions }

  func text(_ parameters: Parameters) -> String {
    var parts = parameters.positionalOnly.map { parameter($0) }
    if !parts.isEmpty { parts.append("/") }
    parts += parameters.positional.map { parameter($0) }
    if let star = parameters.star {
      parts.append("*" + parameter(star))
    } else if !parameters.keywordOnly.isEmpty {
      parts.append("*")
    }
    parts += parameters.keywordOnly.map { parameter($0) }
    if let double = parameters.doubleStar { parts.append("**" + parameter(double)) }
    return parts.joined(separator: ", ")
  }

  private func parameter(_ parameter: Parameters.Parameter) -> String {
    var text = expressions.perhaps(Identifiers.sanitized(parameter.name))
    if let annotation = parameter.annotation {
      text += ": " + expressions.text(annotation, .lambda)
    }
    guard let value = parameter.defaultValue else { return text }
    let equals = parameter.annotation == nil ? "=" : " = "
    return text + equals + expressions.text(value, .lambda)
  }
}
