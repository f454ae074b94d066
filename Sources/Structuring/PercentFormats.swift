import Basics
import PythonSyntax

extension Expression {
  /// An f-string that Cython made of the `%` operator, as the source has it.
  ///
  /// ```
  /// f'{a!s}: {b.__int__():d}'     →     '%s: %d' % (a, b)
  /// f'{a!s:<5} {b:.2f}'           →     '%-5s %.2f' % (a, b)
  /// ```
  /// Only `%d` and its kin ask a number for its integer, which `int` does in another way. Nobody writes
  /// `!s` behind every value of an f-string.
  var withPercentFormat: Expression {
    guard case .formatted(let parts) = self,
      parts.contains(where: { $0.integerFormat != nil || $0.isConvertedToText })
    else { return self }
    return percentFormat(of: parts, isCertain: parts.contains { $0.integerFormat != nil }) ?? self
  }

  /// What may have been written with `%`, so written: every value has a format that both know.
  var withLikelyPercentFormat: Expression {
    guard case .formatted(let parts) = self else { return self }
    return percentFormat(of: parts, isCertain: false) ?? self
  }

  private func percentFormat(of parts: [FormattedPart], isCertain: Bool) -> Expression? {
    let percent: UInt32 = 0x25
    var format: [UInt32] = []
    var values: [Expression] = []
    for part in parts {
      if let (value, specification) = part.integerFormat {
        format += [percent] + specification.codePoints
        values.append(value)
        continue
      }
      switch part {
      case .text(let text):
        format += text.codePoints.flatMap { $0 == percent ? [percent, percent] : [$0] }
      case .value(let value, let conversion, let specification):
        let text =
          conversion == nil && specification == nil
          ? value.plainPercentFormat(isCertain) : Self.percentFormat(conversion, specification)
        guard let text else { return nil }
        format += [percent] + text.unicodeScalars.map(\.value)
        values.append(value)
      }
    }
    return .binary(.constant(.string(Text(codePoints: format))), .remainder, .tuple(values))
  }
}

extension Expression {
  /// How a value behind `%` is written that Cython knows to be a text or an integer.
  ///
  /// `isCertain` is whether the source is known to have a `%`.
  private func plainPercentFormat(_ isCertain: Bool) -> String? {
    switch self {
    case .call(.name("len"), _, []), .call(.name("ord"), _, []): "d"
    case .call(.name(let name), _, [])
    where ["repr", "str", "ascii", "chr", "hex", "oct", "bin"].contains(name):
      "s"
    case .call(.attribute(.constant(.string), _), _, []): "s"
    default: isCertain ? "s" : nil
    }
  }

  /// How a value is written behind `%`; nil if no `%` makes it so
  /// (`ConstantFolding._build_fstring` in `Cython/Compiler/Optimize.py`).
  private static func percentFormat(
    _ conversion: FormattedPart.Conversion?, _ specification: [FormattedPart]?
  ) -> String? {
    var width = ""
    if let specification {
      guard specification.count == 1, case .text(let text) = specification[0],
        let string = text.string
      else { return nil }
      width = string
    }
    if width.hasPrefix("<") { width = "-" + width.dropFirst() }
    if width.hasPrefix(">") { width = "0" + width.dropFirst() }
    let digits = width.drop { $0 == "-" }
    if let conversion {
      let isPlain = digits.allSatisfy { $0.isASCII && ($0.isNumber || $0 == ".") }
      return isPlain ? width + String(conversion.rawValue) : nil
    }
    guard let last = digits.last, "foxX".contains(last),
      digits.dropLast().allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") })
    else { return nil }
    return width
  }
}

extension Expression.FormattedPart {
  /// Whether this is a value with `!s`.
  fileprivate var isConvertedToText: Bool {
    if case .value(_, .string?, _) = self { true } else { false }
  }

  /// The number and how it is written, if this writes the integer of a number.
  ///
  /// `<` in front of the width stands for the `-` of `%-5d`.
  fileprivate var integerFormat: (value: Expression, specification: Text)? {
    guard
      case .value(
        .call(.attribute(let value, "__int__"), let arguments, let keywords), nil, let inner?) =
        self, arguments.isEmpty, keywords.isEmpty, inner.count == 1,
      case .text(let text) = inner[0],
      let string = text.string, let last = string.last, "doxX".contains(last)
    else { return nil }
    let width = string.hasPrefix("<") ? "-" + string.dropFirst() : string
    guard width.drop(while: { $0 == "-" }).dropLast().allSatisfy({ $0.isASCII && $0.isNumber })
    else { return nil }
    return (value, Text(codePoints: width.unicodeScalars.map(\.value)))
  }
}
