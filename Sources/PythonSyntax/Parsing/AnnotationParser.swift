package import Basics
import BigInt

/// Reads the text of annotations: names, attributes, subscripts, unions, literals and calls.
///
/// The text comes from the module and is not trusted: only what prints as the very text that was read
/// is an expression.
package struct AnnotationParser {
  private let text: [UInt32]
  private var position = 0
  private var depth = 0

  private init(_ text: Text) { self.text = text.codePoints }

  /// The expression that a text is; nil if it is none of this form, or not in the one spelling in
  /// which expressions are printed.
  package static func expression(_ text: Text) -> Expression? {
    var parser = AnnotationParser(text)
    guard let result = parser.list(until: nil), parser.position == parser.text.count,
      ExpressionPrinter().text(result) == text.string
    else { return nil }
    return result
  }

  // MARK: Expressions

  /// Expressions with commas between them: a tuple if there is a comma.
  private mutating func list(until end: Unicode.Scalar?) -> Expression? {
    guard let first = union() else { return nil }
    guard peek == "," else { return first }
    var items = [first]
    while take(",") {
      skipSpaces()
      if peek == end { break }
      guard let item = union() else { return nil }
      items.append(item)
    }
    return .tuple(items)
  }

  private mutating func union() -> Expression? {
    depth += 1
    defer { depth -= 1 }
    guard depth < 50, var left = unary() else { return nil }
    while true {
      let start = position
      skipSpaces()
      guard take("|") else {
        position = start
        return left
      }
      skipSpaces()
      guard let right = unary() else { return nil }
      left = .binary(left, .or, right)
    }
  }

  private mutating func unary() -> Expression? {
    guard take("-") else { return primary() }
    switch primary() {
    case .constant(.integer(let value))?: return .constant(.integer(-value))
    case .constant(.float(let value))?: return .constant(.float(-value))
    default: return nil
    }
  }

  private mutating func primary() -> Expression? {
    guard var result = atom() else { return nil }
    while true {
      if take(".") {
        guard let name = name() else { return nil }
        result = .attribute(result, name)
      } else if take("[") {
        guard let index = list(until: "]"), take("]") else { return nil }
        result = .item(result, index)
      } else if take("(") {
        guard let call = call(result) else { return nil }
        result = call
      } else {
        return result
      }
    }
  }

  /// The arguments of a call, behind its parenthesis.
  private mutating func call(_ callee: Expression) -> Expression? {
    var arguments: [Expression] = []
    var keywords: [Expression.Keyword] = []
    while !take(")") {
      if !(arguments.isEmpty && keywords.isEmpty) {
        guard take(",") else { return nil }
        skipSpaces()
      }
      let start = position
      if let name = name(), take("=") {
        guard let value = union() else { return nil }
        keywords.append(.init(name, value))
        continue
      }
      position = start
      guard keywords.isEmpty, let value = union() else { return nil }
      arguments.append(value)
    }
    return .call(callee, arguments, keywords)
  }

  private mutating func atom() -> Expression? {
    guard let next = peek else { return nil }
    switch next {
    case "'", "\"": return string().map { .constant(.string($0)) }
    case "(":
      position += 1
      if take(")") { return .tuple([]) }
      guard let inner = list(until: ")"), take(")") else { return nil }
      return inner
    case "[":
      position += 1
      if take("]") { return .list([]) }
      guard let inner = list(until: "]"), take("]") else { return nil }
      if case .tuple(let items) = inner { return .list(items) }
      return .list([inner])
    case ".": return take(".") && take(".") && take(".") ? .constant(.ellipsis) : nil
    case "0"..."9": return number()
    default:
      switch word() {
      case "None": return Expression.none
      case "True": return .constant(.true)
      case "False": return .constant(.false)
      case let word: return Identifiers.isValid(word) ? .name(word) : nil
      }
    }
  }

  // MARK: Tokens

  private var peek: Unicode.Scalar? {
    position < text.count ? Unicode.Scalar(text[position]) : nil
  }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard peek == scalar else { return false }
    position += 1
    return true
  }

  private mutating func skipSpaces() { while take(" ") {} }

  private mutating func name() -> String? {
    let start = position
    let word = word()
    if Identifiers.isValid(word) { return word }
    position = start
    return nil
  }

  /// What stands here of a name or keyword; empty if there is neither.
  private mutating func word() -> String {
    let start = position
    while let scalar = peek, scalar.properties.isXIDContinue { position += 1 }
    return Text(codePoints: Array(text[start..<position])).string ?? ""
  }

  private mutating func number() -> Expression? {
    let start = position
    while let scalar = peek, ("0"..."9").contains(scalar) || scalar == "." { position += 1 }
    guard position - start < 100,
      let digits = Text(codePoints: Array(text[start..<position])).string
    else { return nil }
    if let value = BigInt(digits) { return .constant(.integer(value)) }
    return Double(digits).map { .constant(.float($0)) }
  }

  /// A string literal without escapes.
  private mutating func string() -> Text? {
    guard let quote = peek else { return nil }
    position += 1
    let start = position
    while let scalar = peek, scalar != quote {
      guard scalar != "\\" else { return nil }
      position += 1
    }
    let content = Text(codePoints: Array(text[start..<position]))
    return take(quote) ? content : nil
  }
}
