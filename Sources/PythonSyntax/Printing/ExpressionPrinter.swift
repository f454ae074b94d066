import Basics
import BigInt

/// How tightly the parts of an expression hold together, from loose to tight.
///
/// Source: "Operator precedence" of the Python reference, section 6.17.
enum Precedence: Int, Comparable {
  case none, assignment, lambda, conditional, or, and, not, comparison
  case bitOr, bitExclusiveOr, bitAnd, shift, sum, product, unary, power, await, primary, atom

  static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

  var next: Precedence { Precedence(rawValue: rawValue + 1) ?? .atom }
}

/// Writes expressions, with parentheses only where they are needed.
struct ExpressionPrinter {
  var marking = Marking.none

  func text(_ expression: Expression, _ outer: Precedence = .none) -> String {
    let (text, precedence) = parts(expression)
    return precedence < outer ? bracketed("(", text, ")") : text
  }

  func mark(_ mark: Mark) -> String { marking.text(mark) }

  /// A token whose position is always listed.
  func listed(_ token: String) -> String { mark(.listed) + token }

  /// A token whose position is listed for some trees only.
  func perhaps(_ token: String) -> String { mark(.perhapsListed) + token }

  func bracketed(_ open: String, _ text: String, _ close: String) -> String {
    open + mark(.opening) + text + mark(.closing) + close
  }

  /// The same printer with other marks.
  private func with(_ other: Marking) -> Self {
    marking == .none ? self : ExpressionPrinter(marking: other)
  }

  private func list(_ expressions: [Expression]) -> String {
    expressions.map { text($0, .assignment.next, starred: true) }.joined(separator: ", ")
  }

  private func parts(_ expression: Expression) -> (String, Precedence) {
    switch expression {
    case .constant(let value): return constant(value)
    case .name(let name): return (listed(Identifiers.sanitized(name)), .atom)
    case .attribute(let object, let name):
      return (receiver(object) + listed(".") + Identifiers.sanitized(name), .primary)
    case .item(let object, let index):
      return (
        receiver(object) + listed("") + bracketed("[", self.index(index), "]"), .primary
      )
    case .slice:
      return (
        "slice" + bracketed("(", sliceArguments(expression), ")"), .primary
      )
    case .starred(let inner): return (perhaps("*") + text(inner, .bitOr), .none)
    case .call(let callee, let arguments, let keywords):
      return (call(callee, arguments, keywords), .primary)
    case .unary(let operation, let inner):
      let precedence: Precedence = operation == .not ? .not : .unary
      let token = operation == .not ? listed(operation.rawValue) : perhaps(operation.rawValue)
      return (token + text(inner, precedence), precedence)
    case .binary(let left, let operation, let right): return binary(left, operation, right)
    case .boolean(let operation, let operands):
      let precedence: Precedence = operation == .or ? .or : .and
      return (
        operands.map { text($0, precedence.next) }
          .joined(separator: " \(listed(operation.rawValue)) "),
        precedence
      )
    case .comparison(let first, let rest):
      let tail = rest.enumerated().map { index, part in
        // Of `a < b < c` only the first operator is listed.
        " " + (index == 0 ? mark(.listed) : "") + part.operator.rawValue + " "
          + text(part.operand, .bitOr)
      }
      return (text(first, .bitOr) + tail.joined(), .comparison)
    case .conditional(let test, let yes, let no):
      return (
        "\(text(yes, .or)) if \(text(test, .or)) else \(text(no, .conditional))", .conditional
      )
    case .lambda(let parameters, let body):
      let inner = with(.hidden)
      let list = ParameterPrinter(inner).text(parameters)
      let head = "lambda\(list.isEmpty ? "" : " ")\(list)"
      return (listed(head) + ": " + inner.text(body, .lambda), .lambda)
    default: return displayParts(expression)
    }
  }

  private func displayParts(_ expression: Expression) -> (String, Precedence) {
    switch expression {
    case .tuple(let items):
      let open = items.isEmpty ? listed("(") : "("
      return (bracketed(open, list(items) + (items.count == 1 ? "," : ""), ")"), .atom)
    case .list(let items): return (bracketed(listed("["), list(items), "]"), .atom)
    case .set(let items):
      return (
        items.isEmpty ? "set" + listed("()") : bracketed(perhaps("{"), list(items), "}"), .atom
      )
    case .dictionary(let entries):
      let texts = entries.map { entry in
        entry.key.map { "\(text($0, .lambda)): \(text(entry.value, .lambda))" }
          ?? "**\(text(entry.value, .bitOr))"
      }
      return (bracketed(perhaps("{"), texts.joined(separator: ", "), "}"), .atom)
    case .comprehension(let kind, let element, let value, let generators):
      let printer = kind == .generator ? with(marking == .hidden ? .hidden : .loose) : self
      return (printer.comprehension(kind, element, value, generators), .atom)
    case .formatted(let parts):
      let text = FormattedStringPrinter(with(marking == .hidden ? .hidden : .loose)).text(parts)
      return (listed(text) + mark(.literal), .atom)
    case .await(let inner): return (perhaps("await ") + text(inner, .primary), .await)
    case .yield(let inner):
      return (perhaps("yield") + (inner.map { " " + text($0, .assignment) } ?? ""), .none)
    case .yieldFrom(let inner): return (perhaps("yield from ") + text(inner, .lambda), .none)
    case .assignment(let name, let value):
      let target = perhaps(Identifiers.sanitized(name))
      return ("\(target) \(perhaps(":=")) \(text(value, .lambda))", .assignment)
    default: return (listed("..."), .atom)
    }
  }

  // MARK: Parts

  private func constant(_ value: Expression.Constant) -> (String, Precedence) {
    switch value {
    case .none: (listed("None"), .atom)
    case .true: (perhaps("True"), .atom)
    case .false: (listed("False"), .atom)
    case .ellipsis: (listed("..."), .atom)
    case .integer(let number):
      (numeral(Literals.integer(number)), number < 0 ? .unary : .atom)
    case .float(let value):
      (numeral(Literals.float(value)), value.sign == .minus && !value.isNaN ? .unary : .atom)
    case .imaginary(let value):
      (numeral(Literals.float(value) + "j"), value.sign == .minus ? .unary : .atom)
    case .string(let text): (listed(Literals.string(text)) + mark(.literal), .atom)
    case .bytes(let bytes): (listed(Literals.bytes(bytes)) + mark(.literal), .atom)
    }
  }

  /// Numbers may be written in other ways; of a negative one either the sign or the digits are
  /// listed.
  private func numeral(_ text: String) -> String {
    let digits = text.drop { $0 == "-" }
    let sign = digits.count == text.count ? "" : perhaps("-")
    return sign + (sign.isEmpty ? listed(String(digits)) : perhaps(String(digits)))
      + mark(.literal)
  }

  /// What stands before a dot, bracket or parenthesis; numbers need parentheses there.
  private func receiver(_ expression: Expression) -> String {
    if case .constant(.integer) = expression { return bracketed("(", text(expression), ")") }
    return text(expression, .primary)
  }

  func call(
    _ callee: Expression, _ arguments: [Expression], _ keywords: [Expression.Keyword]
  ) -> String {
    // A generator expression alone needs no parentheses of its own.
    if keywords.isEmpty, arguments.count == 1,
      case .comprehension(.generator, _, _, _) = arguments[0]
    {
      return receiver(callee) + listed("") + text(arguments[0])
    }
    var texts = arguments.map { text($0, .lambda, starred: true) }
    for keyword in keywords {
      let value = text(keyword.value, .lambda)
      texts.append(
        keyword.name.map { "\(listed(Identifiers.sanitized($0)))=\(value)" } ?? "**\(value)")
    }
    return calledName(callee) + listed("") + bracketed("(", texts.joined(separator: ", "), ")")
  }

  /// A callee; calls that Cython replaces early lose the position of the name.
  private func calledName(_ callee: Expression) -> String {
    guard case .name(let name) = callee, Self.replacedCalls.contains(name) else {
      return receiver(callee)
    }
    return perhaps(Identifiers.sanitized(name))
  }

  private static let replacedCalls: Set<String> = [
    "list", "dict", "set", "tuple", "frozenset", "sorted", "any", "all", "sum",
  ]

  private func text(_ expression: Expression, _ outer: Precedence, starred: Bool) -> String {
    if case .starred(let inner) = expression { return perhaps("*") + text(inner, .bitOr) }
    return text(expression, outer)
  }

  private func binary(
    _ left: Expression, _ operation: Expression.BinaryOperator, _ right: Expression
  ) -> (String, Precedence) {
    let precedence: Precedence =
      switch operation {
      case .or: .bitOr
      case .exclusiveOr: .bitExclusiveOr
      case .and: .bitAnd
      case .leftShift, .rightShift: .shift
      case .add, .subtract: .sum
      case .multiply, .matrixMultiply, .divide, .floorDivide, .remainder: .product
      case .power: .power
      }
    // A power binds tighter than a sign on its left, less tight than one on its right.
    let isPower = operation == .power
    let (first, second) =
      isPower
      ? (text(left, .await), text(right, .unary))
      : (text(left, precedence), text(right, precedence.next))
    return ("\(first) \(listed(operation.rawValue)) \(second)", precedence)
  }

  private func index(_ expression: Expression) -> String {
    switch expression {
    case .slice(let start, let stop, let step):
      let text =
        (start.map { self.text($0, .lambda) } ?? "") + perhaps(":")
        + (stop.map { self.text($0, .lambda) } ?? "")
      return text + (step.map { ":" + self.text($0, .lambda) } ?? "")
    case .tuple(let items) where !items.isEmpty && !items.contains(where: \.isStarred):
      let texts = items.map { item in
        if case .slice = item { return index(item) }
        return text(item, .lambda)
      }
      return texts.joined(separator: ", ") + (items.count == 1 ? "," : "")
    // A `yield` needs parentheses here.
    default: return text(expression, .assignment)
    }
  }

  private func sliceArguments(_ expression: Expression) -> String {
    guard case .slice(let start, let stop, let step) = expression else { return "" }
    let parts = [start, stop] + (step == nil ? [] : [step])
    return parts.map { $0.map { text($0, .lambda) } ?? "None" }.joined(separator: ", ")
  }

  private func comprehension(
    _ kind: Expression.ComprehensionKind, _ element: Expression, _ value: Expression?,
    _ generators: [Expression.Generator]
  ) -> String {
    var inner = text(element, .lambda)
    if let value { inner += ": " + text(value, .lambda) }
    for generator in generators {
      inner += " " + listed(generator.isAsync ? "async for " : "for ")
      inner += target(generator.target) + " in " + text(generator.iterable, .or)
      for condition in generator.conditions {
        inner += " " + listed("if ") + text(condition, .or)
      }
    }
    return switch kind {
    case .list: bracketed(listed("["), inner, "]")
    case .set, .dictionary: bracketed(listed("{"), inner, "}")
    case .generator: bracketed("(", inner, ")")
    }
  }

  /// A target of `for`, without parentheses around names in a row.
  func target(_ expression: Expression) -> String {
    guard case .tuple(let items) = expression, items.count > 1 else { return text(expression) }
    return items.map { text($0, .lambda, starred: true) }.joined(separator: ", ")
  }
}

extension Expression {
  var isStarred: Bool { if case .starred = self { true } else { false } }
}
