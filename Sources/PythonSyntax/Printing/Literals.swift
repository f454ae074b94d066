package import Basics
package import BigInt

/// Python literals for values.
///
/// Every control, bidirectional and invisible character is escaped.
package enum Literals {
  /// A string literal, in single quotes unless the text has more of those than of double ones.
  package static func string(_ text: Text) -> String {
    let singles = text.codePoints.count { $0 == 0x27 }
    let doubles = text.codePoints.count { $0 == 0x22 }
    let quote: Character = singles > 0 && doubles == 0 ? "\"" : "'"
    return String(quote) + escaped(text, quote: quote) + String(quote)
  }

  /// The inside of a string literal.
  ///
  /// `isTriple` says whether three quotes stand around it: newlines stay then, and so do quotes that end nothing.
  static func escaped(_ text: Text, quote: Character, isTriple: Bool = false) -> String {
    var result = ""
    let last = text.codePoints.count - 1
    var quotes = 0
    for (index, value) in text.codePoints.enumerated() {
      let previousQuotes = quotes
      quotes = 0
      guard let scalar = Unicode.Scalar(value) else {
        result += "\\u" + hexadecimal(value, 4)
        continue
      }
      switch scalar {
      case "\\": result += "\\\\"
      case "\n": result += isTriple ? "\n" : "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      default:
        if Character(scalar) == quote {
          if isTriple, previousQuotes < 2, index < last {
            result.append(quote)
            quotes = previousQuotes + 1
          } else {
            result += "\\" + String(quote)
          }
        } else if isPrintable(scalar) {
          result.unicodeScalars.append(scalar)
        } else {
          result += escape(value)
        }
      }
    }
    return result
  }

  private static func escape(_ value: UInt32) -> String {
    switch value {
    case ..<0x100: "\\x" + hexadecimal(value, 2)
    case ..<0x10000: "\\u" + hexadecimal(value, 4)
    default: "\\U" + hexadecimal(value, 8)
    }
  }

  private static func hexadecimal(_ value: UInt32, _ width: Int) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  /// Whether a character shows as itself wherever it is printed.
  static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return scalar.value >= 0x20 && scalar.value < 0x7F }
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
      .paragraphSeparator, .spaceSeparator:
      return false
    case .nonspacingMark, .enclosingMark:
      // A mark would change the character before it, a quote perhaps.
      return false
    default: return true
    }
  }

  package static func bytes(_ bytes: [UInt8]) -> String {
    let hasSingle = bytes.contains(0x27)
    let quote: UInt8 = hasSingle && !bytes.contains(0x22) ? 0x22 : 0x27
    var result = "b" + String(UnicodeScalar(quote))
    for byte in bytes {
      switch byte {
      case 0x5C: result += "\\\\"
      case 0x0A: result += "\\n"
      case 0x0D: result += "\\r"
      case 0x09: result += "\\t"
      case quote: result += "\\" + String(UnicodeScalar(byte))
      case 0x20..<0x7F: result.unicodeScalars.append(UnicodeScalar(byte))
      default: result += "\\x" + hexadecimal(UInt32(byte), 2)
      }
    }
    return result + String(UnicodeScalar(quote))
  }

  /// A `float` in the spelling of Python's `repr`, so that it reads back as the same number.
  package static func float(_ value: Double) -> String {
    if value.isNaN { return "(1e309 - 1e309)" }
    if value.isInfinite { return value < 0 ? "-1e309" : "1e309" }
    var text = value.description
    if let exponent = text.firstIndex(of: "e") {
      let (mantissa, power) = (text[..<exponent], text[text.index(after: exponent)...])
      let short = mantissa.hasSuffix(".0") ? mantissa.dropLast(2) : mantissa
      let sign = power.hasPrefix("-") ? "-" : "+"
      let digits = power.drop { $0 == "-" || $0 == "+" }
      text = short + "e" + sign + (digits.count < 2 ? "0" + digits : digits)
    }
    return text
  }

  /// An integer; very long ones are hexadecimal, as Python limits the length of decimal ones.
  package static func integer(_ value: BigInt) -> String {
    guard value.magnitude.bitWidth > 14_000 else { return value.description }
    return (value < 0 ? "-" : "") + "0x" + String(value.magnitude, radix: 16)
  }
}
