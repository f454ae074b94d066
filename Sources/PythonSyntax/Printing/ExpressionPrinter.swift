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
  func text(_ expression: Expression, _ outer: Precedence = .none) -> String {
    let (text, precedence) = parts(expression)
    return precedence < outer ? "(\(text))" : text
  }

  private func list(_ expressions: [Expression]) -> String {
    expressions.map { text($0, .assignment.next, starred: true) }.joined(separator: ", ")
  }

  private func parts(_ expression: Expression) -> (String, Precedence) {
    switch expression {
    case .constant(let value): return constant(value)
    case .name(let name): return (Identifiers.sanitized(name), .atom)
    case .attribute(let object, let name):
      return (receiver(object) + "." + Identifiers.sanitized(name), .primary)
    case .item(let object, let index):
      return ("\(receiver(object))[\(self.index(index))]", .primary)
    case .slice: return ("slice(\(sliceArguments(expression)))", .primary)
    case .starred(let inner): return ("*" + text(inner, .bitOr), .none)
    case .call(let callee, let arguments, let keywords):
      return (call(callee, arguments, keywords), .primary)
    case .unary(let operation, let inner):
      let precedence: Precedence = operation == .not ? .not : .unary
      return (operation.rawValue + text(inner, precedence), precedence)
    case .binary(let left, let operation, let right): return binary(left, operation, right)
    case .boolean(let operation, let operands):
      let precedence: Precedence = operation == .or ? .or : .and
      return (
        operands.map { text($0, precedence.next) }.joined(separator: " \(operation.rawValue) "),
        precedence
      )
    case .comparison(let first, let rest):
      let tail = rest.map { " \($0.operator.rawValue) " + text($0.operand, .bitOr) }
      return (text(first, .bitOr) + tail.joined(), .comparison)
    case .conditional(let test, let yes, let no):
      return (
        "\(text(yes, .or)) if \(text(test, .or)) else \(text(no, .conditional))", .conditional
      )
    case .lambda(let parameters, let body):
      let list = ParameterPrinter(self).text(parameters)
      return ("lambda\(list.isEmpty ? "" : " ")\(list): \(text(body, .lambda))", .lambda)
    default: return displayParts(expression)
    }
  }

  private func displayParts(_ expression: Expression) -> (String, Precedence) {
    switch expression {
    case .tuple(let items):
      return (items.count == 1 ? "(\(list(items)),)" : "(\(list(items)))", .atom)
    case .list(let items): return ("[\(list(items))]", .atom)
    case .set(let items): return (items.isEmpty ? "set()" : "{\(list(items))}", .atom)
    case .dictionary(let entries):
      let texts = entries.map { entry in
        entry.key.map { "\(text($0, .lambda)): \(text(entry.value, .lambda))" }
          ?? "**\(text(entry.value, .bitOr))"
      }
      return ("{\(texts.joined(separator: ", "))}", .atom)
    case .comprehension(let kind, let element, let value, let generators):
      return (comprehension(kind, element, value, generators), .atom)
    case .formatted(let parts): return (FormattedStringPrinter(self).text(parts), .atom)
    case .await(let inner): return ("await " + text(inner, .primary), .await)
    case .yield(let inner): return ("yield" + (inner.map { " " + text($0) } ?? ""), .none)
    case .yieldFrom(let inner): return ("yield from " + text(inner, .lambda), .none)
    case .assignment(let name, let value):
      return ("\(Identifiers.sanitized(name)) := \(text(value, .lambda))", .assignment)
    default: return ("...", .atom)
    }
  }

  // MARK: Parts

  private func constant(_ value: Expression.Constant) -> (String, Precedence) {
    switch value {
    case .none: ("None", .atom)
    case .true: ("True", .atom)
    case .false: ("False", .atom)
    case .ellipsis: ("...", .atom)
    case .integer(let number): (Literals.integer(number), number < 0 ? .unary : .atom)
    case .float(let number):
      (Literals.float(number), number.sign == .minus && !number.isNaN ? .unary : .atom)
    case .imaginary(let number):
      (Literals.float(number) + "j", number.sign == .minus ? .unary : .atom)
    case .string(let text): (Literals.string(text), .atom)
    case .bytes(let bytes): (Literals.bytes(bytes), .atom)
    }
  }

  /// What stands before a dot, bracket or parenthesis; numbers need parentheses there.
  private func receiver(_ expression: Expression) -> String {
    if case .constant(.integer) = expression { return "(\(text(expression)))" }
    return text(expression, .primary)
  }

  func call(
    _ callee: Expression, _ arguments: [Expression], _ keywords: [Expression.Keyword]
  ) -> String {
    // A generator expression alone needs no parentheses of its own.
    if keywords.isEmpty, arguments.count == 1,
      case .comprehension(.generator, _, _, _) = arguments[0]
    {
      return receiver(callee) + text(arguments[0])
    }
    var texts = arguments.map { text($0, .lambda, starred: true) }
    for keyword in keywords {
      let value = text(keyword.value, .lambda)
      texts.append(keyword.name.map { "\(Identifiers.sanitized($0))=\(value)" } ?? "**\(value)")
    }
    return "\(receiver(callee))(\(texts.joined(separator: ", ")))"
  }

  private func text(_ expression: Expression, _ outer: Precedence, starred: Bool) -> String {
    if case .starred(let inner) = expression { return "*" + text(inner, .bitOr) }
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
    return ("\(first) \(operation.rawValue) \(second)", precedence)
  }

  private func index(_ expression: Expression) -> String {
    switch expression {
    case .slice(let start, let stop, let step):
      let text =
        (start.map { self.text($0, .lambda) } ?? "") + ":"
        + (stop.map { self.text($0, .lambda) } ?? "")
      return text + (step.map { ":" + self.text($0, .lambda) } ?? "")
    case .tuple(let items) where !items.isEmpty && !items.contains(where: \.isStarred):
      let texts = items.map { item in
        if case .slice = item { return index(item) }
        return text(item, .lambda)
      }
      return texts.joined(separator: ", ") + (items.count == 1 ? "," : "")
    default: return text(expression)
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
      inner += generator.isAsync ? " async for " : " for "
      inner += target(generator.target) + " in " + text(generator.iterable, .or)
      for condition in generator.conditions { inner += " if " + text(condition, .or) }
    }
    return switch kind {
    case .list: "[\(inner)]"
    case .set, .dictionary: "{\(inner)}"
    case .generator: "(\(inner))"
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
