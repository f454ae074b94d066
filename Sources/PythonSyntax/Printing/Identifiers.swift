/// Names that may stand in Python source.
package enum Identifiers {
  /// Words that are never names, from CPython's `Grammar/python.gram`.
  package static let keywords: Set<String> = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import",
    "in",
    "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with",
    "yield",
  ]

  /// Whether a text is a name as it stands.
  package static func isValid(_ text: String) -> Bool {
    guard let first = text.unicodeScalars.first, text.unicodeScalars.count <= 255 else {
      return false
    }
    return (first == "_" || first.properties.isXIDStart)
      && text.unicodeScalars.allSatisfy { $0.properties.isXIDContinue }
      && !keywords.contains(text)
  }

  /// A name for any text: itself if it is one, else one with everything foreign replaced.
  ///
  /// Text from a binary never reaches the source in any other form.
  package static func sanitized(_ text: String) -> String {
    if isValid(text) { return text }
    var result = ""
    for scalar in text.unicodeScalars.prefix(200) {
      if scalar.isASCII && (scalar.properties.isXIDContinue) {
        result.unicodeScalars.append(scalar)
      } else {
        result += "_x" + String(scalar.value, radix: 16) + "_"
      }
    }
    if result.isEmpty || result.first?.isNumber == true || keywords.contains(result) {
      result = "_" + result
    }
    return isValid(result) ? result : "_unnamed"
  }

  /// A dotted name with every component made valid.
  package static func sanitizedPath(_ text: String) -> String {
    text.split(separator: ".", omittingEmptySubsequences: false)
      .map { sanitized(String($0)) }.joined(separator: ".")
  }
}
